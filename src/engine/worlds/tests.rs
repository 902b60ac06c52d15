use std::fs;

use super::*;
use crate::diagnostic::Code;

/// Writes files of a folder of their own, and reads it.
fn worlds(
    files: &[(&str, &str)],
    roots: &[&str],
    inputs: &[&str],
) -> (Vec<(String, Vec<String>)>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }
    let inputs: Vec<InputPath> =
        inputs.iter().map(|input| InputPath::from(folder.path().join(input))).collect();
    let roots: Vec<PathBuf> = roots.iter().map(|root| folder.path().join(root)).collect();
    let worlds = Worlds::load(&inputs, &LoadOptions::default(), Some("default"), &roots);
    let prefix = format!("{}/", folder.path().display());
    let found = worlds
        .iter()
        .map(|NamedWorld { name, world, .. }| {
            let objects = world.inventory().objects().map(|object| object.identity().to_string()).collect();
            (name.replace(&prefix, ""), objects)
        })
        .collect();
    let findings = worlds.judge(|world| world.findings().to_vec());
    let told = findings.iter().map(|finding| {
        let place = finding
            .place
            .as_ref()
            .map(|at| at.place.to_string().replace(&prefix, "").replace("./", ""))
            .unwrap_or_default();
        format!("{} {place} {}", finding.code.id(), finding.message)
    });
    (found, told.collect())
}

fn object(kind: &str, name: &str, more: &str) -> String {
    format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\n{more}\n")
}

