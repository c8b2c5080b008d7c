//! The mock over real loopback sockets, driven by plain blocking clients.
#![cfg(test)]

mod bodies;
mod delays;
mod limits;
mod manners;
mod stalls;
mod support;
