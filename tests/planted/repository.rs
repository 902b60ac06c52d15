//! Realistic repositories: applications with what scrapes them, in the layouts people use.

use std::collections::BTreeMap;

use promwire::source::emit;
use serde_json::{Value, json};

use super::random::Random;

/// How an application is scraped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    ServiceMonitor,
    PodMonitor,
    Probe,
    ScrapeConfig,
}

/// Where the objects of an application stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A folder with a file for each object.
    Folder,
    /// The monitor is in `monitoring/`, in a namespace of its own.
    Apart,
    /// One file of many documents.
    Documents,
    /// One file with a `List`.
    List,
    /// A file of JSON for each object.
    Json,
    /// What `helm template` prints: no namespaces.
    Rendered,
    /// A folder with a kustomization that sets the namespace.
    Kustomized,
}

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::Folder,
    Layout::Apart,
    Layout::Documents,
    Layout::List,
    Layout::Json,
    Layout::Rendered,
    Layout::Kustomized,
];

/// The namespace of objects that name none.
pub(crate) const DEFAULT_NAMESPACE: &str = "rendered";

/// An application and what belongs to it. A mistake changes one of the objects.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) layout: Layout,
    pub(crate) by: By,
    pub(crate) workload: Value,
    pub(crate) service: Value,
    pub(crate) secret: Option<Value>,
    pub(crate) monitor: Value,
}

const WORDS: &[&str] = &[
    "accounts",
    "billing",
    "catalog",
    "checkout",
    "customers",
    "delivery",
    "gateway",
    "identity",
    "inventory",
    "ledger",
    "mailer",
    "notifications",
    "orders",
    "payments",
    "pricing",
    "profiles",
    "recommendations",
    "reports",
    "search",
    "sessions",
    "shipping",
    "storefront",
    "subscriptions",
    "warehouse",
];
const LABEL_KEYS: &[&str] = &["app", "app.kubernetes.io/name", "k8s-app", "name"];
const PORT_NAMES: &[&str] = &["metrics", "http-metrics", "web", "prometheus"];

/// The label the Prometheus of these repositories asks for.
pub(crate) const RELEASE: &str = "release";

