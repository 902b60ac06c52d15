//! Role `ingress`.

use super::super::found::Point;
use super::super::label::{Meta, Set, Writer};
use crate::kubernetes::snapshot::{Ingress, Text};

pub(super) fn targets<'s>(ingress: &'s Ingress, take: &mut impl FnMut(Point<'s>)) {
    for rule in &ingress.rules {
        match &rule.paths {
            None => take(Point::Path { host: &rule.host, path: None }),
            Some(paths) => {
                for path in paths {
                    take(Point::Path { host: &rule.host, path: Some(path) });
                }
            }
        }
    }
}

pub(super) fn write_group(ingress: &Ingress, writer: &mut Writer<'_>) {
    writer.set(Meta::Namespace, &ingress.meta.namespace);
    if let Some(class) = &ingress.class_name {
        writer.set(Meta::IngressClassName, class);
    }
    writer.set(Meta::IngressName, &ingress.meta.name);
    writer.pairs(Set::IngressLabels, &ingress.meta.labels);
    writer.pairs(Set::IngressAnnotations, &ingress.meta.annotations);
}

pub(super) fn write_target(ingress: &Ingress, host: &Text, path: Option<&Text>, writer: &mut Writer<'_>) {
    writer.set(Meta::Address, host);
    let has_certificate = || ingress.tls_hosts.iter().any(|pattern| matches(pattern, host));
    writer.set_with(Meta::IngressScheme, || if has_certificate() { "https" } else { "http" }.into());
    writer.set(Meta::IngressHost, host);
    writer.set_with(Meta::IngressPath, || match path {
        Some(path) if !path.is_empty() => path.clone(),
        _ => "/".into(),
    });
}

/// Whether a host is the one of a certificate, whose first label may be a wildcard.
fn matches(pattern: &str, host: &str) -> bool {
    if pattern == host {
        return true;
    }
    match (pattern.split_once('.'), host.split_once('.')) {
        (Some(("*", rest)), Some((_, of_host))) => rest == of_host,
        // A wildcard alone is for hosts without a dot.
        (None, None) => pattern == "*",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_wildcard_stands_for_one_label() {
        for (pattern, host, expected) in [
            ("a.b", "a.b", true),
            ("*.b", "a.b", true),
            ("*.b", "b", false),
            ("*.b", "x.a.b", false),
            ("*", "a", true),
            ("*", "a.b", false),
            ("a.*", "a.b", false),
        ] {
            assert_eq!(matches(pattern, host), expected, "{pattern} {host}");
        }
    }
}
