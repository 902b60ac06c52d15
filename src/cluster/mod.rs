//! What talks to an API server, a Prometheus or an endpoint, and nothing else.

pub mod handshake;
