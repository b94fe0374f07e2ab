//! The draft socket types, and their special features.

mod client_server;
mod dgram;
mod draft_polling;
mod greetings;
mod radio_dish;
mod sharing;
