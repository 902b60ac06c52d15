//! Rules about TLS as monitors ask for it.

pub(super) mod empty_material;
pub(super) mod foreign_class;
pub(super) mod incomplete_tls;
