//! The targets of many monitors in a large cluster: a tenth of it, and all of it. The throughput of both is the same where the
//! work is linear.
//!
//! Ten Services of ten endpoints for each monitor, every endpoint a Pod; monitors look into all namespaces. The jobs are those the
//! operator writes for the monitors.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use promwire::diagnostic::TextFile;
use promwire::kubernetes::selector_text::{check_fields, check_labels};
use promwire::kubernetes::snapshot::{
    AddressType, Conditions, Container, ContainerPort, EndpointSlice, Meta, Owner, Pairs, Pod, Pool,
    Reference, Service, ServicePort, SliceEndpoint, SlicePort, Snapshot, TargetPort, Text,
};
use promwire::model::inventory::Inventory;
use promwire::model::kind::GroupKind;
use promwire::model::schema::SchemaSet;
use promwire::operator::{Instance, Reality, Verdict, reconcile};
use promwire::prom::config::{Loader, ScrapeConfig, Selectors};
use promwire::prom::version::Version;
use promwire::sd::{Answers, Details, Release, World};
use promwire::source::read;

use crate::harness::{Harness, Variant, Work};

const NAMESPACES: usize = 100;
/// Services of a monitor, and endpoints of a Service.
const SERVICES: usize = 10;
const ENDPOINTS: usize = 10;

/// The jobs the operator writes for monitors, each for the Services of one application.
fn jobs(count: usize) -> Vec<ScrapeConfig> {
    let mut text = String::from(
        "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: main, namespace: monitoring}\n\
         spec: {serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {}, serviceDiscoveryRole: EndpointSlice}\n",
    );
    for n in 0..count {
        let _ = write!(
            text,
            "---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\n\
             metadata: {{name: app-{n}, namespace: ns-{}}}\nspec:\n  namespaceSelector: {{any: true}}\n  \
             selector: {{matchLabels: {{app.kubernetes.io/name: app-{n}}}}}\n  targetLabels: [team]\n  endpoints:\n  - port: web\n",
            n % NAMESPACES,
        );
    }
    let reading = read(Arc::new(TextFile::new("bench.yaml", text)));
    let (inventory, _) = Inventory::builder().documents(reading.documents).build();
    let object = inventory.get(GroupKind::PROMETHEUS, Some("monitoring"), "main").expect("it is there");
    let (schemas, reality) = (SchemaSet::default(), Reality::default());
    let Verdict::Configuration(config) = reconcile(&inventory, &schemas, &reality, object).verdict else {
        panic!("there is a configuration")
    };
    let text = Instance::of(object, &schemas, &reality, 0).expand(&config.to_yaml());
    let selectors = Selectors { label: check_labels, field: check_fields };
    let loader = Loader { version: Version::new(3, 13, 5), is_agent: false, selectors };
    let config = loader.load(&Arc::new(TextFile::new("prometheus.yaml", text))).expect("Prometheus takes it");
    config.scrape_configs
}

/// A cluster for this many monitors.
fn cluster(monitors: usize) -> Snapshot {
    let mut pool = Pool::default();
    let mut snapshot = Snapshot::default();
    let containers: Arc<[Container]> = [Container {
        name: pool.text("app"),
        image: pool.text("registry.example.com/app:1.2.3"),
        ports: [("web", 8080), ("admin", 9090)]
            .map(|(name, number)| ContainerPort { name: name.into(), number, protocol: pool.text("TCP") })
            .into(),
        restarts: false,
    }]
    .into();
    let controller = Arc::new(Owner { kind: "ReplicaSet".into(), name: "app-5f6d".into() });
    for n in 0..monitors * SERVICES {
        let application = format!("app-{}", n / SERVICES);
        let namespace = pool.text(&format!("ns-{}", n % NAMESPACES));
        let name: Text = format!("service-{n}").into();
        let labels = [("app.kubernetes.io/name", application.as_str()), ("team", "red"), ("tier", "backend")];
        let labels = pool.pairs(labels.into_iter().collect());
        let meta = Meta { labels: labels.clone(), ..Meta::named(namespace.clone(), name.clone()) };
        let web = ServicePort {
            name: pool.text("web"),
            number: 80,
            protocol: pool.text("TCP"),
            app_protocol: None,
            target: TargetPort::Number(8080),
        };
        snapshot.services.push(Service { meta, ports: [web].into(), ..Service::default() });
        let mut endpoints = Vec::with_capacity(ENDPOINTS);
        for endpoint in 0..ENDPOINTS {
            let number = n * ENDPOINTS + endpoint;
            let ip: Text = format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255).into();
            let node = pool.text(&format!("node-{}", number % 1000));
            let pod: Text = format!("service-{n}-{endpoint}").into();
            let meta = Meta {
                labels: labels.clone(),
                uid: format!("7bedc386-fcff-4f54-87a3-{number:012}").into(),
                ..Meta::named(namespace.clone(), pod.clone())
            };
            snapshot.pods.push(Pod {
                meta,
                controller: Some(Arc::clone(&controller)),
                ip: ip.clone(),
                node_name: node.clone(),
                phase: pool.text("Running"),
                ready: Some(pool.text("True")),
                containers: Arc::clone(&containers),
                ..Pod::default()
            });
            endpoints.push(SliceEndpoint {
                addresses: [ip].into(),
                conditions: Conditions { ready: Some(true), serving: Some(true), terminating: Some(false) },
                node_name: Some(node),
                target: Some(Box::new(Reference {
                    kind: pool.text("Pod"),
                    namespace: namespace.clone(),
                    name: pod,
                })),
                ..SliceEndpoint::default()
            });
        }
        let own = labels.iter().map(|(key, value)| (key.clone(), value.clone()));
        let labels: Pairs = own.chain([("kubernetes.io/service-name".into(), name.clone())]).collect();
        let port = SlicePort {
            name: Some(pool.text("web")),
            number: Some(8080),
            protocol: Some(pool.text("TCP")),
            app_protocol: None,
        };
        snapshot.endpoint_slices.push(EndpointSlice {
            meta: Meta { labels, ..Meta::named(namespace, format!("{name}-x7k2p")) },
            address_type: AddressType::IPv4,
            endpoints: endpoints.into(),
            ports: [port].into(),
        });
    }
    snapshot.sort();
    snapshot
}

pub(crate) fn run(harness: &mut Harness) {
    let most = if harness.is_quick() { 1_000 } else { 10_000 };
    for monitors in [most / 10, most] {
        let (snapshot, jobs) = (cluster(monitors), jobs(monitors));
        assert_eq!(jobs.len(), monitors, "every monitor has its job");
        let (answers, missing_files) = (Answers::default(), BTreeSet::new());
        let world = World {
            snapshot: &snapshot,
            answers: &answers,
            release: Release::default(),
            own_namespace: "monitoring",
            missing_files: &missing_files,
        };
        let endpoints = monitors * SERVICES * ENDPOINTS;
        let active = || -> usize {
            let pools = world.pools(&jobs, Details::default());
            pools.iter().map(|pool| pool.active.len()).sum()
        };
        assert_eq!(active(), endpoints, "every endpoint is a target of one monitor");
        let subject = format!(
            "targets of {monitors} monitors, {} Services, {endpoints} endpoints",
            monitors * SERVICES
        );
        let work = Work::Items(endpoints as u64, "endpoints");
        harness.compare(&subject, work, vec![Variant::new("traced", active)]);
        harness.remark_peak(&subject);
    }
}
