//! The end of a context that must not block the thread that drops its last share.

use core::mem::ManuallyDrop;
use std::sync::Arc;
use std::thread::Builder;

use super::Inner;
use crate::sys::signals::without_signals;

/// A share of a context. If it is the last one, a thread ends the context.
pub(crate) struct EndsInThread(Option<Arc<Inner>>);

impl EndsInThread {
    pub(crate) fn new(context: Arc<Inner>) -> EndsInThread {
        EndsInThread(Some(context))
    }
}

impl Drop for EndsInThread {
    fn drop(&mut self) {
        let Some(context) = self.0.take().and_then(Arc::into_inner) else { return };
        if !context.is_here_exactly() {
            return;
        }
        // If the system starts no thread, the context stays, because here nothing may wait for its end.
        let context = ManuallyDrop::new(context);
        let end = move || drop(ManuallyDrop::into_inner(context));
        let _ = without_signals(|| Builder::new().name("zmq-end".to_owned()).spawn(end));
    }
}