#[test]
fn without_kustomizations_all_is_one_world() {
    let service = object("Service", "a", "");
    let (found, told) = worlds(&[("a/a.yaml", &service), ("b/b.yaml", &service)], &[], &["."]);
    assert_eq!(found, [(String::new(), vec!["Service default/a".to_owned()])]);
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn overlays_of_one_base_are_worlds_of_their_own_and_share_the_rest() {
    let kustomization = "resources: [../../base]\npatches: [{path: port.yaml}]\n";
    let patch =
        |port: u16| object("Service", "web", &format!("spec: {{ports: [{{port: 80, targetPort: {port}}}]}}"));
    let (found, told) = worlds(
        &[
            ("base/kustomization.yaml", "resources: [web.yaml]\n"),
            ("base/web.yaml", &object("Service", "web", "spec: {ports: [{port: 80}]}")),
            ("overlays/dev/kustomization.yaml", kustomization),
            ("overlays/dev/port.yaml", &patch(1)),
            ("overlays/prod/kustomization.yaml", kustomization),
            ("overlays/prod/port.yaml", &patch(2)),
            ("monitoring/x.yaml", &object("ConfigMap", "x", "")),
        ],
        &[],
        &["."],
    );
    let objects = vec!["ConfigMap default/x".to_owned(), "Service default/web".to_owned()];
    assert_eq!(found, [("dev".to_owned(), objects.clone()), ("prod".to_owned(), objects)]);
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn applications_with_kustomizations_of_their_own_are_in_one_world() {
    let (found, told) = worlds(
        &[
            ("apps/a/kustomization.yaml", "namespace: a\nnamePrefix: x-\nresources: [a.yaml]\n"),
            ("apps/a/a.yaml", &object("Service", "web", "spec: {selector: {app: a}}")),
            (
                "apps/b/kustomization.yaml",
                "namespace: b\nresources: [b.yaml]\nlabels: [{pairs: {team: b}}]\n",
            ),
            ("apps/b/b.yaml", &object("Service", "web", "")),
            ("rest.yaml", &object("Service", "rest", "")),
        ],
        &[],
        &["."],
    );
    let all = ["Service a/x-web", "Service b/web", "Service default/rest"].map(str::to_owned).to_vec();
    assert_eq!(found, [(String::new(), all)]);
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn an_overlay_alone_reads_what_it_is_made_of() {
    let (found, told) = worlds(
        &[
            ("base/kustomization.yaml", "resources: [web.yaml]\n"),
            ("base/web.yaml", &object("Service", "web", "")),
            (
                "overlays/prod/kustomization.yaml",
                "resources: [../../base, more.yaml, gone.yaml, https://example.com/x.yaml]\n",
            ),
            ("overlays/prod/more.yaml", &object("Service", "more", "")),
        ],
        &[],
        &["overlays/prod"],
    );
    assert_eq!(
        found,
        [(String::new(), vec!["Service default/more".to_owned(), "Service default/web".to_owned()])]
    );
    assert_eq!(
        told,
        [
            "PW012 overlays/prod/kustomization.yaml:1:36 `gone.yaml` is not there",
            "PW011 overlays/prod/kustomization.yaml:1:47 `https://example.com/x.yaml` is not read: it is not on this machine",
        ]
    );
}

#[test]
fn folders_can_be_said_to_be_roots() {
    let files = [
        ("prod/a.yaml", object("Service", "a", "spec: {type: ClusterIP}")),
        ("dev/a.yaml", object("Service", "a", "spec: {type: NodePort}")),
        ("shared.yaml", object("Service", "s", "")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let (found, told) = worlds(&files, &["prod", "dev"], &["."]);
    let objects = vec!["Service default/a".to_owned(), "Service default/s".to_owned()];
    assert_eq!(found, [("dev".to_owned(), objects.clone()), ("prod".to_owned(), objects)]);
    assert!(told.is_empty(), "{told:?}");
    let (_, told) = worlds(&files, &[], &["."]);
    assert_eq!(told, ["PW008 prod/a.yaml:3:18 `Service default/a` is defined twice with different content"]);
}

#[test]
fn every_fence_is_a_step() {
    let first = object("Service", "a", "spec: {type: ClusterIP}");
    let second = object("Service", "a", "spec: {type: NodePort}");
    let text =
        format!("```yaml\n{first}```\n\n```yaml\n{second}---\n{first}---\n{}```\n", object("Pod", "b", ""));
    let (found, told) = worlds(
        &[("guide.md", &text), ("base.yaml", &object("Pod", "z", ""))],
        &[],
        &["guide.md", "base.yaml"],
    );
    let all = ["Pod default/b", "Pod default/z", "Service default/a"].map(str::to_owned).to_vec();
    assert_eq!(found[0], ("guide.md, step 1".to_owned(), all[1..].to_vec()));
    assert_eq!(found[1], ("guide.md, step 2".to_owned(), all));
    assert_eq!(told, ["PW008 guide.md:16:18 `Service default/a` is defined twice with different content"]);
    // Markdown in a folder is there for people.
    let (found, _) = worlds(&[("README.md", &text)], &[], &["."]);
    assert_eq!(found, [(String::new(), Vec::new())]);
}

/// An application whose objects refer to each other.
const APPLICATION: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers: [{name: web, image: web, envFrom: [{secretRef: {name: keys}}]}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: web, namespace: default}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: http, authorization: {credentials: {name: keys, key: k}}}]}
";

#[test]
fn names_and_labels_are_followed_where_kustomize_follows_them() {
    let kustomization = "\
namespace: shop
nameSuffix: -v2
commonLabels: {env: prod}
resources: [all.yaml]
patches:
- target: {kind: Service}
  patch: |
    - {op: add, path: /spec/ports/0/name, value: http}
- patch: |
    apiVersion: monitoring.coreos.com/v1
    kind: ServiceMonitor
    metadata: {name: web}
    spec: {jobLabel: app}
- target: {kind: Ingress}
  patch: '- {op: remove, path: /spec}'
- patch: |
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata: {name: web}
generatorOptions: {disableNameSuffixHash: true}
configMapGenerator: [{name: settings, literals: [a=b]}]
secretGenerator: [{name: token, literals: [token=hunter2]}]
";
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("kustomization.yaml"), kustomization).expect("it can be written");
    fs::write(folder.path().join("all.yaml"), APPLICATION).expect("it can be written");
    let inputs = [InputPath::from(folder.path().to_owned())];
    let worlds = Worlds::load(&inputs, &LoadOptions::default(), None, &[]);
    let world = &worlds.iter().next().expect("there is one").world;
    let get = |kind: &str, name: &str| {
        let mut objects = world.inventory().objects();
        let found = objects.find(|object| object.kind() == kind && object.name() == name);
        found
            .unwrap_or_else(|| {
                panic!("{kind} {name} in {:?}", world.inventory().objects().collect::<Vec<_>>())
            })
            .node()
            .to_json()
    };
    let web = get("Deployment", "web-v2");
    assert_eq!(web["metadata"]["namespace"], "shop");
    assert_eq!(web["spec"]["template"]["spec"]["serviceAccountName"], "web-v2");
    assert_eq!(
        web["spec"]["template"]["spec"]["containers"][0]["envFrom"][0]["secretRef"]["name"],
        "keys-v2"
    );
    assert_eq!(web["spec"]["selector"]["matchLabels"]["env"], "prod");
    assert_eq!(web["spec"]["template"]["metadata"]["labels"]["env"], "prod");
    let binding = get("ClusterRoleBinding", "web-v2");
    assert_eq!(binding["roleRef"]["name"], "view");
    assert_eq!(binding["subjects"][0]["name"], "web-v2");
    assert_eq!(binding["subjects"][0]["namespace"], "shop");
    assert!(binding["metadata"].get("namespace").is_none());
    let service = get("Service", "web-v2");
    assert_eq!(service["spec"]["selector"]["env"], "prod");
    assert_eq!(service["spec"]["ports"][0]["name"], "http");
    // kustomize does not know what custom resources refer to, and neither selects nor renames there.
    let monitor = get("ServiceMonitor", "web-v2");
    assert_eq!(monitor["spec"]["selector"]["matchLabels"], serde_json::json!({"app": "web"}));
    assert_eq!(monitor["spec"]["endpoints"][0]["authorization"]["credentials"]["name"], "keys");
    assert_eq!(monitor["spec"]["jobLabel"], "app");
    assert_eq!(get("ConfigMap", "settings-v2")["data"], serde_json::json!({"a": ""}));
    let token = get("Secret", "token-v2");
    assert_eq!(token["data"], serde_json::json!({"token": ""}));
    let findings = worlds.judge(|world| world.findings().to_vec());
    assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::KUSTOMIZE_PATCH]);
    let file = &findings[0].place.as_ref().expect("it has a place").place.file;
    let at = u32::try_from(file.text().find("hunter2").expect("it is there")).expect("it is short");
    assert!(file.is_hidden(crate::diagnostic::Span::new(at, at + 7)));
}
