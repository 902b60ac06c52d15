//! From a Stack to targets that are up, and back to nothing.

use promwire_rig::cluster::OperatorOptions;

use crate::scene::{Scene, check, folder};

const STACK: &str = "apiVersion: promwire.dev/v1alpha1
kind: Stack
namespace: watch
integrations:
  prometheus: {}
  node-exporter: {}
";

/// generate → check → apply → verify → change → diff → apply → verify → delete.
pub(crate) async fn node_exporter(scene: &Scene) -> Result<(), String> {
    scene.agent().await?;
    let operator = scene.cluster.operator(&OperatorOptions::default()).await?;
    let here = folder(&[("promwire.yaml", STACK)])?;
    scene.promwire(here.path(), "generate --output-dir out").await?.expect(0)?;
    scene.promwire(here.path(), "check out").await?.expect(0)?;
    scene.promwire(here.path(), "apply --yes").await?.expect(0)?;
    scene.promwire(here.path(), "verify out --timeout 3m").await?.expect(0)?;
    let run = scene.promwire(here.path(), "diff").await?.expect(0)?;
    check(run.stdout.is_empty(), run.said())?;
    let change = "--set node-exporter.port=9110";
    let run = scene.promwire(here.path(), &format!("diff {change}")).await?.expect(1)?;
    check(run.stdout.contains("9110"), run.said())?;
    scene.promwire(here.path(), &format!("apply --yes {change}")).await?.expect(0)?;
    scene
        .promwire(here.path(), &format!("generate {change} --output-dir out --overwrite"))
        .await?
        .expect(0)?;
    scene.promwire(here.path(), "verify out --timeout 3m").await?.expect(0)?;
    let run = scene.promwire(here.path(), "delete --yes").await?.expect(0)?;
    // What Prometheus stored is nobody's to delete by the way.
    check(run.stdout.contains("Namespace watch stays: PersistentVolumeClaim"), run.said())?;
    operator.stop().await;
    Ok(())
}
