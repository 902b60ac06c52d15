//! The scrape configuration of a Prometheus with many monitors, read beforehand: a tenth of them, and all of them. The
//! throughput of both is the same where the work is linear.

use std::fmt::Write as _;
use std::sync::Arc;

use promwire::diagnostic::TextFile;
use promwire::model::inventory::Inventory;
use promwire::model::kind::GroupKind;
use promwire::model::schema::SchemaSet;
use promwire::operator::{Reality, Verdict, reconcile};
use promwire::source::read;

use crate::harness::{Harness, Variant, Work};

/// A Prometheus, a Secret, and monitors of one endpoint, half of them with a user and a password.
fn manifests(count: usize) -> String {
    let mut text = String::from(
        "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: main, namespace: monitoring}\n\
         spec: {serviceMonitorSelector: {matchLabels: {team: x}}, serviceMonitorNamespaceSelector: {}}\n",
    );
    for namespace in 0..100 {
        let _ = write!(
            text,
            "---\napiVersion: v1\nkind: Secret\nmetadata: {{name: login, namespace: ns-{namespace}}}\n\
             stringData: {{user: u, password: p}}\n"
        );
    }
    for n in 0..count {
        let login = if n % 2 == 0 {
            ""
        } else {
            "    basicAuth: {username: {name: login, key: user}, password: {name: login, key: password}}\n"
        };
        let _ = write!(
            text,
            "---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata:\n  name: app-{n}\n  \
             namespace: ns-{}\n  labels: {{team: x, app: app-{n}}}\nspec:\n  selector:\n    matchLabels:\n      \
             app.kubernetes.io/name: app-{n}\n  endpoints:\n  - port: web\n    interval: 30s\n{login}    relabelings:\n    \
             - sourceLabels: [__meta_kubernetes_pod_node_name]\n      regex: (.+)-{n}\n      targetLabel: node\n",
            n % 100,
        );
    }
    text
}

fn configuration(inventory: &Inventory, schemas: &SchemaSet) -> String {
    let object = inventory.get(GroupKind::PROMETHEUS, Some("monitoring"), "main").expect("it is there");
    match reconcile(inventory, schemas, &Reality::default(), object).verdict {
        Verdict::Configuration(config) => config.to_yaml(),
        other => panic!("there is a configuration, not {other:?}"),
    }
}

pub(crate) fn run(harness: &mut Harness) {
    let most = if harness.is_quick() { 1_000 } else { 10_000 };
    for count in [most / 10, most] {
        let reading = read(Arc::new(TextFile::new("bench.yaml", manifests(count))));
        let (inventory, findings) = Inventory::builder().documents(reading.documents).build();
        assert!(findings.is_empty(), "the manifests are fine");
        let schemas = SchemaSet::default();
        let jobs = configuration(&inventory, &schemas).matches("job_name: serviceMonitor/").count();
        assert_eq!(jobs, count, "every monitor has its job");
        let work = Work::Items(count as u64, "monitors");
        let written = Variant::new("written", || configuration(&inventory, &schemas));
        harness.compare(&format!("scrape configuration of {count} monitors"), work, vec![written]);
    }
}
