//! The certificates that monitors use.

use crate::chain::Chain;
use crate::chain::material::Material;
use crate::chain::references::Role;
use crate::pki::Certificate;

/// A certificate, and where it is from.
pub(super) struct Judged<'c, 'w> {
    pub(super) material: &'c Material<'w>,
    pub(super) certificate: Certificate,
}

/// Every certificate that can be read: all of an authority's bundle, the first of a client's chain. One that several monitors
/// use is there once.
pub(super) fn certificates<'c, 'w>(chain: &'c Chain<'w>) -> Vec<Judged<'c, 'w>> {
    let mut seen = std::collections::BTreeSet::new();
    let mut judged = Vec::new();
    for material in &chain.material {
        if !seen.insert((material.object.id(), material.key.as_str(), material.role as u8)) {
            continue;
        }
        let certificates = match material.role {
            Role::Authority => Certificate::pool_from_pem(material.bytes()),
            Role::Certificate => Certificate::first_from_pem(material.bytes()).into_iter().collect(),
            Role::Key | Role::Credential => Vec::new(),
        };
        judged.extend(certificates.into_iter().map(|certificate| Judged { material, certificate }));
    }
    judged
}

/// What a certificate is for, in a sentence.
pub(super) const fn name(role: Role) -> &'static str {
    match role {
        Role::Authority => "authority",
        Role::Certificate | Role::Key | Role::Credential => "certificate",
    }
}
