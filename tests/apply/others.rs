//! What is somebody else's.

use crate::scene::{Scene, check, folder, same};

const SERVICE: &str = "apiVersion: v1
kind: Service
metadata: {name: api, namespace: default, labels: {app: api}}
spec: {selector: {app: api}, ports: [{name: http, port: 80}]}
";

/// What Calico's guide says: a setting of an object that is Calico's.
pub(crate) async fn settings(scene: &Scene) -> Result<(), String> {
    let felix = "/apis/crd.projectcalico.org/v1/felixconfigurations/default";
    let stack = "apiVersion: promwire.dev/v1alpha1
kind: Stack
namespace: default
integrations:
  calico: {install: manifest, settings: objects}
";
    let here = folder(&[("promwire.yaml", stack)])?;
    // It is not there: it comes, and goes again.
    let before = scene.everything().await?;
    scene.promwire(here.path(), "apply --yes").await?.expect(0)?;
    check(scene.get(felix).await?["spec"]["prometheusMetricsEnabled"] == true, "it is not set")?;
    scene.promwire(here.path(), "delete --yes").await?.expect(0)?;
    same(&before, &scene.everything().await?)?;
    // It is there: one field comes, and goes again.
    scene
        .apply("{apiVersion: crd.projectcalico.org/v1, kind: FelixConfiguration, metadata: {name: default}, spec: {prometheusMetricsPort: 9091}}")
        .await?;
    let before = scene.everything().await?;
    scene.promwire(here.path(), "apply --yes").await?.expect(0)?;
    let spec = scene.get(felix).await?["spec"].clone();
    check(
        spec["prometheusMetricsEnabled"] == true && spec["prometheusMetricsPort"] == 9091,
        format!("{spec}"),
    )?;
    let run = scene.promwire(here.path(), "apply --yes").await?.expect(0)?;
    check(run.stdout.is_empty(), run.said())?;
    let run = scene.promwire(here.path(), "delete --yes").await?.expect(0)?;
    check(run.stdout.contains("FelixConfiguration default given back"), run.said())?;
    same(&before, &scene.everything().await?)
}

/// A field of ours that somebody set to something else.
pub(crate) async fn conflict(scene: &Scene) -> Result<(), String> {
    let before = scene.everything().await?;
    let here = folder(&[("a.yaml", SERVICE)])?;
    scene.promwire(here.path(), "apply -f . -n default --yes").await?.expect(0)?;
    let theirs = "apiVersion: v1
kind: Service
metadata: {name: api, namespace: default, annotations: {meta.helm.sh/release-name: shop, meta.helm.sh/release-namespace: default}}
spec: {selector: {app: shop}}
";
    // The rig applies with force, and is the owner since.
    scene.apply(theirs).await?;
    let taken = scene.everything().await?;
    for command in
        ["apply -f . -n default --yes", "diff -f . -n default", "apply -f . -n default --dry-run=server"]
    {
        let run = scene.promwire(here.path(), command).await?.expect(2)?;
        check(run.stderr.contains("PW952") && run.stderr.contains("`rig`: .spec.selector"), run.said())?;
    }
    same(&taken, &scene.everything().await?)?;
    scene.promwire(here.path(), "delete -n default --yes").await?.expect(0)?;
    same(&before, &scene.everything().await?)
}

pub(crate) async fn foreign(scene: &Scene) -> Result<(), String> {
    scene.apply(SERVICE).await?;
    let before = scene.everything().await?;
    let here = folder(&[("a.yaml", SERVICE)])?;
    let run = scene.promwire(here.path(), "apply -f . -n default --yes").await?.expect(2)?;
    check(run.stderr.contains("PW953") && run.stderr.contains("`rig`"), run.said())?;
    same(&before, &scene.everything().await?)?;
    // A namespace that promwire made, and others live in by now.
    let stack = "apiVersion: v1
kind: Namespace
metadata: {name: shared}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ours, namespace: shared}
";
    let own = folder(&[("a.yaml", stack)])?;
    scene.promwire(own.path(), "apply -f . -n shared --yes").await?.expect(0)?;
    scene.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: theirs, namespace: shared}}").await?;
    let run = scene.promwire(own.path(), "delete -n shared --yes").await?.expect(0)?;
    check(
        run.stdout.contains("Namespace shared stays: ConfigMap shared/theirs of somebody else"),
        run.said(),
    )?;
    check(scene.get("/api/v1/namespaces/shared/configmaps/ours").await.is_err(), "ours is left")?;
    scene.get("/api/v1/namespaces/shared/configmaps/theirs").await?;
    for object in ["{apiVersion: v1, kind: Namespace, metadata: {name: shared}}", SERVICE] {
        for object in promwire_rig::manifests::parse("left", object)? {
            scene.cluster.delete(&object).await?;
        }
    }
    Ok(())
}

