//! The mock over real loopback sockets, driven by plain blocking clients.

mod delays;
mod limits;
mod manners;
mod support;
