//! Certificates and keys: read, compared and judged as Go's `crypto/tls` and `crypto/x509` (1.26) do, because the
//! operator, Prometheus and etcd are Go programs and their verdict is what counts.
//!
//! * [`pair_matches`]: does a certificate go with a key (what prometheus-operator asks before it takes a `tlsConfig`).
//! * [`Certificate::from_first_block`]: is a `ca` one to prometheus-operator.
//! * [`Certificate`]: names, addresses, usages and validity; [`Certificate::is_valid_for`] a `serverName`,
//!   [`Certificate::is_trusted`] by authorities. [`Moment`] is the clock, which callers bring.
//!
//! Types of this room never show keys: their `Debug` says what kind of thing they are and no more. Files are read
//! elsewhere; what comes in here is bytes.

mod certificate;
mod chain;
mod der;
#[doc(hidden)]
pub mod fuzz;
mod moment;
mod names;
mod pair;
mod pem;
mod private_key;
mod public_key;

pub use certificate::{Certificate, CertificateError, Usage, Validity, name_from_der};
pub use chain::TrustError;
pub use moment::Moment;
pub use names::NameError;
pub use pair::{PairError, keys_match, pair_matches};
pub use pem::{Block, Leftover, blocks};
pub use private_key::{KeyError, PrivateKey};
pub use public_key::{Curve, PublicKey};

#[cfg(test)]
#[path = "../../tests/support/certificates.rs"]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
