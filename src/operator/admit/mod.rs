//! Which selected resources the operator (v0.93, `pkg/prometheus/resource_selector.go`) takes, and its words for the others.
//!
//! The first check that fails decides, so their order is part of the rules. Checking loads what the resource refers to.
//! `http` has what all kinds share, `discovery` the service discoveries of a `ScrapeConfig`.

pub(super) mod certificate;
mod discovery;
mod host;
pub(super) mod http;
mod pod_monitor;
mod probe;
pub(super) mod relabel;
mod scrape_config;
mod service_monitor;

use super::assets::Assets;
use super::fields::Fields;
use super::monitor::{Monitor, MonitorKind};
use super::refusal::{Check, refuse};
use crate::prom::duration;
use crate::prom::quote::quote;
use crate::prom::version::Version;

/// What monitors are judged by.
pub struct Admission<'a> {
    version: &'a Version,
    /// The `spec` of the Prometheus.
    prometheus: Fields<'a>,
    assets: &'a Assets<'a>,
}

impl<'a> Admission<'a> {
    /// The judgement of a Prometheus with this `spec`, completed, and of this version.
    pub fn new(version: &'a Version, spec: &'a serde_json::Value, assets: &'a Assets<'a>) -> Self {
        Self { version, prometheus: Fields::of(spec), assets }
    }

    /// Whether the operator takes a monitor.
    ///
    /// # Errors
    /// The operator's words for why not.
    pub fn check(&self, monitor: &Monitor) -> Check {
        match monitor.kind {
            MonitorKind::Service => self.service_monitor(monitor),
            MonitorKind::Pod => self.pod_monitor(monitor),
            MonitorKind::Probe => self.probe(monitor),
            MonitorKind::ScrapeConfig => self.scrape_config(monitor),
        }
    }

    /// A named scrape class has to be one of the Prometheus.
    fn scrape_class(&self, spec: Fields<'_>) -> Check {
        let name = spec.str("scrapeClass");
        if name.is_empty() || self.prometheus.items("scrapeClasses").any(|class| class.str("name") == name) {
            return Ok(());
        }
        refuse(format!("scrapeClass {} not found in Prometheus scrapeClasses", quote(name)))
    }

    /// A timeout has to be within the interval, which is the Prometheus' where the monitor names none.
    fn timing(&self, interval: &str, timeout: &str) -> Check {
        if timeout.is_empty() {
            return Ok(());
        }
        let interval = if interval.is_empty() { self.prometheus.str("scrapeInterval") } else { interval };
        compare_timeout(timeout, interval)
    }

    fn relabelings(&self, spec: Fields<'_>, field: &str) -> Check {
        relabel::check_all(self.version, spec, field)
    }

    /// Roles in selectors need Prometheus 2.17.
    fn selector_mechanism(&self, spec: Fields<'_>) -> Check {
        if spec.str("selectorMechanism") == "RoleSelector" && !self.version.is_at_least(2, 17, 0) {
            return refuse("RoleSelector selectorMechanism is only supported in Prometheus 2.17.0 and newer");
        }
        Ok(())
    }

    fn label_names(&self, spec: Fields<'_>) -> Check {
        let scheme = relabel::scheme(self.version);
        match spec.entries("labels").find(|(name, _)| !scheme.accepts(name)) {
            Some((name, _)) => refuse(format!("invalid label {}", quote(name))),
            None => Ok(()),
        }
    }
}

/// `CompareScrapeTimeoutToScrapeInterval`.
pub(super) fn compare_timeout(timeout: &str, interval: &str) -> Check {
    let of_interval = duration::nanoseconds(interval)
        .map_err(|error| format!("invalid scrapeInterval {}: {error}", quote(interval)))?;
    let of_timeout = duration::nanoseconds(timeout)
        .map_err(|error| format!("invalid scrapeTimeout: {}: {error}", quote(timeout)))?;
    if of_timeout > of_interval {
        return refuse(format!(
            "scrapeTimeout {} greater than scrapeInterval {}",
            quote(timeout),
            quote(interval)
        ));
    }
    Ok(())
}
