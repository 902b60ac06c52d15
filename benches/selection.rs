//! 2,000 monitors, each selecting among 20,000 Services of eight labels: every Service looked at, against posting lists.

use std::collections::BTreeMap;

use promwire::model::label_index::{LabelIndex, Namespaces};
use promwire::model::selector::{Operator, Requirement, Selector};

use crate::harness::{Harness, Variant, Work};

type Labels = BTreeMap<String, String>;

struct Monitor {
    selector: Selector,
    /// None looks into all namespaces.
    namespace: Option<String>,
}

impl Monitor {
    fn with_namespaces<R>(&self, run: impl FnOnce(Namespaces<'_>) -> R) -> R {
        match &self.namespace {
            None => run(Namespaces::All),
            Some(namespace) => run(Namespaces::Only(&[Some(namespace)])),
        }
    }
}

/// A cluster of many teams: 200 namespaces, 500 applications, and labels most Services share.
fn services(count: usize) -> Vec<(String, Labels)> {
    (0..count)
        .map(|n| {
            let label = |key: &str, value: String| (key.to_owned(), value);
            let labels = [
                label("app.kubernetes.io/name", format!("app-{}", n % 500)),
                label("app.kubernetes.io/instance", format!("app-{}-{}", n % 500, n / 500)),
                label("app.kubernetes.io/component", ["web", "worker", "db", "cache"][n % 4].to_owned()),
                label("app.kubernetes.io/part-of", format!("product-{}", n % 40)),
                label("app.kubernetes.io/managed-by", "Helm".to_owned()),
                label("helm.sh/chart", format!("chart-{}", n % 500)),
                label("team", format!("team-{}", n % 60)),
                label("environment", ["prod", "stage", "dev"][n % 3].to_owned()),
            ];
            (format!("ns-{}", n % 200), labels.into())
        })
        .collect()
}

/// Most name an application; some take a team's Services, exclude an environment, or look into one namespace.
fn monitors(count: usize) -> Vec<Monitor> {
    let requirement = |key: &str, operator, values: &[String]| {
        Requirement::new(key, operator, values).expect("keys and values of this file are valid")
    };
    (0..count)
        .map(|n| {
            let app = requirement("app.kubernetes.io/name", Operator::Equals, &[format!("app-{}", n % 500)]);
            let component = requirement("app.kubernetes.io/component", Operator::Exists, &[]);
            let team = requirement(
                "team",
                Operator::In,
                &[format!("team-{}", n % 60), format!("team-{}", (n + 1) % 60)],
            );
            let not_dev = requirement("environment", Operator::NotIn, &["dev".to_owned()]);
            let requirements = match n % 4 {
                0 => vec![app],
                1 => vec![app, component],
                2 => vec![team, not_dev],
                _ => vec![app, not_dev],
            };
            let namespace = (n % 5 == 0).then(|| format!("ns-{}", n % 200));
            Monitor { selector: Selector::new(requirements), namespace }
        })
        .collect()
}

fn build(services: &[(String, Labels)]) -> LabelIndex {
    LabelIndex::build(services.iter().map(|(namespace, labels)| (Some(namespace.as_str()), labels)))
}

fn resolve(index: &LabelIndex, monitors: &[Monitor]) -> usize {
    monitors
        .iter()
        .map(|monitor| {
            monitor.with_namespaces(|namespaces| index.select(&monitor.selector, namespaces)).len()
        })
        .sum()
}

fn look_at_every_service(services: &[(String, Labels)], monitors: &[Monitor]) -> usize {
    monitors
        .iter()
        .map(|monitor| {
            monitor.with_namespaces(|namespaces| {
                services
                    .iter()
                    .filter(|(namespace, labels)| {
                        namespaces.contains(Some(namespace)) && monitor.selector.matches(labels)
                    })
                    .count()
            })
        })
        .sum()
}

pub(crate) fn run(harness: &mut Harness) {
    let (monitor_count, service_count) = if harness.is_quick() { (200, 2_000) } else { (2_000, 20_000) };
    let (services, monitors) = (services(service_count), monitors(monitor_count));
    let index = build(&services);
    let matches = resolve(&index, &monitors);
    assert_eq!(matches, look_at_every_service(&services, &monitors), "both ways find the same Services");
    harness.compare(
        &format!("select {monitor_count} monitors × {service_count} Services ({matches} matches)"),
        Work::Items(monitor_count as u64, "monitors"),
        vec![
            Variant::new("every Service looked at", || look_at_every_service(&services, &monitors)),
            Variant::new("built index", || resolve(&index, &monitors)),
            Variant::new("index built, then asked", || resolve(&build(&services), &monitors)),
        ],
    );
    harness.compare(
        &format!("build the index of {service_count} Services"),
        Work::Items(service_count as u64, "Services"),
        vec![Variant::new("from texts", || build(&services))],
    );
}
