//! Reading manifests as people write them: bare events of the fastest YAML parser we know, against our documents.
//!
//! The first comparison is one core over texts in memory; its ratio is what CONTRIBUTING.md promises to keep above
//! 0.80. The second is files in a folder, on all cores.

use std::fmt::Write as _;
use std::sync::Arc;

use granit_parser::{Event, Parser};
use promwire::diagnostic::TextFile;
use promwire::source::{self, InputPath, LoadOptions};

use crate::harness::{Harness, Variant, Work};

/// Services, monitors, workloads and a ConfigMap in turn, about 1 kB each, with comments.
fn manifest(n: usize) -> String {
    let mut text = String::new();
    let app = format!("app-{}", n % 500);
    // Writing to a string does not fail.
    let _ = match n % 4 {
        0 => write!(
            text,
            "# The API of {app}.\napiVersion: v1\nkind: Service\nmetadata:\n  name: {app}-{n}\n  namespace: team-{}\n  \
             labels:\n    app.kubernetes.io/name: {app}\n    app.kubernetes.io/part-of: shop\n    \
             app.kubernetes.io/managed-by: Helm\n    helm.sh/chart: {app}-1.2.3\n  annotations:\n    \
             prometheus.io/scrape: \"true\"\n    prometheus.io/port: \"9102\"\nspec:\n  type: ClusterIP\n  selector:\n    \
             app.kubernetes.io/name: {app}\n    app.kubernetes.io/instance: {app}-{n}\n  ports:\n  - name: http\n    \
             port: 80\n    targetPort: 8080\n    protocol: TCP\n  - name: metrics # scraped\n    port: 9102\n    \
             targetPort: metrics\n    protocol: TCP\n",
            n % 40
        ),
        1 => write!(
            text,
            "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata:\n  name: {app}-{n}\n  namespace: team-{}\n  \
             labels:\n    release: main\nspec:\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: {app}\n    \
             matchExpressions:\n    - {{key: tier, operator: NotIn, values: [canary, test]}}\n  endpoints:\n  - port: metrics\n    \
             interval: 30s\n    scrapeTimeout: 10s\n    scheme: https\n    tlsConfig:\n      ca:\n        secret:\n          \
             name: {app}-ca\n          key: ca.crt\n      serverName: {app}.shop.svc\n    metricRelabelings:\n    \
             # Go's own metrics are not needed.\n    - sourceLabels: [__name__]\n      regex: 'go_(gc|memstats)_.+'\n      \
             action: drop\n    - sourceLabels: [pod, container]\n      separator: /\n      targetLabel: instance\n",
            n % 40
        ),
        2 => write!(
            text,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {app}-{n}\n  namespace: team-{}\nspec:\n  replicas: 3\n  \
             selector:\n    matchLabels:\n      app.kubernetes.io/name: {app}\n  template:\n    metadata:\n      labels:\n        \
             app.kubernetes.io/name: {app}\n    spec:\n      containers:\n      - name: api\n        \
             image: registry.example.com/shop/{app}:1.20.{n}\n        args:\n        - --listen=:8080\n        \
             - --metrics=:9102\n        env:\n        - name: MODE\n          value: \"off\"\n        - name: POD_IP\n          \
             valueFrom:\n            fieldRef:\n              fieldPath: status.podIP\n        ports:\n        \
             - containerPort: 8080\n          name: http\n        - containerPort: 9102\n          name: metrics\n        \
             resources:\n          requests: {{cpu: 100m, memory: 128Mi}}\n          limits: {{memory: 256Mi}}\n        \
             livenessProbe:\n          httpGet:\n            path: /healthz\n            port: http\n",
            n % 40
        ),
        _ => write!(
            text,
            "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: {app}-{n}\n  namespace: team-{}\n  \
             labels: {{role: alert-rules}}\nspec:\n  groups:\n  - name: {app}.rules\n    rules:\n    - alert: {app}Errors\n      \
             expr: |\n        sum(rate(http_requests_total{{job=\"{app}\",code=~\"5..\"}}[5m]))\n          /\n        \
             sum(rate(http_requests_total{{job=\"{app}\"}}[5m])) > 0.05\n      for: 10m\n      labels:\n        \
             severity: page\n      annotations:\n        summary: \"{{{{ $value | humanizePercentage }}}} of requests fail\"\n        \
             description: >-\n          More than one request in twenty fails;\n          look at the dashboard first.\n",
            n % 40
        ),
    };
    text
}

/// Reads what the parser says and keeps nothing.
fn events(text: &str) -> usize {
    Parser::new_from_str(text)
        .map(|event| match event.expect("the manifests of this file are YAML") {
            (Event::Scalar(text, ..) | Event::Comment(text, _), _) => text.len(),
            _ => 1,
        })
        .sum()
}

pub(crate) fn run(harness: &mut Harness) {
    let count = if harness.is_quick() { 200 } else { 4_000 };
    let texts: Vec<String> = (0..count).map(manifest).collect();
    let files: Vec<Arc<TextFile>> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| Arc::new(TextFile::new(format!("{n}.yaml"), text.clone())))
        .collect();
    let bytes = texts.iter().map(|text| text.len() as u64).sum();
    harness.compare(
        &format!("read {count} manifests, one core"),
        Work::Bytes(bytes),
        vec![
            Variant::new("bare granit-parser events", || {
                texts.iter().map(|text| events(text)).sum::<usize>()
            }),
            Variant::new("documents with places", || {
                files.iter().map(|file| source::read(Arc::clone(file)).documents.len()).sum::<usize>()
            }),
        ],
    );
    // One text takes the cost of starting a parser out of the comparison.
    let stream = texts.join("---\n");
    let file = Arc::new(TextFile::new("stream.yaml", stream.clone()));
    harness.compare(
        &format!("read a stream of {count} manifests, one core"),
        Work::Bytes(bytes),
        vec![
            Variant::new("bare granit-parser events", || events(&stream)),
            Variant::new("documents with places", || source::read(Arc::clone(&file)).documents.len()),
        ],
    );
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (n, text) in texts.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{n}.yaml")), text)
            .expect("a temporary file can be written");
    }
    let inputs = [InputPath::from(folder.path().to_owned())];
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread can be started");
    harness.compare(
        &format!("load a folder of {count} files"),
        Work::Bytes(bytes),
        vec![
            Variant::new("one core", || one.install(|| source::load(&inputs, &LoadOptions::default()))),
            Variant::new("all cores", || source::load(&inputs, &LoadOptions::default())),
        ],
    );
}
