//! A large repository: applications in folders, each with what scrapes it, and one Prometheus for all.
#![expect(clippy::cast_precision_loss, reason = "figures for people, far below 2^52")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::empty;

/// How much was written.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) documents: usize,
    pub(super) files: usize,
    bytes: usize,
}

impl Made {
    pub(super) fn megabytes(&self) -> f64 {
        self.bytes as f64 / 1e6
    }

    fn write(&mut self, folder: &Path, name: &str, documents: &[String]) -> Result<(), String> {
        let text = documents.join("---\n");
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
        fs::write(&path, &text).map_err(|error| format!("{}: {error}", path.display()))?;
        self.documents += documents.len();
        self.files += 1;
        self.bytes += text.len();
        Ok(())
    }
}

/// Applications of the repository that others were measured with: 10,042 documents in 5,085 files.
const APPS: usize = 2_479;
const NAMESPACES: usize = 122;

/// Writes a repository that is so many times as large.
pub(super) fn write(folder: &Path, times: usize) -> Result<Made, String> {
    empty(folder)?;
    let mut made = Made::default();
    let namespaces = NAMESPACES * times;
    for number in 0..namespaces {
        let text = format!(
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team-{number}\n  labels:\n    kubernetes.io/metadata.name: team-{number}\n    team: team-{number}\n"
        );
        made.write(folder, &format!("namespaces/team-{number}.yaml"), &[text])?;
    }
    for number in 0..APPS * times {
        let [workload, service, config, monitor] = app(number, number % namespaces);
        let path = format!("apps/team-{}/app-{number}", number % namespaces);
        // One has its configuration in a file of its own.
        if number == 0 {
            made.write(folder, &format!("{path}/app.yaml"), &[workload, service])?;
            made.write(folder, &format!("{path}/config.yaml"), &[config])?;
        } else {
            made.write(folder, &format!("{path}/app.yaml"), &[workload, service, config])?;
        }
        made.write(folder, &format!("{path}/monitor.yaml"), &[monitor])?;
    }
    for (name, text) in
        [("account", ACCOUNT), ("role", ROLE), ("binding", BINDING), ("prometheus", PROMETHEUS)]
    {
        made.write(folder, &format!("monitoring/{name}.yaml"), &[text.to_owned()])?;
    }
    Ok(made)
}

/// A workload, its Service, its configuration, and what scrapes it.
fn app(number: usize, team: usize) -> [String; 4] {
    let name = format!("app-{number}");
    let head = |kind: &str, version: &str, more: &str| {
        format!(
            "apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: team-{team}\n  labels:\n    app.kubernetes.io/name: {name}\n    app.kubernetes.io/part-of: shop\n    app.kubernetes.io/managed-by: Helm\n{more}"
        )
    };
    let mut workload = head("Deployment", "apps/v1", "");
    // Writing to a string does not fail.
    let _ = write!(
        workload,
        "spec:\n  replicas: {}\n  revisionHistoryLimit: 5\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: {name}\n  template:\n    metadata:\n      labels:\n        app.kubernetes.io/name: {name}\n        app.kubernetes.io/part-of: shop\n    spec:\n      automountServiceAccountToken: false\n      securityContext:\n        runAsNonRoot: true\n        seccompProfile:\n          type: RuntimeDefault\n      containers:\n      - name: {name}\n        image: registry.example.com/shop/{name}:1.{}.0\n        args:\n        - --listen=:8080\n        - --metrics=:9090\n        - --log-level=info\n        env:\n        - name: POD_NAME\n          valueFrom:\n            fieldRef:\n              fieldPath: metadata.name\n        - name: TEAM\n          value: team-{team}\n        - name: MODE\n          value: production\n        ports:\n        - name: http\n          containerPort: 8080\n        - name: metrics\n          containerPort: 9090\n        readinessProbe:\n          httpGet:\n            path: /ready\n            port: http\n          periodSeconds: 10\n        livenessProbe:\n          httpGet:\n            path: /alive\n            port: http\n        resources:\n          requests:\n            cpu: 100m\n            memory: 128Mi\n          limits:\n            memory: 256Mi\n        volumeMounts:\n        - name: config\n          mountPath: /etc/app\n      volumes:\n      - name: config\n        configMap:\n          name: {name}\n",
        1 + number % 3,
        number % 50
    );
    let mut service = head("Service", "v1", "");
    let _ = write!(
        service,
        "spec:\n  type: ClusterIP\n  selector:\n    app.kubernetes.io/name: {name}\n  ports:\n  - name: http\n    port: 80\n    targetPort: http\n    protocol: TCP\n  - name: metrics\n    port: 9090\n    targetPort: metrics\n    protocol: TCP\n"
    );
    let mut config = head("ConfigMap", "v1", "");
    config.push_str("data:\n  app.yaml: |\n");
    for line in 0..19 {
        let _ = writeln!(config, "    setting-{line}: value of {name} in team-{team} for {line}");
    }
    let mut monitor = head("ServiceMonitor", "monitoring.coreos.com/v1", "    release: main\n");
    let selector = if number.is_multiple_of(3) {
        format!(
            "    matchExpressions:\n    - key: app.kubernetes.io/name\n      operator: In\n      values: [{name}]\n"
        )
    } else {
        format!("    matchLabels:\n      app.kubernetes.io/name: {name}\n")
    };
    let _ = write!(
        monitor,
        "spec:\n  jobLabel: app.kubernetes.io/name\n  selector:\n{selector}  endpoints:\n  - port: metrics\n    interval: 30s\n    metricRelabelings:\n    # The runtime's own are not needed.\n    - sourceLabels: [__name__]\n      regex: go_(gc|memstats)_.+\n      action: drop\n"
    );
    [workload, service, config, monitor]
}

const ACCOUNT: &str =
    "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: prometheus\n  namespace: team-0\n";
const ROLE: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: prometheus
rules:
- apiGroups: [\"\"]
  resources: [services, endpoints, pods]
  verbs: [get, list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [get, list, watch]
";
const BINDING: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: prometheus
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: prometheus
subjects:
- kind: ServiceAccount
  name: prometheus
  namespace: team-0
";
const PROMETHEUS: &str = "\
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata:
  name: main
  namespace: team-0
spec:
  serviceAccountName: prometheus
  serviceDiscoveryRole: EndpointSlice
  serviceMonitorSelector:
    matchLabels:
      release: main
  serviceMonitorNamespaceSelector: {}
  retention: 15d
";
