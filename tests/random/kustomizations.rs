//! Trees of kustomizations.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Random;

/// The folder that is built.
pub(crate) const TOP: &str = "top";

const NAMES: [&str; 3] = ["web", "api", "db"];
const NAMESPACES: [&str; 3] = ["shop", "prod", "default"];
const LABELS: [&str; 3] = ["app", "team", "tier"];

/// Files by their names: a base, up to two layers above it, and maybe a component.
pub(crate) fn tree(random: &mut Random) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut below: Option<&str> = None;
    let layers: &[&str] = match random.below(3) {
        0 => &[TOP],
        1 => &["base", TOP],
        _ => &["base", "middle", TOP],
    };
    let with_component = random.below(2 * layers.len());
    for (number, layer) in layers.iter().enumerate() {
        let mut text = kustomization(random, &mut files, layer, below, true);
        if number == with_component {
            let component = kustomization(random, &mut files, "component", None, false);
            let header = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
            let component = format!("{header}{component}buildMetadata: []\n");
            files.insert("component/kustomization.yaml".to_owned(), component);
            text.push_str("components: [../component]\n");
        }
        files.insert(format!("{layer}/kustomization.yaml"), text);
        below = Some(layer);
    }
    files
}

fn kustomization(
    random: &mut Random,
    files: &mut BTreeMap<String, String>,
    folder: &str,
    below: Option<&str>,
    has_objects: bool,
) -> String {
    let mut says = serde_json::Map::new();
    let mut resources: Vec<String> = below.iter().map(|below| format!("../{below}")).collect();
    if has_objects && (below.is_none() || random.one_in(3)) {
        let mut taken = Vec::new();
        for number in 0..=random.below(4) {
            let object = object(random, if below.is_some() { folder } else { "" });
            let id = (
                object["kind"].clone(),
                object["metadata"]["name"].clone(),
                object["metadata"]["namespace"].clone(),
            );
            if taken.contains(&id) {
                continue;
            }
            taken.push(id);
            let file = format!("object-{number}.yaml");
            files.insert(format!("{folder}/{file}"), object.to_string());
            resources.push(file);
        }
    }
    if !resources.is_empty() {
        says.insert("resources".to_owned(), json!(resources));
    }
    if random.one_in(3) {
        says.insert("namespace".to_owned(), json!(random.pick(&NAMESPACES)));
    }
    if random.one_in(3) {
        says.insert("namePrefix".to_owned(), json!(format!("{}-", &folder[..1])));
    }
    if random.one_in(5) {
        says.insert("nameSuffix".to_owned(), json!("-x"));
    }
    if random.one_in(6) {
        says.insert("commonLabels".to_owned(), labels(random));
    }
    if random.one_in(4) {
        // Keys of their own: where selectors have the key too, kustomize 5.8 changes their value with that of the template.
        let item = match random.below(3) {
            0 => json!({"pairs": labels(random), "includeSelectors": true}),
            1 => json!({"pairs": {"more": "yes"}, "includeTemplates": true}),
            _ => json!({"pairs": {"mark": random.pick(&["a", "b"])}}),
        };
        says.insert("labels".to_owned(), json!([item]));
    }
    if random.one_in(6) {
        says.insert("commonAnnotations".to_owned(), json!({"note": "by kustomize"}));
    }
    if random.one_in(12) {
        let item = json!({"name": random.pick(&NAMES), "count": random.below(5)});
        says.insert("replicas".to_owned(), json!([item]));
    }
    if random.one_in(6) {
        let item = json!({"name": "generated", "literals": ["a=b", "c=d=e"], "options": {"disableNameSuffixHash": true}});
        let list = if random.one_in(2) { "configMapGenerator" } else { "secretGenerator" };
        says.insert(list.to_owned(), json!([item]));
    }
    let patches: Vec<Value> =
        (0..random.below(3)).map(|number| patch(random, files, folder, number)).collect();
    if !patches.is_empty() {
        says.insert("patches".to_owned(), json!(patches));
    }
    if random.one_in(20) {
        says.insert("patchesStrategicMerge".to_owned(), json!([merge(random).to_string() + "\n"]));
    }
    // YAML holds JSON, one line a field.
    says.into_iter().fold(String::new(), |text, (key, value)| text + &format!("{key}: {value}\n"))
}

