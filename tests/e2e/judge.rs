//! Comparing what Prometheus and the operator do with what a case says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{Event, Pod};
use kube::api::ListParams;
use kube::{Api, ResourceExt as _};
use promwire_rig::prometheus::{Prometheus, Targets};

use crate::case::{Case, Pool};
use crate::stage::Stage;
use crate::world::World;

/// Pods, the operator, Prometheus' discovery and the first scrapes (30 s apart by default) all need their time; the
/// config reloader looks again after three minutes when it missed a change.
const PATIENCE: Duration = Duration::from_mins(4);
/// What is as the case says must stay so: Prometheus takes what it discovered every 5 s.
const STEADY: Duration = Duration::from_secs(7);

/// Objects the API server refused are those the case names.
pub(crate) fn refusals(case: &Case, refused: &[String]) -> Result<(), String> {
    same("the API server refuses", &case.says.refused, refused)
}

/// Each text is one of those named, and each name has its text.
fn same(what: &str, expected: &BTreeMap<String, String>, seen: &[String]) -> Result<(), String> {
    let fits =
        |text: &str, title: &str, part: &str| text.starts_with(&format!("{title}: ")) && text.contains(part);
    let other = seen.iter().find(|text| !expected.iter().any(|(title, part)| fits(text, title, part)));
    if let Some(text) = other {
        return Err(format!("{what} {text}"));
    }
    match expected.iter().find(|(title, part)| !seen.iter().any(|text| fits(text, title, part))) {
        Some((title, part)) => Err(format!("{what} no {title} with `{part}`; it said {seen:#?}")),
        None => Ok(()),
    }
}

