//! Rules about TLS as monitors ask for it.

pub(super) mod incomplete_tls;
