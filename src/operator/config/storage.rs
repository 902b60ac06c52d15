//! The storage section.

use super::{Generator, quantity};
use crate::operator::fields::Fields;
use crate::operator::refusal::{Check, refuse};
use crate::source::Mapping;

impl Generator<'_> {
    /// Checks both kinds make before they write anything.
    fn check_storage(&self, tsdb: Fields<'_>) -> Check {
        if let Some(threshold) = tsdb.value("staleSeriesCompactionThreshold")
            && !(0.0..=1.0).contains(&quantity::number(threshold))
        {
            let shown = threshold.as_str().map_or_else(|| threshold.to_string(), str::to_owned);
            return refuse(format!(
                "`staleSeriesCompactionThreshold` must be between 0 and 1. The current value is {shown}"
            ));
        }
        let is_xor = tsdb.at("chunkEncoding").str("floats") == "Xor";
        if is_xor && self.prometheus.strings("enableFeatures").any(|feature| feature == "st-storage") {
            return refuse(
                "chunk encoding \"Xor\" is incompatible with --enable-feature=st-storage (XOR chunks do not store start \
                 timestamps)",
            );
        }
        Ok(())
    }

    fn chunk_encoding(tsdb: Fields<'_>) -> Option<Mapping> {
        let floats = tsdb.at("chunkEncoding").opt_str("floats")?;
        Some(Mapping::new().with("floats", floats.to_lowercase()))
    }

    /// That of a server.
    pub(super) fn storage(&self, config: &mut Mapping) -> Check {
        let spec = self.prometheus;
        let tsdb = spec.at("tsdb");
        self.check_storage(tsdb)?;
        let mut storage = Mapping::new();
        if let Some(most) = spec.at("exemplars").value("maxSize")
            && self.since(2, 29, 0)
        {
            storage
                .push("exemplars", Mapping::new().with("max_exemplars", crate::source::Ordered::from(most)));
        }
        let mut made = Mapping::new();
        if self.since(2, 39, 0) {
            super::copy(tsdb, &mut made, &[("outOfOrderTimeWindow", "out_of_order_time_window")]);
        }
        if self.since(3, 10, 0) {
            let threshold = tsdb.value("staleSeriesCompactionThreshold").map(quantity::number);
            made.push_some("stale_series_compaction_threshold", threshold);
        }
        if self.since(3, 13, 0) {
            made.push_some("chunk_encoding", Self::chunk_encoding(tsdb));
        }
        if self.since(3, 11, 0) {
            let (time, size) = (spec.str("retention"), spec.str("retentionSize"));
            let mut retention = Mapping::new();
            match (time, size) {
                ("", "") => retention.push("time", "24h"),
                ("", _) => {}
                (time, _) => retention.push("time", time.to_owned()),
            }
            if !size.is_empty() {
                retention.push("size", size.to_owned());
            }
            made.push("retention", retention);
        }
        if !made.is_empty() {
            storage.push("tsdb", made);
        }
        if !storage.is_empty() && self.since(2, 29, 0) {
            config.push("storage", storage);
        }
        Ok(())
    }

    /// That of an agent, which has one section for each setting.
    pub(super) fn agent_storage(&self, config: &mut Mapping) -> Check {
        let tsdb = self.prometheus.at("tsdb");
        self.check_storage(tsdb)?;
        let mut section = |key: &'static str, value: Option<crate::source::Ordered>| {
            if let Some(value) = value {
                config.push("storage", Mapping::new().with("tsdb", Mapping::new().with(key, value)));
            }
        };
        if self.since(2, 54, 0) {
            let window = tsdb.value("outOfOrderTimeWindow").map(crate::source::Ordered::from);
            section("out_of_order_time_window", window);
        }
        if self.since(3, 10, 0) {
            let threshold = tsdb.value("staleSeriesCompactionThreshold").map(quantity::number);
            section("stale_series_compaction_threshold", threshold.map(crate::source::Ordered::from));
        }
        if self.since(3, 13, 0) {
            section("chunk_encoding", Self::chunk_encoding(tsdb).map(crate::source::Ordered::from));
        }
        Ok(())
    }
}
