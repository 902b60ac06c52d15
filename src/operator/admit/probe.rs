//! Probes (`checkProbe`). Nothing checks here that they use one way of authentication only.

use super::Admission;
use super::host::check_prober;
use crate::operator::assets::Reference;
use crate::operator::monitor::Monitor;
use crate::operator::refusal::{Check, Context, refuse};
use crate::prom::quote::quote;

impl Admission<'_> {
    pub(super) fn probe(&self, monitor: &Monitor) -> Check {
        let (spec, namespace) = (monitor.fields(), monitor.namespace.as_str());
        self.scrape_class(spec).under("scrapeClassName: ").within("spec.scrapeClass")?;
        let targets = spec.at("targets");
        let (fixed, ingress) = (targets.opt("staticConfig"), targets.opt("ingress"));
        if fixed.is_none() && ingress.is_none() {
            return refuse(
                "at least one of .spec.targets.staticConfig and .spec.targets.ingress is required",
            )
            .within("spec.targets");
        }
        if let Some(token) = spec.opt("bearerTokenSecret") {
            self.assets
                .load(namespace, Reference::secret(token))
                .under("bearerTokenSecret: ")
                .within("spec.bearerTokenSecret")?;
        }
        self.load_basic_auth(namespace, spec).under("basicAuth: ").within("spec.basicAuth")?;
        self.load_safe_tls(namespace, spec).under("tlsConfig: ").within("spec.tlsConfig")?;
        self.load_safe_authorization(namespace, spec)
            .under("authorization: ")
            .within("spec.authorization")?;
        self.load_oauth2(namespace, spec).under("oauth2: ").within("spec.oauth2")?;
        self.timing(spec.str("interval"), spec.str("scrapeTimeout")).within("spec.scrapeTimeout")?;
        self.relabelings(spec, "metricRelabelings").under("metricRelabelConfigs: ").within("spec")?;
        if let Some(fixed) = fixed {
            self.label_names(fixed)
                .under("targets.staticConfig.labels: ")
                .within("spec.targets.staticConfig.labels")?;
            self.relabelings(fixed, "relabelingConfigs")
                .under("targets.staticConfig.relabelConfigs: ")
                .within("spec.targets.staticConfig")?;
        }
        if let Some(ingress) = ingress {
            self.relabelings(ingress, "relabelingConfigs")
                .under("targets.ingress.relabelConfigs: ")
                .within("spec.targets.ingress")?;
        }
        let prober = spec.at("prober");
        self.load_proxy_checked(namespace, prober).under("proxy configuration: ").within("spec.prober")?;
        let url = prober.str("url");
        check_prober(url)
            .under(format_args!(
                "{} url specified in proberSpec is invalid, it should be of the format `hostname` or `hostname:port`: ",
                quote(url)
            ))
            .within("spec.prober.url")
    }
}
