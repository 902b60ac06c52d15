//! A Prometheus that the real operator handles.

use std::time::Duration;

use promwire_rig::cluster::wait;
use serde_json::Value;

use crate::{World, check, page, text};

/// The targets of a Prometheus as (job, address, health), sorted.
async fn targets(address: &str) -> Result<Vec<(String, String, String)>, String> {
    let answer =
        promwire_rig::http::get(format!("http://{address}:9090/api/v1/targets?state=active")).await?;
    let answer: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut targets: Vec<_> = answer["data"]["activeTargets"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| (text(&one["labels"]["job"]), text(&one["labels"]["instance"]), text(&one["health"])))
        .collect();
    targets.sort();
    Ok(targets)
}

/// A DaemonSet on the nodes' own addresses, a StatefulSet with a claim, and a Prometheus handled by the operator.
pub(crate) async fn prometheus(world: &World) -> Result<(), String> {
    let namespace = world.cluster.namespace("scrape").await?;
    world.apply(&include_str!("prometheus.yaml").replace("NAMESPACE", &namespace)).await?;
    world.ready(&namespace, "shop-0").await?;
    let pod = world.ready(&namespace, "prometheus-main-0").await?;
    let ready = pod["status"]["containerStatuses"]
        .as_array()
        .map_or(0, |all| all.iter().filter(|one| one["ready"] == true).count());
    check(ready == 2, format!("{ready} of 2 containers are ready: {:#}", pod["status"]))?;
    let address = text(&pod, "/status/podIP");
    let shop = world.pod(&namespace, "shop-0").await;
    let shop = text(&shop, "/status/podIP");
    let mut expected = vec![("shop".to_owned(), format!("{shop}:9100"), "up".to_owned())];
    for node in ["control-plane", "worker-1", "worker-2"] {
        let host = world.agent.node_host(node).ok_or("there is no such node")?;
        expected.push(("node-exporter".to_owned(), format!("{}:9100", host.address), "up".to_owned()));
    }
    shows(address, &expected).await?;
    // node_exporter sees the name of its node, not of the machine.
    let host = world.agent.node_host("worker-1").ok_or("there is no such node")?;
    let found = page(&format!("{}:9100", host.address)).await?;
    check(found.contains(r#"nodename="worker-1""#), "node_uname_info does not name the node")?;

    // The operator changes the Secret, the mounted file follows, the real reloader tells Prometheus.
    world
        .apply(&format!(
            "{{apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, \
             metadata: {{name: late, namespace: {namespace}}}, \
             spec: {{selector: {{matchLabels: {{app: shop}}}}, podMetricsEndpoints: [{{port: metrics}}]}}}}"
        ))
        .await?;
    expected.push((format!("{namespace}/late"), format!("{shop}:9100"), "up".to_owned()));
    shows(address, &expected).await
}

/// Waits until a Prometheus shows exactly these targets.
async fn shows(address: &str, expected: &[(String, String, String)]) -> Result<(), String> {
    let mut expected = expected.to_vec();
    expected.sort();
    let done = wait(Duration::from_secs(40), "every target (up)", async || {
        targets(address).await.is_ok_and(|targets| targets == expected)
    });
    match done.await {
        Ok(()) => Ok(()),
        Err(late) => Err(format!("{late}; expected {expected:#?}, there are {:#?}", targets(address).await)),
    }
}
