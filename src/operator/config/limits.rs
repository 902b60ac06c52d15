//! Limits of a scrape job, and what else jobs of all kinds have in common.

use super::{Generator, quantity};
use crate::operator::fields::Fields;
use crate::prom::size;
use crate::source::{Mapping, Ordered};

/// Field, key, the Prometheus' field that enforces it, and the version that knows it.
const LIMITS: &[(&str, &str, &str, (u64, u64))] = &[
    ("sampleLimit", "sample_limit", "enforcedSampleLimit", (0, 0)),
    ("targetLimit", "target_limit", "enforcedTargetLimit", (2, 21)),
    ("labelLimit", "label_limit", "enforcedLabelLimit", (2, 27)),
    ("labelNameLengthLimit", "label_name_length_limit", "enforcedLabelNameLengthLimit", (2, 27)),
    ("labelValueLengthLimit", "label_value_length_limit", "enforcedLabelValueLengthLimit", (2, 27)),
    ("keepDroppedTargets", "keep_dropped_targets", "enforcedKeepDroppedTargets", (2, 47)),
];

impl Generator<'_> {
    pub(super) fn limits(&self, to: &mut Mapping, spec: Fields<'_>) {
        for (field, key, enforced, (major, minor)) in LIMITS {
            let limit = self.limit(spec.int(field), self.prometheus.int(enforced));
            if self.since(*major, *minor, 0) {
                to.push_some(*key, limit);
            }
        }
    }

    /// The smaller of two limits, where 0 is none. Since 2.45 the enforced one is in the global section already.
    fn limit(&self, own: Option<i64>, enforced: Option<i64>) -> Option<i64> {
        match (own.unwrap_or(0), enforced.unwrap_or(0)) {
            (_, 0) => own,
            (0, _) if self.since(2, 45, 0) => None,
            (0, _) => enforced,
            (ours, theirs) if theirs > ours => own,
            _ => enforced,
        }
    }

    /// Limits of the global section.
    pub(super) fn global_limits(&self, to: &mut Mapping) {
        for (field, key, enforced, _) in LIMITS {
            let known = if *field == "keepDroppedTargets" { (2, 47) } else { (2, 45) };
            let (own, enforced) =
                (self.prometheus.int(field).unwrap_or(0), self.prometheus.int(enforced).unwrap_or(0));
            let limit = match (own > 0, enforced > 0) {
                (true, true) => own.min(enforced),
                (true, false) => own,
                (false, true) => enforced,
                (false, false) => continue,
            };
            if self.since(known.0, known.1, 0) {
                to.push(*key, limit);
            }
        }
    }

    /// The smaller of two sizes. Unlike other limits, the enforced one is repeated in each job.
    pub(super) fn body_size(&self, to: &mut Mapping, spec: Fields<'_>) {
        let (own, enforced) = (spec.str("bodySizeLimit"), self.prometheus.str("enforcedBodySizeLimit"));
        let limit = match (own, enforced) {
            (own, "") => own,
            ("", enforced) => enforced,
            (own, enforced) if size::bytes(own) > size::bytes(enforced) => enforced,
            (own, _) => own,
        };
        if !limit.is_empty() && self.since(2, 28, 0) {
            to.push("body_size_limit", limit.to_owned());
        }
    }

    pub(super) fn histograms(&self, to: &mut Mapping, spec: Fields<'_>) {
        if self.since(3, 8, 0) {
            super::copy(spec, to, &[("scrapeNativeHistograms", "scrape_native_histograms")]);
        }
        if self.since(2, 45, 0) {
            super::copy(spec, to, &[("nativeHistogramBucketLimit", "native_histogram_bucket_limit")]);
        }
        if self.since(2, 50, 0) {
            let factor = spec.value("nativeHistogramMinBucketFactor").map(quantity::number);
            to.push_some("native_histogram_min_bucket_factor", factor);
        }
        if self.version.major == 3 {
            super::copy(spec, to, &[("scrapeClassicHistograms", "always_scrape_classic_histograms")]);
        } else if self.since(2, 45, 0) {
            super::copy(spec, to, &[("scrapeClassicHistograms", "scrape_classic_histograms")]);
        }
        if self.since(3, 0, 0) {
            let field = ("convertClassicHistogramsToNHCB", "convert_classic_histograms_to_nhcb");
            super::copy(spec, to, &[field]);
        }
    }

    /// `scrape_protocols`, without those the version does not know; an empty list may be left.
    pub(super) fn protocols(&self, to: &mut Mapping, spec: Fields<'_>) {
        let protocols: Vec<&str> = spec.strings("scrapeProtocols").collect();
        if protocols.is_empty() || !self.since(2, 49, 0) {
            return;
        }
        // The first release candidate knows it already.
        let knows_text_1 = crate::prom::version::Version::parse_tolerant("3.0.0-rc.0")
            .is_ok_and(|candidate| self.version >= candidate);
        let known: Vec<Ordered> = protocols
            .into_iter()
            .filter(|protocol| knows_text_1 || *protocol != "PrometheusText1.0.0")
            .map(|protocol| Ordered::from(protocol.to_owned()))
            .collect();
        to.push("scrape_protocols", known);
    }

    pub(super) fn fallback_protocol(&self, to: &mut Mapping, spec: Fields<'_>, class: Fields<'_>) {
        if self.since(3, 0, 0) {
            let field = "fallbackScrapeProtocol";
            let protocol = spec.value(field).or_else(|| class.value(field));
            to.push_some("fallback_scrape_protocol", protocol.map(Ordered::from));
        }
    }

    pub(super) fn honor_labels(&self, to: &mut Mapping, honor: bool) {
        to.push("honor_labels", honor && !self.prometheus.is_true("overrideHonorLabels"));
    }

    pub(super) fn honor_timestamps(&self, to: &mut Mapping, honor: Option<bool>) {
        let overridden = self.prometheus.is_true("overrideHonorTimestamps");
        if (honor.is_some() || overridden) && self.since(2, 9, 0) {
            to.push("honor_timestamps", honor.unwrap_or(false) && !overridden);
        }
    }

    pub(super) fn track_staleness(&self, to: &mut Mapping, owner: Fields<'_>) {
        if self.since(2, 48, 0) {
            super::copy(owner, to, &[("trackTimestampsStaleness", "track_timestamps_staleness")]);
        }
    }

    /// `metric_name_validation_scheme`.
    pub(super) fn name_validation(&self, to: &mut Mapping, spec: Fields<'_>) {
        if self.since(3, 0, 0) {
            let scheme = spec.opt_str("nameValidationScheme").map(str::to_lowercase);
            to.push_some("metric_name_validation_scheme", scheme);
        }
    }

    /// `metric_name_escaping_scheme`.
    pub(super) fn name_escaping(&self, to: &mut Mapping, spec: Fields<'_>) {
        let scheme = match spec.str("nameEscapingScheme") {
            "AllowUTF8" => "allow-utf-8",
            "Underscores" => "underscores",
            "Dots" => "dots",
            "Values" => "values",
            _ => return,
        };
        if self.since(3, 4, 0) {
            to.push("metric_name_escaping_scheme", scheme);
        }
    }
}

/// Pushes a field that is not empty.
pub(super) fn push_filled(to: &mut Mapping, owner: Fields<'_>, field: &str, key: &'static str) {
    let text = owner.str(field);
    if !text.is_empty() {
        to.push(key, text.to_owned());
    }
}

/// `scheme`, in small letters.
pub(super) fn push_scheme(to: &mut Mapping, owner: Fields<'_>) {
    to.push_some("scheme", owner.opt_str("scheme").map(str::to_lowercase));
}