/// Waits until the targets are those of the case and stay so, then looks at rejections and the log.
pub(crate) async fn targets(world: &World, case: &Case, stage: &Stage) -> Result<(), String> {
    let started = Instant::now();
    let mut since: Option<Instant> = None;
    loop {
        match seen(world, case, stage).await {
            Ok(pools) if agree(&case.says.pools, &pools) => {
                if since.get_or_insert_with(Instant::now).elapsed() >= STEADY {
                    break;
                }
            }
            other => {
                since = None;
                if started.elapsed() > PATIENCE {
                    return Err(disagreement(&case.says.pools, other));
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    rejections(world, case).await?;
    log(world, case)
}

/// What is seen of a pool: the health and the error of each target, by URL; one URL may be there more than once.
type Seen = BTreeMap<String, Vec<(String, String, String)>>;

fn agree(expected: &BTreeMap<String, Pool>, seen: &Seen) -> bool {
    expected.keys().eq(seen.keys())
        && expected.iter().all(|(name, pool)| {
            let targets = &seen[name];
            let mut up: Vec<&str> = targets
                .iter()
                .filter(|(_, health, _)| health == "up")
                .map(|(url, _, _)| url.as_str())
                .collect();
            let mut wanted: Vec<&str> = pool.up.iter().map(String::as_str).collect();
            up.sort_unstable();
            wanted.sort_unstable();
            up == wanted
                && targets.len() == pool.up.len() + pool.down.len()
                && pool.down.iter().all(|(url, part)| {
                    targets
                        .iter()
                        .any(|(seen, health, error)| seen == url && health == "down" && error.contains(part))
                })
        })
}

fn disagreement(expected: &BTreeMap<String, Pool>, seen: Result<Seen, String>) -> String {
    let mut lines = vec!["expected".to_owned()];
    for (name, pool) in expected {
        lines.push(format!("  {name}"));
        lines.extend(pool.up.iter().map(|url| format!("    up {url}")));
        lines.extend(pool.down.iter().map(|(url, part)| format!("    down {url} {part}")));
    }
    lines.push("seen".to_owned());
    match seen {
        Err(reason) => lines.push(format!("  {reason}")),
        Ok(pools) => {
            for (name, targets) in pools {
                lines.push(format!("  {name}"));
                lines
                    .extend(targets.iter().map(|(url, health, error)| format!("    {health} {url} {error}")));
            }
        }
    }
    lines.join("\n")
}

/// The Prometheus of a case: its first shard's pod.
pub(crate) async fn prometheus(world: &World, case: &Case) -> Result<(Prometheus, String), String> {
    let (namespace, name) = parts(case)?;
    let pods: Api<Pod> = Api::namespaced(world.cluster.client(), namespace);
    let pod = format!("prometheus-{name}-0");
    let found = pods
        .get_opt(&pod)
        .await
        .map_err(|error| error.to_string())?
        .ok_or_else(|| format!("there is no pod {pod}"))?;
    let address =
        found.status.and_then(|status| status.pod_ip).ok_or_else(|| format!("{pod} has no address"))?;
    Ok((Prometheus::at(&format!("{address}:9090")), pod))
}

fn parts(case: &Case) -> Result<(&str, &str), String> {
    case.says.prometheus.split_once('/').ok_or_else(|| "`prometheus` is NAMESPACE/NAME".to_owned())
}

async fn seen(world: &World, case: &Case, stage: &Stage) -> Result<Seen, String> {
    let (prometheus, _) = prometheus(world, case).await?;
    let (pools, targets) = tokio::try_join!(prometheus.pools(), prometheus.targets())?;
    let mut names = names(world).await?;
    names.extend(stage.addresses());
    Ok(summary(pools, &targets, &names))
}

fn summary(pools: Vec<String>, targets: &Targets, names: &BTreeMap<String, String>) -> Seen {
    let mut seen: Seen = pools.into_iter().map(|name| (name, Vec::new())).collect();
    for target in &targets.active_targets {
        let url = named(&target.scrape_url, names);
        let entry = (url, target.health.clone(), target.last_error.clone());
        seen.entry(target.scrape_pool.clone()).or_default().push(entry);
    }
    seen
}

/// The URL with the name of whoever has the address.
fn named(url: &str, names: &BTreeMap<String, String>) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find([':', '/']).unwrap_or(rest.len());
    match names.get(&rest[..end]) {
        Some(name) => format!("{scheme}://{name}{}", &rest[end..]),
        None => url.to_owned(),
    }
}

/// Who has which address: nodes by name, pods by name, `OWNER-*` for those with random names.
async fn names(world: &World) -> Result<BTreeMap<String, String>, String> {
    let pods: Api<Pod> = Api::all(world.cluster.client());
    let pods = pods.list(&ListParams::default()).await.map_err(|error| error.to_string())?;
    let mut names: BTreeMap<String, String> = pods
        .iter()
        .filter(|pod| pod.spec.as_ref().is_none_or(|spec| spec.host_network != Some(true)))
        .filter_map(|pod| Some((pod.status.as_ref()?.pod_ip.clone()?, pod_name(pod))))
        .collect();
    names.extend(world.agent.nodes().map(|node| (node.address.to_string(), node.namespace.clone())));
    names.insert(promwire_rig::network::RIG.to_string(), "rig".to_owned());
    Ok(names)
}

fn pod_name(pod: &Pod) -> String {
    let Some(generated) = pod.metadata.generate_name.as_deref() else { return pod.name_any() };
    // A ReplicaSet's own name ends in the hash of its template.
    let hash = pod.labels().get("pod-template-hash").map(|hash| format!("-{hash}-"));
    let owner = hash
        .and_then(|hash| generated.strip_suffix(&hash))
        .unwrap_or_else(|| generated.trim_end_matches('-'));
    if pod.labels().contains_key("statefulset.kubernetes.io/pod-name") {
        pod.name_any()
    } else {
        format!("{owner}-*")
    }
}

/// Objects the operator rejected are those the case names.
async fn rejections(world: &World, case: &Case) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for namespace in namespaces(case) {
        let events: Api<Event> = Api::namespaced(world.cluster.client(), namespace);
        let events = events.list(&ListParams::default()).await.map_err(|error| error.to_string())?;
        for event in events.iter().filter(|event| event.reason.as_deref() == Some("InvalidConfiguration")) {
            let of = &event.involved_object;
            seen.insert(format!(
                "{} {namespace}/{}: {}",
                of.kind.as_deref().unwrap_or_default(),
                of.name.as_deref().unwrap_or_default(),
                event.message.as_deref().unwrap_or_default()
            ));
        }
    }
    same("the operator rejects", &case.says.rejected, &Vec::from_iter(seen))
}

/// Every namespace an object of the case lies in.
fn namespaces(case: &Case) -> BTreeSet<&str> {
    let mut all = case.namespaces();
    all.extend(case.manifests.iter().filter_map(|object| object["metadata"]["namespace"].as_str()));
    all
}

fn log(world: &World, case: &Case) -> Result<(), String> {
    if case.says.log.is_empty() {
        return Ok(());
    }
    let (namespace, name) = parts(case)?;
    let path = world
        .agent
        .pod_log(namespace, &format!("prometheus-{name}-0"), "prometheus")
        .ok_or("Prometheus has no log")?;
    let text = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let text = String::from_utf8_lossy(&text);
    match case.says.log.iter().find(|part| !text.contains(part.as_str())) {
        Some(part) => Err(format!("the log of Prometheus does not say `{part}`:\n{text}")),
        None => Ok(()),
    }
}
