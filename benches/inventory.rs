//! 10,000 manifests, read beforehand: collected into an inventory, and validated against their schemas.

use std::fmt::Write as _;
use std::sync::Arc;

use promwire::diagnostic::TextFile;
use promwire::model::inventory::Inventory;
use promwire::model::schema::SchemaSet;
use promwire::source::{Document, read};

use crate::harness::{Harness, Variant, Work};

/// Services, monitors and Deployments, a third each.
fn manifests(count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        let (namespace, app) = (n % 100, n / 3);
        let metadata = format!(
            "metadata:\n  name: app-{app}\n  namespace: ns-{namespace}\n  labels:\n    app.kubernetes.io/name: app-{app}\n    \
             app.kubernetes.io/part-of: product-{}\n    team: team-{}\n",
            app % 40,
            app % 60,
        );
        let body = match n % 3 {
            0 => format!(
                "apiVersion: v1\nkind: Service\n{metadata}spec:\n  selector:\n    app.kubernetes.io/name: app-{app}\n  ports:\n  \
                 - name: web\n    port: 80\n    targetPort: web\n"
            ),
            1 => format!(
                "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\n{metadata}spec:\n  selector:\n    matchLabels:\n      \
                 app.kubernetes.io/name: app-{app}\n  endpoints:\n  - port: web\n    interval: 30s\n    relabelings:\n    - \
                 action: labeldrop\n      regex: pod\n"
            ),
            _ => format!(
                "apiVersion: apps/v1\nkind: Deployment\n{metadata}spec:\n  selector:\n    matchLabels:\n      \
                 app.kubernetes.io/name: app-{app}\n  template:\n    metadata:\n      labels:\n        \
                 app.kubernetes.io/name: app-{app}\n    spec:\n      containers:\n      - name: web\n        image: \
                 web:1\n        ports:\n        - name: web\n          containerPort: 8080\n"
            ),
        };
        let _ = write!(text, "---\n{body}");
    }
    text
}

fn collect(documents: &[Arc<Document>]) -> Inventory {
    let mut builder = Inventory::builder();
    for document in documents {
        builder.add(document);
    }
    let (inventory, findings) = builder.build();
    assert!(findings.is_empty(), "the manifests are fine");
    inventory
}

pub(crate) fn run(harness: &mut Harness) {
    let count = if harness.is_quick() { 1_000 } else { 10_000 };
    let reading = read(Arc::new(TextFile::new("bench.yaml", manifests(count))));
    let documents: Vec<_> = reading.documents.into_iter().map(Arc::new).collect();
    let inventory = collect(&documents);
    assert_eq!(inventory.len(), count, "every manifest is an object");
    let schemas = SchemaSet::default();
    assert!(schemas.validate_all(&inventory).is_empty(), "the manifests are valid");
    let work = Work::Items(count as u64, "manifests");
    let collecting = Variant::new("collected", || collect(&documents));
    harness.compare(&format!("inventory of {count} manifests"), work, vec![collecting]);
    let validating = Variant::new("validated", || schemas.validate_all(&inventory));
    harness.compare(&format!("schemas of {count} manifests"), work, vec![validating]);
}
