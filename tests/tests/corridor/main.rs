//! The whole corridor with real parts: the binary as its user starts it, real sockets, real third-party clients.
//!
//! What one crate can hold by itself is held there. Each test here needs the binary, and starts it on free ports.

mod author;
mod check;
mod demo;
mod game;
mod plays;
mod reload;
mod replay;
mod run;
mod service;
