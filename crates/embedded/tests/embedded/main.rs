//! The private server from outside: started, shared and killed, with real processes.

mod killing;
mod sharing;
mod starting;
mod support;
