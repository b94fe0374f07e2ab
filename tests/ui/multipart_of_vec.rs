//! A `Vec` or a slice can be empty, but a multipart message cannot.
//@ error: E0277
//@ says: `Vec<&str>` is not a multipart message
//@ says: `&[&[u8]]` is not a multipart message
//@ says: write `Multipart::try_from(vec)?`
//@ says: write `Multipart::from_frames(slice.iter().copied())`, which is `None` without parts

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let socket = zmq::Context::new()?.socket(zmq::Push)?;
    let vec = vec!["a", "b"];
    let slice: &[&[u8]] = &[b"a", b"bb"];
    #[cfg(wrong)]
    {
        socket.try_send_multipart(vec)?;
        socket.try_send_multipart(slice)?;
    }
    #[cfg(right)]
    {
        socket.try_send_multipart(zmq::Multipart::try_from(vec)?)?;
        if let Some(message) = zmq::Multipart::from_frames(slice.iter().copied()) {
            socket.try_send_multipart(message)?;
        }
    }
    Ok(())
}