pub(crate) async fn wrong(scene: &Scene) -> Result<(), String> {
    let here = folder(&[("a.yaml", SERVICE)])?;
    let once = |text: &str| text.matches("error[").count() == 1;
    // A kind that nobody installed.
    let exotic = folder(&[(
        "a.yaml",
        "apiVersion: operator.example.com/v1\nkind: Thing\nmetadata: {name: a, namespace: default}\n",
    )])?;
    let run = scene.promwire(exotic.path(), "apply -f . -n default --yes").await?.expect(2)?;
    check(run.stderr.contains("PW950") && once(&run.stderr), run.said())?;
    // A kubeconfig that leads nowhere.
    let nowhere = here.path().join("nowhere");
    scene.write_kubeconfig(&nowhere, "https://127.0.0.1:1")?;
    let run = scene
        .promwire(
            here.path(),
            &format!("apply -f a.yaml -n default --yes --kubeconfig {}", nowhere.display()),
        )
        .await?
        .expect(2)?;
    check(run.stderr.contains("PW923") && once(&run.stderr), run.said())?;
    // Nobody the server knows.
    let text = std::fs::read_to_string(&nowhere).map_err(|error| error.to_string())?;
    let (_, token) = scene.cluster.admin();
    let text = text
        .replace("https://127.0.0.1:1", &format!("https://{}", promwire_rig::network::RIG))
        .replace(token, "expired");
    std::fs::write(&nowhere, text).map_err(|error| error.to_string())?;
    let run = scene
        .promwire(
            here.path(),
            &format!("apply -f a.yaml -n default --yes --kubeconfig {}", nowhere.display()),
        )
        .await?
        .expect(2)?;
    check(
        run.stderr.contains("PW925") && once(&run.stderr) && !run.stderr.contains("expired\n"),
        run.said(),
    )?;
    // A namespace that is not there.
    let run = scene.promwire(here.path(), "apply -f a.yaml -n nowhere --yes").await?.expect(2)?;
    check(
        run.stderr.contains("PW951") && run.stderr.contains("kubectl create namespace nowhere"),
        run.said(),
    )?;
    // What check finds.
    let broken = folder(&[(
        "a.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: default}\nspec: {ports: [{port: eighty}]}\n",
    )])?;
    let run = scene.promwire(broken.path(), "apply -f . -n default --yes").await?.expect(1)?;
    check(run.stderr.contains("PW958"), run.said())?;
    let run = scene.promwire(broken.path(), "apply -f . -n default --yes --force-broken").await?.expect(2)?;
    check(run.stderr.contains("PW954") || run.stderr.contains("PW957"), run.said())?;
    scene.promwire(broken.path(), "delete -n default --yes").await?.expect(0).map(|_| ())
}

pub(crate) async fn secrets(scene: &Scene) -> Result<(), String> {
    let before = scene.everything().await?;
    let secret = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: keys, namespace: default}}\nstringData: {{key: {value}, same: canary-same}}\n"
        )
    };
    let here = folder(&[("a.yaml", &secret("canary-one"))])?;
    let shows = |run: &crate::scene::Run| run.said().contains("canary") || run.said().contains("Y2FuYXJ5");
    let mut runs = Vec::new();
    let run = scene.promwire(here.path(), "apply -f . -n default --yes").await?.expect(2)?;
    check(run.stderr.contains("PW956"), run.said())?;
    runs.push(run);
    same(&before, &scene.everything().await?)?;
    let all = "-f . -n default --with-secrets";
    runs.push(scene.promwire(here.path(), &format!("diff {all}")).await?.expect(1)?);
    runs.push(scene.promwire(here.path(), &format!("apply {all} --yes")).await?.expect(0)?);
    let run = scene.promwire(here.path(), &format!("apply {all} --yes")).await?.expect(0)?;
    check(run.stdout.is_empty(), run.said())?;
    std::fs::write(here.path().join("a.yaml"), secret("canary-two")).map_err(|error| error.to_string())?;
    let run = scene.promwire(here.path(), &format!("diff {all}")).await?.expect(1)?;
    check(run.stdout.contains("*** (before)") && run.stdout.contains("*** (after)"), run.said())?;
    runs.push(run);
    runs.push(scene.promwire(here.path(), &format!("apply {all} --yes --dry-run=server")).await?.expect(0)?);
    // A Secret stays when nobody speaks of Secrets.
    let none = folder(&[(
        "a.yaml",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: other, namespace: default}}",
    )])?;
    runs.push(scene.promwire(none.path(), "apply -f . -n default --yes --prune").await?.expect(0)?);
    scene.get("/api/v1/namespaces/default/secrets/keys").await?;
    // The server refuses it, and quotes what it refuses.
    let bad = "apiVersion: v1\nkind: Secret\nmetadata: {name: bad, namespace: default}\ndata: {key: canary-not-base64}\n";
    std::fs::write(here.path().join("a.yaml"), bad).map_err(|error| error.to_string())?;
    runs.push(scene.promwire(here.path(), &format!("apply {all} --yes --force-broken")).await?.expect(2)?);
    runs.push(scene.promwire(here.path(), "delete -n default --yes").await?.expect(0)?);
    if let Some(run) = runs.iter().find(|run| shows(run)) {
        return Err(format!("a Secret is shown\n{}", run.said()));
    }
    same(&before, &scene.everything().await?)
}
