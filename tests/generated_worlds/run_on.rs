//! Real Prometheuses running on what the operator wrote: few processes for the configurations of many worlds.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use k8s_openapi::api::apps::v1::{DaemonSet, StatefulSet};
use k8s_openapi::api::core::v1::{Pod, PodTemplateSpec};
use kube::Api;
use promwire_rig::agent::inside;
use promwire_rig::cluster::Cluster;
use promwire_rig::runner::{Load, Runner, Seen};
use serde_json::{Value, json};

use crate::predict::Subject;

/// Prometheuses and agents at the same time: most of the time of a run is waiting for what discovery has to say.
const SERVERS: u16 = 9;
const AGENTS: u16 = 4;

/// Shards of a Prometheus that are run.
const SHARDS: u32 = 3;

/// What came of the configurations.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    /// In the shape of the recorded worlds, by the number of the Prometheus.
    pub(crate) results: BTreeMap<usize, Value>,
    /// Why others could not be run: they have no pods, or these would wait.
    pub(crate) not_run: Vec<(usize, String)>,
}

/// One pod.
struct Turn {
    subject: usize,
    shard: u32,
    load: Load,
    /// Variables that are named in the configuration, as far as they are not of every container.
    named: BTreeMap<String, String>,
}

/// Runs every configuration that is not empty, each of its first shards.
pub(crate) async fn all(
    cluster: &Cluster,
    subjects: &[(u64, Subject)],
    configs: &[Option<String>],
) -> Result<Ran, String> {
    let mut ran = Ran::default();
    let (mut servers, mut agents) = (VecDeque::new(), VecDeque::new());
    for (number, (_, subject)) in subjects.iter().enumerate() {
        let Some(config) = configs[number].as_ref().filter(|config| !config.is_empty()) else { continue };
        for shard in 0..SHARDS {
            match turn(cluster, number, subject, shard, config).await? {
                Ok(turn) => if subject.is_agent { &mut agents } else { &mut servers }.push_back(turn),
                Err(reason) if shard == 0 => ran.not_run.push((number, reason)),
                // It has no more shards.
                Err(_) => break,
            }
        }
    }
    let ran = Mutex::new(ran);
    let (servers, agents) = (Mutex::new(servers), Mutex::new(agents));
    let runners = (0..SERVERS + AGENTS).map(|number| {
        let is_agent = number >= SERVERS;
        let turns = if is_agent { &agents } else { &servers };
        work(cluster, number, is_agent, turns, &ran)
    });
    futures::future::try_join_all(runners).await?;
    Ok(ran.into_inner().expect("nothing panics while it is held"))
}

async fn work(
    cluster: &Cluster,
    number: u16,
    is_agent: bool,
    turns: &Mutex<VecDeque<Turn>>,
    ran: &Mutex<Ran>,
) -> Result<(), String> {
    let next = || turns.lock().expect("nothing panics while it is held").pop_front();
    let Some(mut turn) = next() else { return Ok(()) };
    let mut runner = Runner::start(cluster, number, is_agent).await?;
    loop {
        let run = match runner.run(&turn.load).await? {
            Seen::Targets(mut targets) => {
                targets["env"] = json!(turn.named);
                json!({"targets": targets})
            }
            Seen::Refused(said) => {
                json!({"targets": null, "targets_error": format!("Error loading config: {said}")})
            }
        };
        {
            let mut ran = ran.lock().expect("nothing panics while it is held");
            let result = ran.results.entry(turn.subject).or_insert_with(|| json!({"shards": {}}));
            if turn.shard == 0 {
                for (key, value) in run.as_object().into_iter().flatten() {
                    result[key] = value.clone();
                }
            } else {
                result["shards"][turn.shard.to_string()] = run;
            }
        }
        let is_spoiled = spoils(&turn.load.config);
        match next() {
            Some(other) => turn = other,
            None => break,
        }
        if is_spoiled {
            runner.stop().await;
            runner = Runner::start(cluster, number, is_agent).await?;
        }
    }
    runner.stop().await;
    Ok(())
}

/// Whether a Prometheus that read this is not what it was: a regex that is null in quotes changes the one that rules without a regex
/// have, in this process for ever.
fn spoils(config: &str) -> bool {
    let is_null = |regex: &str| matches!(regex.trim().trim_matches(['"', '\'']), "null" | "~");
    config.lines().filter_map(|line| line.split_once("regex:")).any(|(_, regex)| is_null(regex))
}

/// What the first pod of a shard would run with, or why there is none.
async fn turn(
    cluster: &Cluster,
    number: usize,
    subject: &Subject,
    shard: u32,
    config: &str,
) -> Result<Result<Turn, String>, String> {
    let of_shard = if shard == 0 { String::new() } else { format!("-shard-{shard}") };
    let set = format!("{}{of_shard}", subject.secret());
    let Some(template) = template(cluster, subject, &set).await? else {
        return Ok(Err(format!("there is no StatefulSet {set}")));
    };
    let node = template.on_each_node.then(|| first_node(&subject.namespace));
    let mut pod = Pod {
        metadata: template.template.metadata.unwrap_or_default(),
        spec: template.template.spec,
        status: None,
    };
    pod.metadata.name = Some(template.pod);
    pod.metadata.namespace = Some(subject.namespace.clone());
    if let Some(spec) = &mut pod.spec {
        spec.node_name = node;
    }
    let files = match inside(&cluster.client(), &pod, "prometheus").await {
        Ok(inside) => inside.files,
        Err(reason) => return Ok(Err(reason)),
    };
    let environment = match inside(&cluster.client(), &pod, "config-reloader").await {
        Ok(inside) => inside.environment,
        Err(reason) => return Ok(Err(reason)),
    };
    let of_every_container = |name: &str| name.starts_with("KUBERNETES_");
    let named = environment.iter().filter(|(name, _)| !of_every_container(name));
    let named = named.map(|(name, value)| (name.clone(), value.clone())).collect();
    let load = Load { config: config.to_owned(), environment, files, namespace: subject.namespace.clone() };
    Ok(Ok(Turn { subject: number, shard, load, named }))
}

/// What the pods of a Prometheus are made of.
struct Made {
    template: PodTemplateSpec,
    /// The name of the first one.
    pod: String,
    /// Each Node has one.
    on_each_node: bool,
}

async fn template(cluster: &Cluster, subject: &Subject, name: &str) -> Result<Option<Made>, String> {
    let sets: Api<StatefulSet> = Api::namespaced(cluster.client(), &subject.namespace);
    if let Some(set) = sets.get_opt(name).await.map_err(|error| error.to_string())? {
        let template = set.spec.map(|spec| spec.template);
        return Ok(template.map(|template| Made { template, pod: format!("{name}-0"), on_each_node: false }));
    }
    let sets: Api<DaemonSet> = Api::namespaced(cluster.client(), &subject.namespace);
    let set = sets.get_opt(name).await.map_err(|error| error.to_string())?;
    let template = set.and_then(|set| set.spec).map(|spec| spec.template);
    Ok(template.map(|template| Made { template, pod: format!("{name}-x"), on_each_node: true }))
}

/// A Node of the world that a namespace is of.
fn first_node(namespace: &str) -> String {
    format!("{}-node-0", namespace.split('-').next().unwrap_or_default())
}
