//! The draft socket types, and what only they can do.

mod client_server;
mod dgram;
mod draft_polling;
mod greetings;
mod radio_dish;
mod sharing;
