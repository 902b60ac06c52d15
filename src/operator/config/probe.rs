//! The job of a Probe.

use super::kubernetes_sd::Discovery;
use super::limits::{push_filled, push_scheme};
use super::{Generator, natural, relabel, selector};
use crate::operator::fields::Fields;
use crate::operator::monitor::Monitor;
use crate::source::{Mapping, Ordered};

impl Generator<'_> {
    pub(super) fn probe(&self, monitor: &Monitor) -> Mapping {
        let (spec, namespace) = (monitor.fields(), monitor.namespace.as_str());
        let (class, prober) = (self.scrape_class(spec), spec.at("prober"));
        let mut job = Mapping::new().with("job_name", format!("probe/{namespace}/{}", monitor.name));
        self.honor_timestamps(&mut job, Some(true));
        job.push("metrics_path", prober.str("path").to_owned());
        push_filled(&mut job, spec, "interval", "scrape_interval");
        push_filled(&mut job, spec, "scrapeTimeout", "scrape_timeout");
        push_scheme(&mut job, prober);
        let params = params(spec);
        if !params.is_empty() {
            job.push("params", params);
        }
        self.limits(&mut job, spec);
        self.histograms(&mut job, spec);
        self.protocols(&mut job, spec);
        self.fallback_protocol(&mut job, spec, class);
        // Probes have no size of their own.
        self.body_size(&mut job, Fields::default());
        self.proxy(&mut job, namespace, prober);
        self.redirects_and_http2(&mut job, spec);
        self.tls(&mut job, namespace, self.merged_safe_tls(spec.opt("tlsConfig"), class));

        let mut rules = vec![relabel::job_name()];
        let name = spec.str("jobName");
        if !name.is_empty() {
            rules.push(relabel::set("job", name.to_owned()));
        }
        let targets = spec.at("targets");
        // Static targets win over an Ingress. A probe with neither is not admitted.
        let owner = if let Some(fixed) = targets.opt("staticConfig") {
            job.push("static_configs", [static_config(fixed, namespace)]);
            rules.push(relabel::copy("__address__", "__param_target"));
            Some(fixed)
        } else if let Some(ingress) = targets.opt("ingress") {
            rules.extend(selector::rules(ingress.at("selector"), "ingress"));
            self.discovery(
                &mut job,
                &Discovery {
                    role: "ingress",
                    namespace,
                    assets: namespace,
                    namespace_selector: ingress.at("namespaceSelector"),
                    attach_node: None,
                    selectors: None,
                },
            );
            rules.extend(ingress_rules());
            Some(ingress)
        } else {
            None
        };
        if let Some(owner) = owner {
            rules.push(relabel::copy("__param_target", "instance"));
            rules.push(relabel::set("__address__", prober.str("url").to_owned()));
            rules.extend(relabel::of_resource(class, "relabelings"));
            rules.extend(relabel::of_resource(owner, "relabelingConfigs"));
            rules.extend(self.enforced_label(monitor));
        }
        rules.extend(self.sharding("__param_target"));
        job.push("relabel_configs", rules);

        if let Some(token) = spec.opt("bearerTokenSecret") {
            self.bearer_token(&mut job, namespace, token);
        }
        self.basic_auth(&mut job, namespace, spec.opt("basicAuth"));
        self.oauth2(&mut job, namespace, spec.opt("oauth2"));
        self.authorization(&mut job, namespace, self.merged_authorization(spec.opt("authorization"), class));
        job.push_some("metric_relabel_configs", self.metric_relabelings(monitor, spec, class));
        job
    }
}

/// The module, then other parameters in their order. One named `module` gives way to the field.
fn params(spec: Fields<'_>) -> Mapping {
    let module = spec.str("module");
    let mut params = Mapping::new();
    if !module.is_empty() {
        params.push("module", [Ordered::from(module.to_owned())]);
    }
    for param in spec.items("params") {
        let name = param.str("name");
        if module.is_empty() || name != "module" {
            params.push(
                name.to_owned(),
                Ordered::List(param.list("values").iter().map(Ordered::from).collect()),
            );
        }
    }
    params
}

/// The targets, labelled with the probe's namespace unless they say another.
fn static_config(fixed: Fields<'_>, namespace: &str) -> Mapping {
    let targets = Ordered::List(fixed.list("static").iter().map(Ordered::from).collect());
    let mut labels: Vec<(String, Ordered)> =
        fixed.entries("labels").map(|(key, value)| (key.to_owned(), Ordered::from(value))).collect();
    if !labels.iter().any(|(key, _)| key == "namespace") {
        labels.push(("namespace".to_owned(), Ordered::from(namespace.to_owned())));
    }
    labels.sort_by(|(a, _), (b, _)| natural::compare(a, b));
    Mapping::new().with("targets", targets).with("labels", labels.into_iter().collect::<Mapping>())
}

fn ingress_rules() -> [Ordered; 4] {
    let target = Mapping::new()
        .with(
            "source_labels",
            ["__meta_kubernetes_ingress_scheme", "__address__", "__meta_kubernetes_ingress_path"],
        )
        .with("separator", ";")
        .with("regex", "(.+);(.+);(.+)")
        .with("target_label", "__param_target")
        .with("replacement", "${1}://${2}${3}")
        .with("action", "replace");
    let address = Mapping::new()
        .with("source_labels", ["__address__"])
        .with("separator", ";")
        .with("regex", "(.*)")
        .with("target_label", "__tmp_ingress_address")
        .with("replacement", "$1")
        .with("action", "replace");
    [
        target.into(),
        relabel::copy("__meta_kubernetes_namespace", "namespace"),
        relabel::copy("__meta_kubernetes_ingress_name", "ingress"),
        address.into(),
    ]
}
