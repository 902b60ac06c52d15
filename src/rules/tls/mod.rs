//! Rules about certificates, keys and TLS of monitors.

pub(super) mod empty_material;
pub(super) mod expires_soon;
pub(super) mod foreign_class;
pub(super) mod incomplete_tls;
mod judge;
pub(super) mod key_mismatch;
pub(super) mod not_valid_now;
pub(super) mod tls_without_https;
pub(super) mod unusable_certificate;
pub(super) mod unverified;
pub(super) mod wrong_authority;
pub(super) mod wrong_server_name;
pub(super) mod wrong_usage;
