//! The node agent: plays the kubelet of every node.
//!
//! It makes the nodes and keeps them ready, gives pods addresses, mounts their volumes and reports their status. For
//! the images it knows the real program runs, in a root of its own on the address of its pod; a pod of an image it
//! does not know is running and ready with nothing in it.
//!
//! What is unlike a kubelet: programs run as root whatever `securityContext` says, and without limits; `exec` and
//! `grpc` probes count as answered, liveness probes are not asked, probes are asked more often until the first yes;
//! there is no DNS and no kube-proxy; hooks of the life cycle do not run.

mod calico;
mod claims;
mod container;
mod content;
mod environment;
mod expand;
mod fields;
mod images;
mod nodes;
mod objects;
mod pod;
mod probe;
mod script;
mod status;
mod template;
mod volumes;
mod writer;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret, Service, Taint};
use kube::core::PartialObjectMeta;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, ResourceExt as _};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;

pub(crate) use self::script::{Mount, Script, Source};
pub use self::template::{Inside, inside};

use self::objects::{Changed, Reference};
use crate::cluster::Cluster;
use crate::network::{Host, Network};
use crate::programs::Programs;

/// What an agent works with.
pub struct Setup {
    /// A client with every right.
    pub client: Client,
    /// What runs in the containers.
    pub programs: Programs,
    /// Where nodes and pods live.
    pub network: Arc<Network>,
    /// The folder of the run.
    pub folder: PathBuf,
    /// The nodes to play.
    pub nodes: Vec<NodeSpec>,
}

impl Setup {
    /// The usual nodes of a cluster: a tainted control plane and two workers.
    pub fn usual(cluster: &Cluster) -> Self {
        Self {
            client: cluster.client(),
            programs: cluster.programs().clone(),
            network: Arc::clone(cluster.network()),
            folder: cluster.run().path().to_owned(),
            nodes: vec![
                NodeSpec::control_plane("control-plane"),
                NodeSpec::worker("worker-1"),
                NodeSpec::worker("worker-2"),
            ],
        }
    }
}

/// A node.
#[derive(Debug, Clone, Default)]
pub struct NodeSpec {
    /// Its name, and that of its network namespace.
    pub name: String,
    /// Labels beside those every node has (`kubernetes.io/hostname`, `kubernetes.io/os`, `kubernetes.io/arch`).
    pub labels: BTreeMap<String, String>,
    /// Its taints; no others stay.
    pub taints: Vec<Taint>,
}

impl NodeSpec {
    /// A node that ordinary pods run on.
    pub fn worker(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// A node as kubeadm makes one for the control plane: labelled, and tainted against ordinary pods.
    pub fn control_plane(name: &str) -> Self {
        let role = "node-role.kubernetes.io/control-plane";
        Self {
            name: name.to_owned(),
            labels: BTreeMap::from([(role.to_owned(), String::new())]),
            taints: vec![Taint { key: role.to_owned(), effect: "NoSchedule".to_owned(), ..Taint::default() }],
        }
    }
}

/// A running agent. Everything it runs ends when it is dropped.
pub struct Agent {
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

/// What the tasks of an agent share.
struct Shared {
    client: Client,
    programs: Programs,
    network: Arc<Network>,
    folder: PathBuf,
    nodes: Vec<Node>,
    /// The variables of the Service `kubernetes`, which every container has.
    service: BTreeMap<String, String>,
    changes: broadcast::Sender<Changed>,
    calico: calico::Settings,
}

/// A node that is there.
#[derive(Debug, Clone)]
struct Node {
    spec: NodeSpec,
    host: Host,
    folder: PathBuf,
}

impl Agent {
    /// Makes the nodes, and plays their kubelets from then on.
    ///
    /// # Errors
    ///
    /// The network or the API server refused a node.
    pub async fn start(setup: Setup) -> Result<Self, String> {
        let Setup { client, programs, network, folder, nodes } = setup;
        let mut played = Vec::new();
        for (index, spec) in (1..).zip(nodes) {
            let host = network.node(&spec.name, index).await?;
            let folder = node_folder(&folder, &spec.name);
            fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            played.push(Node { spec, host, folder });
        }
        let version = client.apiserver_version().await.map_err(|error| error.to_string())?.git_version;
        let service = service_variables(&client).await?;
        let shared = Arc::new(Shared {
            calico: calico::Settings::new(client.clone()),
            client,
            programs,
            network,
            folder,
            nodes: played,
            service,
            changes: broadcast::channel(1024).0,
        });
        for node in &shared.nodes {
            nodes::keep(&shared.client, &node.spec, &node.host, &version).await?;
        }
        let mut tasks = JoinSet::new();
        tasks.spawn(keep_nodes(Arc::clone(&shared), version));
        let claims = Arc::clone(&shared);
        tasks
            .spawn(async move { claims::serve(claims.client.clone(), &claims.folder.join("volumes")).await });
        tasks.spawn(changes::<Secret>(Arc::clone(&shared), Reference::Secret));
        tasks.spawn(changes::<ConfigMap>(Arc::clone(&shared), Reference::ConfigMap));
        let settings = Arc::clone(&shared);
        tasks.spawn(async move { settings.calico.follow().await });
        tasks.spawn(pods(Arc::clone(&shared)));
        Ok(Self { shared, _tasks: tasks })
    }