fn labels(random: &mut Random) -> Value {
    json!({random.pick(&LABELS): random.pick(&["a", "b"])})
}

const KINDS: &[(&str, &str)] = &[
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("v1", "ServiceAccount"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "CronJob"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("monitoring.coreos.com/v1", "ServiceMonitor"),
    ("monitoring.coreos.com/v1", "PodMonitor"),
    ("monitoring.coreos.com/v1", "Prometheus"),
    ("v1", "Namespace"),
];

fn object(random: &mut Random, suffix: &str) -> Value {
    let (version, kind) = KINDS[random.below(KINDS.len())];
    let mut name = random.pick(&NAMES).to_owned();
    if !suffix.is_empty() {
        name = format!("{name}-{suffix}");
    }
    let mut metadata = json!({"name": name});
    if random.one_in(3) && !matches!(kind, "ClusterRole" | "ClusterRoleBinding" | "Namespace") {
        metadata["namespace"] = json!(random.pick(&NAMESPACES));
    }
    if random.one_in(2) {
        metadata["labels"] = labels(random);
    }
    let mut object = json!({"apiVersion": version, "kind": kind, "metadata": metadata});
    match kind {
        "Service" => {
            object["spec"] = json!({"ports": [{"name": "web", "port": 80, "targetPort": "web"}, {"port": 443, "name": "tls"}]});
            if random.one_in(2) {
                object["spec"]["selector"] = labels(random);
            }
        }
        "ConfigMap" => object["data"] = json!({"a": "1"}),
        "Deployment" | "StatefulSet" | "DaemonSet" => {
            let labels = labels(random);
            object["spec"] =
                json!({"selector": {"matchLabels": labels}, "template": template(random, &labels)});
            if kind == "StatefulSet" {
                object["spec"]["serviceName"] = json!(random.pick(&NAMES));
            }
        }
        "CronJob" => {
            let labels = labels(random);
            object["spec"] = json!({"schedule": "@daily", "jobTemplate": {"spec": {"template": template(random, &labels)}}});
        }
        "Role" | "ClusterRole" => {
            object["rules"] = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]);
        }
        "RoleBinding" | "ClusterRoleBinding" => {
            object["roleRef"] = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": random.pick(&NAMES)});
            let account = random.pick(&["web", "api", "default"]);
            object["subjects"] =
                json!([{"kind": "ServiceAccount", "name": account, "namespace": random.pick(&NAMESPACES)}]);
        }
        "NetworkPolicy" => {
            object["spec"] = json!({"podSelector": {"matchLabels": labels(random)}, "ingress": [{"from": [{"podSelector": {"matchLabels": labels(random)}}]}]});
        }
        "HorizontalPodAutoscaler" => {
            object["spec"] = json!({"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": random.pick(&NAMES)}});
        }
        "ServiceMonitor" => {
            object["spec"] =
                json!({"selector": {"matchLabels": labels(random)}, "endpoints": [{"port": "web"}]});
        }
        "PodMonitor" => {
            object["spec"] = json!({"selector": {"matchLabels": labels(random)}, "podMetricsEndpoints": [{"port": "web"}]});
        }
        "Prometheus" => {
            object["spec"] = json!({"serviceMonitorSelector": {"matchLabels": labels(random)}, "serviceAccountName": random.pick(&NAMES)});
        }
        _ => {}
    }
    object
}

fn template(random: &mut Random, labels: &Value) -> Value {
    let mut container = json!({"name": "main", "image": "example.com/web:1", "ports": [{"name": "web", "containerPort": 8080}]});
    if random.one_in(3) {
        container["env"] = json!([{"name": "A", "valueFrom": {"configMapKeyRef": {"name": random.pick(&NAMES), "key": "a"}}}]);
    }
    let mut spec = json!({"containers": [container]});
    if random.one_in(3) {
        spec["serviceAccountName"] = json!(random.pick(&NAMES));
    }
    if random.one_in(3) {
        spec["volumes"] = json!([{"name": "v", "configMap": {"name": random.pick(&NAMES)}}, {"name": "w", "secret": {"secretName": random.pick(&NAMES)}}]);
    }
    json!({"metadata": {"labels": labels}, "spec": spec})
}

