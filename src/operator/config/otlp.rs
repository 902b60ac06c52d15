//! The section for OTLP.

use super::Generator;
use crate::operator::refusal::{Check, refuse};
use crate::source::Mapping;

/// Field, key, and the version that knows it.
const SETTINGS: &[(&str, &str, (u64, u64))] = &[
    ("translationStrategy", "translation_strategy", (3, 0)),
    ("keepIdentifyingResourceAttributes", "keep_identifying_resource_attributes", (3, 1)),
    ("convertHistogramsToNHCB", "convert_histograms_to_nhcb", (3, 4)),
    ("promoteAllResourceAttributes", "promote_all_resource_attributes", (3, 5)),
    ("ignoreResourceAttributes", "ignore_resource_attributes", (3, 5)),
    ("promoteScopeMetadata", "promote_scope_metadata", (3, 6)),
    ("labelNameUnderscoreSanitization", "label_name_underscore_sanitization", (3, 8)),
    ("labelNamePreserveMultipleUnderscores", "label_name_preserve_multiple_underscores", (3, 8)),
];

impl Generator<'_> {
    pub(super) fn otlp(&self, config: &mut Mapping) -> Check {
        let Some(otlp) = self.prometheus.opt("otlp") else { return Ok(()) };
        if !self.since(2, 55, 0) {
            return refuse("OTLP configuration is only supported from Prometheus version 2.55.0");
        }
        let strategy = otlp.str("translationStrategy");
        if strategy == "NoUTF8EscapingWithSuffixes" && self.prometheus.str("nameValidationScheme") == "Legacy"
        {
            return refuse(
                "nameValidationScheme \"Legacy\" is not compatible with OTLP translation strategy \
                 \"NoUTF8EscapingWithSuffixes\"",
            );
        }
        for (known, name, since) in [
            (self.since(3, 4, 0), "NoTranslation", "3.4.0"),
            (self.since(3, 6, 0), "UnderscoreEscapingWithoutSuffixes", "3.6.0"),
        ] {
            if !known && strategy == name {
                // The blank at the end is the operator's.
                return refuse(format!(
                    "nameValidationScheme \"{name}\" is only supported from Prometheus version {since} "
                ));
            }
        }
        let filled = |field| !otlp.list(field).is_empty();
        let all = otlp.is_true("promoteAllResourceAttributes");
        if self.since(3, 5, 0) && filled("promoteResourceAttributes") && all {
            return refuse(
                "'promoteAllResourceAttributes' cannot be set to 'true' simultaneously with 'promoteResourceAttributes'",
            );
        }
        if self.since(3, 5, 0) && filled("ignoreResourceAttributes") && !all {
            return refuse(
                "'ignoreResourceAttributes' can only be set when 'promoteAllResourceAttributes' is true",
            );
        }
        let mut made = Mapping::new();
        if filled("promoteResourceAttributes") {
            super::copy(otlp, &mut made, &[("promoteResourceAttributes", "promote_resource_attributes")]);
        }
        for (field, key, (major, minor)) in SETTINGS {
            let is_empty_list =
                otlp.value(field).and_then(serde_json::Value::as_array).is_some_and(Vec::is_empty);
            if self.since(*major, *minor, 0) && !is_empty_list {
                super::copy(otlp, &mut made, &[(field, key)]);
            }
        }
        if !made.is_empty() {
            config.push("otlp", made);
        }
        Ok(())
    }
}