    /// The files of a node: what `hostPath` volumes of its pods see.
    pub fn node_folder(&self, node: &str) -> PathBuf {
        node_folder(&self.shared.folder, node)
    }

    /// The place of a node in the network.
    pub fn node_host(&self, node: &str) -> Option<&Host> {
        self.nodes().find(|host| host.namespace == node)
    }

    /// The nodes' places in the network; a node's network namespace has its name.
    pub fn nodes(&self) -> impl Iterator<Item = &Host> {
        self.shared.nodes.iter().map(|node| &node.host)
    }

    /// The log of a container whose program ran; of pods of the same name the latest.
    pub fn pod_log(&self, namespace: &str, pod: &str, container: &str) -> Option<PathBuf> {
        let prefix = pod_prefix(namespace, pod);
        fs::read_dir(self.shared.folder.join(PODS))
            .ok()?
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
            .map(|entry| entry.path().join("logs").join(format!("{container}.log")))
            .filter_map(|log| Some((fs::metadata(&log).ok()?.modified().ok()?, log)))
            .max()
            .map(|(_, log)| log)
    }
}

/// Where pods keep their files, below the folder of the run.
const PODS: &str = "pods";

fn node_folder(run: &Path, node: &str) -> PathBuf {
    run.join("nodes").join(node)
}

/// How the folder of a pod is named, up to its identifier. Names of objects have no underscore.
fn pod_prefix(namespace: &str, pod: &str) -> String {
    format!("{namespace}_{pod}_")
}

/// What a kubelet tells of the Service `kubernetes`.
async fn service_variables(client: &Client) -> Result<BTreeMap<String, String>, String> {
    let services: Api<Service> = Api::namespaced(client.clone(), "default");
    let service = services.get("kubernetes").await.map_err(|error| error.to_string())?;
    let spec = service.spec.unwrap_or_default();
    let host = spec.cluster_ip.unwrap_or_default();
    let port = spec.ports.unwrap_or_default().first().map_or(443, |port| port.port);
    let link = format!("tcp://{host}:{port}");
    let tcp = |name: &str| format!("KUBERNETES_PORT_{port}_TCP{name}");
    Ok(BTreeMap::from([
        ("KUBERNETES_SERVICE_HOST".to_owned(), host.clone()),
        ("KUBERNETES_SERVICE_PORT".to_owned(), port.to_string()),
        ("KUBERNETES_SERVICE_PORT_HTTPS".to_owned(), port.to_string()),
        ("KUBERNETES_PORT".to_owned(), link.clone()),
        (tcp(""), link),
        (tcp("_ADDR"), host),
        (tcp("_PORT"), port.to_string()),
        (tcp("_PROTO"), "tcp".to_owned()),
    ]))
}

/// Keeps nodes ready, also those that somebody deletes or taints.
async fn keep_nodes(shared: Arc<Shared>, version: String) {
    let nodes: Api<k8s_openapi::api::core::v1::Node> = Api::all(shared.client.clone());
    let mut events = std::pin::pin!(watcher(nodes, watcher::Config::default()).default_backoff());
    let mut renewal = tokio::time::interval(nodes::PERIOD);
    loop {
        let stale = tokio::select! {
            _ = renewal.tick() => shared.nodes.iter().collect(),
            event = events.next() => match event {
                Some(Ok(watcher::Event::Delete(gone))) => shared.node(&gone.name_any()),
                Some(Ok(watcher::Event::Apply(node) | watcher::Event::InitApply(node))) => {
                    let taints = node.spec.as_ref().and_then(|spec| spec.taints.as_deref()).unwrap_or_default();
                    let own = shared.node(&node.name_any());
                    own.into_iter().filter(|own| own.spec.taints != taints).collect()
                }
                // The watch goes on by itself.
                _ => Vec::new(),
            },
        };
        for node in stale {
            if let Err(error) = nodes::keep(&shared.client, &node.spec, &node.host, &version).await {
                crate::say(&format!("node {}: {error}", node.spec.name));
            }
        }
    }
}

impl Shared {
    /// The node of that name, if it is played here.
    fn node(&self, name: &str) -> Vec<&Node> {
        self.nodes.iter().filter(|node| node.spec.name == name).collect()
    }
}

/// Tells pods which objects changed.
async fn changes<K>(shared: Arc<Shared>, reference: fn(String) -> Reference)
where
    K: kube::Resource<DynamicType = ()>
        + Clone
        + serde::de::DeserializeOwned
        + std::fmt::Debug
        + Send
        + 'static,
{
    let objects: Api<PartialObjectMeta<K>> = Api::all(shared.client.clone());
    let events = watcher(objects, watcher::Config::default()).default_backoff();
    let mut events = std::pin::pin!(events);
    while let Some(event) = events.next().await {
        if let Ok(
            watcher::Event::Apply(object)
            | watcher::Event::InitApply(object)
            | watcher::Event::Delete(object),
        ) = event
        {
            let changed = (object.namespace().unwrap_or_default(), reference(object.name_any()));
            // There may be no pod that listens.
            let _ = shared.changes.send(changed);
        }
    }
}

/// Runs every pod that is bound to one of the nodes.
async fn pods(shared: Arc<Shared>) {
    let pods: Api<Pod> = Api::all(shared.client.clone());
    let mut events = std::pin::pin!(watcher(pods, watcher::Config::default()).default_backoff());
    let mut running: BTreeMap<String, watch::Sender<Arc<Pod>>> = BTreeMap::new();
    let mut listed: BTreeSet<String> = BTreeSet::new();
    let mut tasks = JoinSet::new();
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            Some(_) = tasks.join_next() => continue,
        };
        match event {
            None => return,
            // The watch goes on by itself.
            Some(Err(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
            Some(Ok(watcher::Event::Init)) => listed.clear(),
            Some(Ok(watcher::Event::InitDone)) => running.retain(|uid, _| listed.contains(uid)),
            Some(Ok(watcher::Event::Delete(pod))) => {
                running.remove(&pod.uid().unwrap_or_default());
            }
            Some(Ok(watcher::Event::Apply(pod) | watcher::Event::InitApply(pod))) => {
                let uid = pod.uid().unwrap_or_default();
                listed.insert(uid.clone());
                let pod = Arc::new(pod);
                if let Some(sender) = running.get(&uid) {
                    sender.send_replace(pod);
                    continue;
                }
                let wanted = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
                let Some(node) = shared.nodes.iter().find(|node| Some(node.spec.name.as_str()) == wanted)
                else {
                    continue;
                };
                let (sender, receiver) = watch::channel(pod);
                running.insert(uid, sender);
                tasks.spawn(pod::run(Arc::clone(&shared), node.clone(), receiver));
            }
        }
    }
}