impl App {
    pub(crate) fn new(number: usize, random: &mut Random, by: By, layout: Layout) -> Self {
        let name = format!("{}-{number}", WORDS[random.below(WORDS.len())]);
        let namespace = match layout {
            Layout::Rendered => DEFAULT_NAMESPACE.to_owned(),
            _ => format!("team-{}", random.below(4)),
        };
        let key = LABEL_KEYS[random.below(LABEL_KEYS.len())];
        let port = PORT_NAMES[random.below(PORT_NAMES.len())];
        let number = 8000 + random.below(1000);
        let kind = ["Deployment", "StatefulSet", "DaemonSet"][random.below(3)];
        let mut spec = json!({
            "selector": {"matchLabels": {key: name}},
            "template": {
                "metadata": {"labels": {key: name, "tier": "backend"}},
                "spec": {"containers": [{
                    "name": name,
                    "image": format!("registry.example.com/{name}:1.{number}"),
                    "ports": [{"name": port, "containerPort": number}],
                }]},
            },
        });
        if kind == "StatefulSet" {
            spec["serviceName"] = json!(name);
        }
        let metadata = |labels: Value| json!({"name": name, "namespace": namespace, "labels": labels});
        let workload = json!({"apiVersion": "apps/v1", "kind": kind, "metadata": metadata(json!({key: name})), "spec": spec});
        let target = if random.one_in(2) { json!(port) } else { json!(number) };
        let service = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata(json!({key: name, "part-of": "shop"})),
            "spec": {"selector": {key: name}, "ports": [{"name": port, "port": 80, "targetPort": target}]},
        });
        let selector = if random.one_in(2) {
            json!({"matchLabels": {key: name}})
        } else {
            json!({"matchExpressions": [{"key": key, "operator": "In", "values": [name]}]})
        };
        let monitor_namespace = if layout == Layout::Apart { "monitoring" } else { &namespace };
        let labels = json!({RELEASE: "prom", key: name});
        let head = |kind: &str, version: &str| {
            json!({
                "apiVersion": format!("monitoring.coreos.com/{version}"),
                "kind": kind,
                "metadata": {"name": name, "namespace": monitor_namespace, "labels": labels},
            })
        };
        let secret = (by == By::ServiceMonitor && layout != Layout::Apart && random.one_in(3)).then(|| {
            json!({
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": format!("{name}-scrape"), "namespace": namespace},
                "stringData": {"username": "scraper", "password": format!("pw-{number}")},
            })
        });
        let mut endpoint = json!({"port": port, "interval": "30s"});
        if secret.is_some() {
            let reference = |key: &str| json!({"name": format!("{name}-scrape"), "key": key});
            endpoint["basicAuth"] =
                json!({"username": reference("username"), "password": reference("password")});
        }
        let mut monitor = match by {
            By::ServiceMonitor => {
                let mut monitor = head("ServiceMonitor", "v1");
                monitor["spec"] = json!({"selector": selector, "endpoints": [endpoint]});
                monitor
            }
            By::PodMonitor => {
                let mut monitor = head("PodMonitor", "v1");
                monitor["spec"] =
                    json!({"selector": selector, "podMetricsEndpoints": [{"port": port, "interval": "30s"}]});
                monitor
            }
            By::Probe => {
                let mut monitor = head("Probe", "v1");
                monitor["spec"] = json!({
                    "prober": {"url": "blackbox-exporter.monitoring.svc:9115"},
                    "module": "http_2xx",
                    "targets": {"staticConfig": {"static": [format!("https://{name}.example.com")]}},
                });
                monitor
            }
            By::ScrapeConfig => {
                let mut monitor = head("ScrapeConfig", "v1alpha1");
                monitor["spec"] =
                    json!({"staticConfigs": [{"targets": [format!("{name}.example.com:9100")]}]});
                monitor
            }
        };
        if layout == Layout::Apart && matches!(by, By::ServiceMonitor | By::PodMonitor) {
            monitor["spec"]["namespaceSelector"] = json!({"matchNames": [namespace]});
        }
        Self { name, namespace, layout, by, workload, service, secret, monitor }
    }

    /// The endpoint of the monitor, of a `ServiceMonitor` or `PodMonitor`.
    pub(crate) fn endpoint(&mut self) -> &mut Value {
        let key = if self.by == By::ServiceMonitor { "endpoints" } else { "podMetricsEndpoints" };
        &mut self.monitor["spec"][key][0]
    }

    /// The value the monitor's selector asks for.
    pub(crate) fn selected(&mut self) -> &mut Value {
        let selector = &mut self.monitor["spec"]["selector"];
        if selector.get("matchLabels").is_some() {
            let labels = selector["matchLabels"].as_object_mut().expect("it is a mapping");
            labels.values_mut().next().expect("it has a label")
        } else {
            &mut selector["matchExpressions"][0]["values"][0]
        }
    }

    fn objects(&self) -> Vec<(&'static str, Value)> {
        let mut objects = Vec::new();
        if matches!(self.by, By::ServiceMonitor | By::PodMonitor) {
            objects.push(("workload", self.workload.clone()));
        }
        if self.by == By::ServiceMonitor {
            objects.push(("service", self.service.clone()));
        }
        objects.extend(self.secret.clone().map(|secret| ("secret", secret)));
        objects.push(("monitor", self.monitor.clone()));
        objects
    }

    /// Its files, by path.
    fn files(&self, files: &mut BTreeMap<String, String>) {
        let mut objects = self.objects();
        let name = &self.name;
        if matches!(self.layout, Layout::Rendered | Layout::Kustomized) {
            for (_, object) in &mut objects {
                object["metadata"].as_object_mut().expect("it is a mapping").remove("namespace");
            }
        }
        let all: Vec<Value> = objects.iter().map(|(_, object)| object.clone()).collect();
        let documents = |objects: &[Value]| objects.iter().map(emit).collect::<Vec<_>>().join("---\n");
        match self.layout {
            Layout::Folder => {
                for (part, object) in &objects {
                    files.insert(format!("apps/{name}/{part}.yaml"), emit(object));
                }
            }
            Layout::Apart => {
                let (rest, monitor) = all.split_at(all.len() - 1);
                if !rest.is_empty() {
                    files.insert(format!("apps/{name}/all.yaml"), documents(rest));
                }
                files.insert(format!("monitoring/{name}.yaml"), documents(monitor));
            }
            Layout::Documents => drop(files.insert(format!("apps/{name}.yaml"), documents(&all))),
            Layout::List => {
                let list = json!({"apiVersion": "v1", "kind": "List", "items": all});
                files.insert(format!("apps/{name}-list.yml"), emit(&list));
            }
            Layout::Json => {
                for (part, object) in &objects {
                    files.insert(format!("apps/{name}/{part}.json"), format!("{object:#}\n"));
                }
            }
            Layout::Rendered => {
                let text = all
                    .iter()
                    .map(|object| format!("---\n# Source: {name}/templates/all.yaml\n{}", emit(object)));
                files.insert(format!("rendered/{name}.yaml"), text.collect());
            }
            Layout::Kustomized => {
                for (part, object) in &objects {
                    files.insert(format!("apps/{name}/{part}.yaml"), emit(object));
                }
                let resources: Vec<String> = objects.iter().map(|(part, _)| format!("{part}.yaml")).collect();
                let kustomization = json!({
                    "apiVersion": "kustomize.config.k8s.io/v1beta1",
                    "kind": "Kustomization",
                    "namespace": self.namespace,
                    "resources": resources,
                });
                files.insert(format!("apps/{name}/kustomization.yaml"), emit(&kustomization));
            }
        }
    }
}