/// A patch, in place or in a file, with a target or without.
fn patch(random: &mut Random, files: &mut BTreeMap<String, String>, folder: &str, number: usize) -> Value {
    let operations = random.one_in(2);
    let mut kind = json!(null);
    let text = if operations {
        let (path, value) = match random.below(8) {
            0 => ("/metadata/labels/more", json!("yes")),
            1 => ("/spec/ports/0/name", json!("patched")),
            2 => ("/metadata/annotations/more", json!("yes")),
            3 => ("/metadata/annotations", json!({"patched": "yes"})),
            _ => ("/metadata/labels", json!({"patched": "yes"})),
        };
        json!([{"op": if random.one_in(3) { "replace" } else { "add" }, "path": path, "value": value}])
            .to_string()
    } else {
        let merge = merge(random);
        kind = merge["kind"].clone();
        merge.to_string()
    };
    let mut item = if random.one_in(2) {
        let file = format!("patch-{number}.yaml");
        files.insert(format!("{folder}/{file}"), text);
        json!({"path": file})
    } else {
        json!({"patch": text})
    };
    if operations || !random.one_in(6) {
        let mut target = json!({});
        if random.one_in(2) {
            target["kind"] =
                json!(random.pick(&["Service", "Deployment", "Service|ConfigMap", "ServiceMonitor", ".*"]));
        }
        if random.one_in(2) {
            target["name"] = json!(random.pick(&["web", "api", "we.*", "b-web", "t-web"]));
        }
        if random.one_in(5) {
            target["namespace"] = json!(random.pick(&["shop", "default", "prod"]));
        }
        if random.one_in(5) {
            target["labelSelector"] =
                json!(random.pick(&["app=a", "team in (a,b)", "tier", "!app", "app!=a"]));
        }
        if random.one_in(8) {
            target["version"] = json!("v1");
        }
        if !operations {
            // Lists are merged by the schema of the patched kind.
            target["kind"] = kind;
        }
        item["target"] = target;
    }
    item
}

/// A strategic merge.
fn merge(random: &mut Random) -> Value {
    let (version, kind) = *[
        ("v1", "Service"),
        ("apps/v1", "Deployment"),
        ("monitoring.coreos.com/v1", "ServiceMonitor"),
        ("v1", "ConfigMap"),
    ]
    .get(random.below(4))
    .unwrap();
    let mut patch = json!({"apiVersion": version, "kind": kind, "metadata": {"name": random.pick(&["web", "api", "b-web", "t-web"])}});
    if random.one_in(5) {
        patch["metadata"]["namespace"] = json!(random.pick(&NAMESPACES));
    }
    if random.one_in(3) {
        patch["metadata"]["labels"] = json!({"mark": random.pick(&["a", "b"])});
    }
    match (kind, random.below(3)) {
        ("Service", 0) => {
            patch["spec"] = json!({"ports": [{"port": 80, "name": "merged"}, {"port": 81, "name": "more"}]});
        }
        ("Service", 1) => patch["spec"] = json!({"selector": null}),
        ("Deployment", 0) => {
            patch["spec"] = json!({"template": {"spec": {"containers": [{"name": "main", "image": "other"}, {"name": "side", "image": "side"}]}}});
        }
        ("Deployment", 1) => {
            patch["spec"] = json!({"template": {"spec": {"containers": [{"name": "main", "ports": [{"containerPort": 8080, "name": "merged"}]}]}}});
        }
        ("ServiceMonitor", 0) => patch["spec"] = json!({"endpoints": [{"port": "merged"}]}),
        ("ServiceMonitor", 1) => patch["spec"] = json!({"selector": {"matchLabels": {"app": null}}}),
        ("ConfigMap", 0) => patch["$patch"] = json!("delete"),
        ("ConfigMap", 1) => patch["data"] = json!({"a": null, "b": "2"}),
        _ => {}
    }
    patch
}
