//! Ingresses.

use super::meta::Meta;
use super::text::Text;

/// An Ingress.
#[derive(Debug, Clone, Default)]
pub struct Ingress {
    /// Its metadata.
    pub meta: Meta,
    /// `spec.ingressClassName`
    pub class_name: Option<Text>,
    /// The hosts that have a certificate.
    pub tls_hosts: Box<[Text]>,
    /// Its rules.
    pub rules: Box<[IngressRule]>,
}

/// A rule of an Ingress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressRule {
    /// The host, empty for any.
    pub host: Text,
    /// The paths; none where the rule says nothing about HTTP.
    pub paths: Option<Box<[Text]>>,
}