/// A repository: applications, namespaces, and a Prometheus that may see them.
pub(crate) struct Repository {
    pub(crate) apps: Vec<App>,
    /// How the Prometheus asks for the label.
    by_expression: bool,
    role_is_of_cluster: bool,
}

impl Repository {
    pub(crate) fn new(apps: Vec<App>, random: &mut Random) -> Self {
        Self { apps, by_expression: random.one_in(2), role_is_of_cluster: random.one_in(2) }
    }

    /// Every file, by path.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        self.apps.iter().for_each(|app| app.files(&mut files));
        let mut namespaces: Vec<&str> = self.apps.iter().map(|app| app.namespace.as_str()).collect();
        namespaces.push("monitoring");
        namespaces.sort_unstable();
        namespaces.dedup();
        let names: Vec<Value> = namespaces
            .iter()
            .map(|name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"team": name}}}))
            .collect();
        let text = |objects: &[Value]| objects.iter().map(emit).collect::<Vec<_>>().join("---\n");
        files.insert("namespaces.yaml".to_owned(), text(&names));
        files.insert("monitoring/prometheus.yaml".to_owned(), text(&self.prometheus(&namespaces)));
        files.insert(
            "README.md".to_owned(),
            "# Shop\n\n```yaml\napiVersion: v1\nkind: Nonsense\n```\n".to_owned(),
        );
        files
    }

    fn prometheus(&self, namespaces: &[&str]) -> Vec<Value> {
        let selector = if self.by_expression {
            json!({"matchExpressions": [{"key": RELEASE, "operator": "In", "values": ["prom", "other"]}]})
        } else {
            json!({"matchLabels": {RELEASE: "prom"}})
        };
        let mut spec = json!({
            "serviceAccountName": "prometheus",
            "replicas": 2,
            "version": "v3.5.0",
            "serviceDiscoveryRole": "EndpointSlice",
            "retention": "15d",
            "storage": {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": "50Gi"}}}}},
        });
        for kind in ["serviceMonitor", "podMonitor", "probe", "scrapeConfig"] {
            spec[format!("{kind}Selector")] = selector.clone();
            spec[format!("{kind}NamespaceSelector")] = json!({});
        }
        let metadata = |namespace: &str| json!({"name": "prometheus", "namespace": namespace});
        let rules = json!([{
            "apiGroups": [""], "resources": ["services", "endpoints", "pods"], "verbs": ["get", "list", "watch"],
        }, {
            "apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["get", "list", "watch"],
        }]);
        let group = "rbac.authorization.k8s.io";
        let subjects = json!([{"kind": "ServiceAccount", "name": "prometheus", "namespace": "monitoring"}]);
        let mut objects = vec![
            json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata("monitoring")}),
            json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus", "metadata": metadata("monitoring"), "spec": spec}),
        ];
        let version = format!("{group}/v1");
        if self.role_is_of_cluster {
            let metadata = json!({"name": "prometheus"});
            objects.push(
                json!({"apiVersion": version, "kind": "ClusterRole", "metadata": metadata, "rules": rules}),
            );
            let role = json!({"apiGroup": group, "kind": "ClusterRole", "name": "prometheus"});
            objects.push(json!({"apiVersion": version, "kind": "ClusterRoleBinding", "metadata": metadata, "roleRef": role, "subjects": subjects}));
        } else {
            for namespace in namespaces {
                objects.push(json!({"apiVersion": version, "kind": "Role", "metadata": metadata(namespace), "rules": rules}));
                let role = json!({"apiGroup": group, "kind": "Role", "name": "prometheus"});
                objects.push(json!({"apiVersion": version, "kind": "RoleBinding", "metadata": metadata(namespace), "roleRef": role, "subjects": subjects}));
            }
        }
        objects
    }
}
