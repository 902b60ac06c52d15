//! The section for tracing.

use super::http::Tls;
use super::{Generator, quantity};
use crate::operator::admit::http;
use crate::operator::refusal::{Check, refuse};
use crate::source::{Mapping, Ordered};

impl Generator<'_> {
    pub(super) fn tracing(&self, config: &mut Mapping) -> Check {
        let Some(tracing) = self.prometheus.opt("tracingConfig") else { return Ok(()) };
        http::validate_tls(tracing.opt("tlsConfig"))?;
        let fraction = tracing.value("samplingFraction").map(quantity::number);
        if fraction.is_some_and(|fraction| !(0.0..=1.0).contains(&fraction)) {
            return refuse("`samplingFraction` must be between 0 and 1");
        }
        let lower = |field| tracing.opt_str(field).map(str::to_lowercase);
        let mut made = Mapping::new().with("endpoint", tracing.str("endpoint").to_owned());
        made.push_some("client_type", lower("clientType"));
        made.push_some("sampling_fraction", fraction);
        super::copy(tracing, &mut made, &[("insecure", "insecure")]);
        let headers: Mapping =
            tracing.entries("headers").map(|(name, value)| (name.to_owned(), Ordered::from(value))).collect();
        if !headers.is_empty() {
            made.push("headers", headers);
        }
        made.push_some("compression", lower("compression"));
        super::copy(tracing, &mut made, &[("timeout", "timeout")]);
        self.tls(&mut made, self.subject.namespace, tracing.opt("tlsConfig").map(Tls::of));
        config.push("tracing", made);
        Ok(())
    }
}
