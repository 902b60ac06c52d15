//! `ScrapeConfigs` (`checkScrapeConfig`).

use super::Admission;
use crate::operator::monitor::Monitor;
use crate::operator::refusal::{Check, Context};

impl Admission<'_> {
    pub(super) fn scrape_config(&self, monitor: &Monitor) -> Check {
        let (spec, namespace) = (monitor.fields(), monitor.namespace.as_str());
        self.scrape_class(spec).within("spec.scrapeClass")?;
        self.relabelings(spec, "relabelings").under("relabelConfigs: ").within("spec")?;
        self.load_basic_auth(namespace, spec).under("basicAuth: ").within("spec.basicAuth")?;
        self.load_safe_authorization(namespace, spec)
            .under("authorization: ")
            .within("spec.authorization")?;
        self.load_oauth2(namespace, spec).under("oauth2: ").within("spec.oauth2")?;
        self.load_safe_tls(namespace, spec).under("tlsConfig: ").within("spec.tlsConfig")?;
        self.timing(spec.str("scrapeInterval"), spec.str("scrapeTimeout")).within("spec.scrapeTimeout")?;
        self.load_proxy_checked(namespace, spec).within("spec")?;
        self.relabelings(spec, "metricRelabelings").under("metricRelabelConfigs: ").within("spec")?;
        for (index, config) in spec.items("staticConfigs").enumerate() {
            self.label_names(config)
                .under(format_args!("staticConfigs: [{index}]: "))
                .within(format!("spec.staticConfigs.{index}.labels"))?;
        }
        self.discoveries(namespace, spec).within("spec")
    }
}
