//! From nothing to nothing.

use crate::scene::{Scene, check, folder, same};

const STACK: &str = "apiVersion: promwire.dev/v1alpha1
kind: Stack
namespace: watch
integrations:
  prometheus: {}
  node-exporter: {}
";

/// apply → unchanged → change → diff → apply → delete leaves the cluster as it was.
pub(crate) async fn whole(scene: &Scene) -> Result<(), String> {
    let before = scene.everything().await?;
    let here = folder(&[("promwire.yaml", STACK)])?;
    let run = scene.promwire(here.path(), "diff").await?.expect(1)?;
    check(run.stdout.contains("+++ wanted DaemonSet watch/node-exporter"), run.said())?;
    let run = scene.promwire(here.path(), "apply --dry-run=server").await?.expect(0)?;
    check(run.stdout.contains("create     Namespace watch"), run.said())?;
    same(&before, &scene.everything().await?)?;
    let run = scene.promwire(here.path(), "apply").await?.expect(2)?;
    check(run.stderr.contains("PW955"), run.said())?;
    same(&before, &scene.everything().await?)?;
    let run = scene.promwire(here.path(), "apply --yes").await?.expect(0)?;
    for line in ["Namespace watch created", "ServiceMonitor watch/node-exporter created"] {
        check(run.stdout.contains(line), run.said())?;
    }
    let order: Vec<usize> = [
        "Namespace watch",
        "ServiceAccount watch/",
        "ClusterRoleBinding ",
        "Service watch/node",
        "DaemonSet watch/",
        "ServiceMonitor watch/",
    ]
    .iter()
    .map(|line| run.stdout.find(line).unwrap_or(usize::MAX))
    .collect();
    check(order.is_sorted() && !order.contains(&usize::MAX), format!("the order {order:?}\n{}", run.said()))?;
    let applied = scene.everything().await?;
    let run = scene.promwire(here.path(), "apply --yes").await?.expect(0)?;
    check(run.stdout.is_empty() && run.stderr.contains("unchanged"), run.said())?;
    let run = scene.promwire(here.path(), "diff").await?.expect(0)?;
    check(run.stdout.is_empty(), run.said())?;
    same(&applied, &scene.everything().await?)?;
    let port = "--set node-exporter.port=9110";
    let run = scene.promwire(here.path(), &format!("diff {port}")).await?.expect(1)?;
    check(run.stdout.contains("9110") && run.stdout.contains("-    port: 9100"), run.said())?;
    same(&applied, &scene.everything().await?)?;
    let run = scene.promwire(here.path(), &format!("apply --yes {port}")).await?.expect(0)?;
    check(run.stdout.contains("DaemonSet watch/node-exporter changed"), run.said())?;
    let run = scene.promwire(here.path(), &format!("diff {port}")).await?.expect(0)?;
    check(run.stdout.is_empty(), run.said())?;
    let run = scene.promwire(here.path(), "delete").await?.expect(2)?;
    check(run.stderr.contains("PW955"), run.said())?;
    scene.promwire(here.path(), "delete --yes").await?.expect(0)?;
    same(&before, &scene.everything().await?)?;
    let run = scene.promwire(here.path(), "delete --yes").await?.expect(0)?;
    check(run.stderr.contains("nothing to delete"), run.said())
}

const TWO: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: one, namespace: default}
data: {a: b}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: two, namespace: default}
";

pub(crate) async fn prune(scene: &Scene) -> Result<(), String> {
    let before = scene.everything().await?;
    let (both, one) =
        (folder(&[("a.yaml", TWO)])?, folder(&[("a.yaml", TWO.split("---").next().unwrap_or_default())])?);
    scene.promwire(both.path(), "apply -f . -n default --yes").await?.expect(0)?;
    let run = scene.promwire(one.path(), "apply -f . -n default --yes").await?.expect(0)?;
    check(run.stderr.contains("1 not wanted any more"), run.said())?;
    scene.get("/api/v1/namespaces/default/configmaps/two").await?;
    let run = scene.promwire(one.path(), "apply -f . -n default --yes --prune").await?.expect(0)?;
    check(run.stdout.contains("ConfigMap default/two deleted"), run.said())?;
    check(scene.get("/api/v1/namespaces/default/configmaps/two").await.is_err(), "it is still there")?;
    scene.get("/api/v1/namespaces/default/configmaps/one").await?;
    scene.promwire(one.path(), "delete -n default --yes").await?.expect(0)?;
    same(&before, &scene.everything().await?)
}
