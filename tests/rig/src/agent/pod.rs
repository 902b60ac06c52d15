//! One pod, from the moment it is bound to a node until it is gone.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use k8s_openapi::api::authentication::v1::{BoundObjectReference, TokenRequest as Request, TokenRequestSpec};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod, ServiceAccount, Volume};
use k8s_openapi::jiff::Timestamp;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams, Preconditions};
use kube::{Api, ResourceExt as _};
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;

use super::container::{self, Board, Restart, Role, Stop, Surroundings};
use super::content::{TokenRequest, files, tokens};
use super::fields::Place;
use super::nodes::{CPU, MEMORY};
use super::objects::{Changed, Objects, Waiting, references};
use super::script::Source;
use super::status::{Facts, is_sidecar, status};
use super::volumes::{Ready, empty_folder, host_path};
use super::writer::Writer;
use super::{Node, PODS, Shared, pod_prefix};
use crate::network::Host;

/// Runs a pod until it is gone: `latest` shows it as the API server has it, and ends when that has it no more.
pub(super) async fn run(shared: Arc<Shared>, node: Node, mut latest: watch::Receiver<Arc<Pod>>) {
    let pod = Arc::clone(&latest.borrow_and_update());
    let mut news = shared.changes.subscribe();
    let mut worker = Worker::new(shared, node, pod);
    loop {
        if worker.pod.metadata.deletion_timestamp.is_some() {
            break;
        }
        worker.step().await;
        worker.report().await;
        tokio::select! {
            seen = latest.changed() => match seen {
                Ok(()) => {
                    worker.pod = Arc::clone(&latest.borrow_and_update());
                    worker.stale = true;
                }
                // It was deleted without grace.
                Err(_) => break,
            },
            heard = news.recv() => match heard {
                Ok(changed) => worker.hear(&changed),
                Err(broadcast::error::RecvError::Lagged(_)) => worker.stale = true,
                Err(broadcast::error::RecvError::Closed) => break,
            },
            () = worker.board.changed.notified() => {}
            () = tokio::time::sleep(worker.pause()) => worker.stale = true,
        }
    }
    worker.end().await;
}

struct Worker {
    shared: Arc<Shared>,
    node: Node,
    pod: Arc<Pod>,
    folder: PathBuf,
    since: Timestamp,
    host: Option<Host>,
    /// What its containers run on, once everything is there.
    life: Option<JoinSet<()>>,
    waiting: Option<Waiting>,
    /// Whether volumes may show something old.
    stale: bool,
    writers: BTreeMap<String, Writer>,
    tokens: BTreeMap<TokenRequest, Token>,
    board: Arc<Board>,
    stop: watch::Sender<bool>,
    reported: Option<Value>,
}

struct Token {
    token: String,
    renew: Instant,
}

impl Worker {
    fn new(shared: Arc<Shared>, node: Node, pod: Arc<Pod>) -> Self {
        let namespace = pod.namespace().unwrap_or_default();
        let uid = pod.uid().unwrap_or_default();
        let folder = shared.folder.join(PODS).join(pod_prefix(&namespace, &pod.name_any()) + &uid);
        let spec = pod.spec.as_ref();
        let containers =
            spec.map_or(0, |spec| spec.init_containers.iter().flatten().count() + spec.containers.len());
        Self {
            shared,
            node,
            pod,
            folder,
            since: Timestamp::now(),
            host: None,
            life: None,
            waiting: Some(Waiting::creating("")),
            stale: true,
            writers: BTreeMap::new(),
            tokens: BTreeMap::new(),
            board: Arc::new(Board::new(containers)),
            stop: watch::channel(false).0,
            reported: None,
        }
    }

    /// Takes note of a change of an object.
    fn hear(&mut self, (namespace, reference): &Changed) {
        if self.pod.namespace().as_ref() == Some(namespace) && references(&self.pod).contains(reference) {
            self.stale = true;
        }
    }

    /// How long to wait for something that is not announced: a volume, a token.
    fn pause(&self) -> Duration {
        if self.life.is_none() || self.waiting.is_some() {
            return Duration::from_millis(300);
        }
        let renew = self.tokens.values().map(|token| token.renew).min();
        renew.map_or(Duration::from_mins(1), |renew| {
            renew.saturating_duration_since(Instant::now()).max(Duration::from_secs(1))
        })
    }

    /// Goes on as far as it can: gets an address and volumes, starts the containers, shows what is new.
    async fn step(&mut self) {
        if !self.stale {
            return;
        }
        self.stale = false;
        match self.try_step().await {
            Ok(()) => self.waiting = None,
            Err(waiting) => self.waiting = Some(waiting),
        }
    }

    async fn try_step(&mut self) -> Result<(), Waiting> {
        let host = self.host().await.map_err(Waiting::creating)?;
        let place = Place {
            pod_address: host.address.to_string(),
            node_address: self.node.host.address.to_string(),
            allocatable_cpu: CPU,
            allocatable_memory: MEMORY,
        };
        let volumes = self.volumes(&place).await?;
        if self.life.is_none() {
            let around = Surroundings {
                shared: Arc::clone(&self.shared),
                node: self.node.clone(),
                pod: Arc::clone(&self.pod),
                folder: self.folder.clone(),
                host,
                place,
                volumes,
            };
            let life = life(Arc::new(around), Arc::clone(&self.board), self.stop.subscribe());
            // A set: what runs in it ends with this worker.
            self.life = Some(JoinSet::from_iter([life]));
        }
        Ok(())
    }

    async fn host(&mut self) -> Result<Host, String> {
        if self.pod.spec.as_ref().is_some_and(|spec| spec.host_network == Some(true)) {
            return Ok(self.node.host.clone());
        }
        if let Some(host) = &self.host {
            return Ok(host.clone());
        }
        let uid = self.pod.uid().unwrap_or_default();
        // Names of files are limited to 255 bytes; the identifier makes it unique.
        let name: String = format!("{}.{}", self.pod.namespace().unwrap_or_default(), self.pod.name_any());
        let name: String = name.chars().take(200).collect();
        let host = self.shared.network.pod(&format!("{name}.{uid}")).await?;
        self.host = Some(host.clone());
        Ok(host)
    }

    /// Makes all volumes, or writes anew those whose content changed.
    async fn volumes(&mut self, place: &Place) -> Result<BTreeMap<String, Ready>, Waiting> {
        let pod = Arc::clone(&self.pod);
        let namespace = pod.namespace().unwrap_or_default();
        let objects = Objects::fetch(&self.shared.client, &namespace, &references(&pod))
            .await
            .map_err(Waiting::creating)?;
        self.renew_tokens().await?;
        let tokens: BTreeMap<TokenRequest, String> =
            self.tokens.iter().map(|(request, token)| (request.clone(), token.token.clone())).collect();
        let mut ready = BTreeMap::new();
        for volume in pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten()) {
            let made = match files(&pod, volume, place, &objects, &tokens) {
                Some(files) => {
                    let folder = self.folder.join("volumes").join(&volume.name);
                    let writer =
                        self.writers.entry(volume.name.clone()).or_insert_with(|| Writer::new(folder));
                    writer.write(&files?).map_err(Waiting::creating)?;
                    Ready { source: Source::Path(writer.folder().to_owned()), read_only: true }
                }
                None => self.folder_volume(volume).await?,
            };
            ready.insert(volume.name.clone(), made);
        }
        Ok(ready)
    }

    async fn folder_volume(&self, volume: &Volume) -> Result<Ready, Waiting> {
        if volume.empty_dir.is_some() {
            let path = self.folder.join("volumes").join(&volume.name);
            empty_folder(&path).map_err(Waiting::creating)?;
            return Ok(Ready { source: Source::Path(path), read_only: false });
        }
        if let Some(wanted) = &volume.host_path {
            return host_path(&self.node.folder, &volume.name, wanted);
        }
        if let Some(claim) = &volume.persistent_volume_claim {
            let mut ready = self.claim(&claim.claim_name, &volume.name).await?;
            ready.read_only |= claim.read_only == Some(true);
            return Ok(ready);
        }
        if volume.ephemeral.is_some() {
            let name = format!("{}-{}", self.pod.name_any(), volume.name);
            return self.claim(&name, &volume.name).await;
        }
        Err(Waiting::creating(format!("the rig knows no volumes like \"{}\"", volume.name)))
    }

    async fn claim(&self, name: &str, volume: &str) -> Result<Ready, Waiting> {
        let client = &self.shared.client;
        let text = |error: kube::Error| Waiting::creating(error.to_string());
        let claims: Api<PersistentVolumeClaim> =
            Api::namespaced(client.clone(), &self.pod.namespace().unwrap_or_default());
        let claim = claims.get_opt(name).await.map_err(text)?;
        let claim =
            claim.ok_or_else(|| Waiting::creating(format!("persistentvolumeclaim \"{name}\" not found")))?;
        let phase = claim.status.as_ref().and_then(|status| status.phase.as_deref());
        let bound = claim.spec.and_then(|spec| spec.volume_name).filter(|_| phase == Some("Bound"));
        let bound = bound.ok_or_else(|| {
            Waiting::creating(format!("pod has unbound immediate PersistentVolumeClaims: {name}"))
        })?;
        let volumes: Api<PersistentVolume> = Api::all(client.clone());
        let source = volumes.get(&bound).await.map_err(text)?.spec.unwrap_or_default();
        let path = source
            .host_path
            .ok_or_else(|| Waiting::creating(format!("persistent volume {bound} is not a hostPath")))?;
        if std::path::Path::new(&path.path).starts_with(self.shared.folder.join("volumes")) {
            return Ok(Ready { source: Source::Path(path.path.into()), read_only: false });
        }
        host_path(&self.node.folder, volume, &path)
    }

    /// Asks for the tokens that are not there or have lived for four fifths of their time.
    async fn renew_tokens(&mut self) -> Result<(), Waiting> {
        let account = self.pod.spec.as_ref().and_then(|spec| spec.service_account_name.clone());
        let account = account.unwrap_or_else(|| "default".to_owned());
        let accounts: Api<ServiceAccount> =
            Api::namespaced(self.shared.client.clone(), &self.pod.namespace().unwrap_or_default());
        for wanted in tokens(&self.pod) {
            if self.tokens.get(&wanted).is_some_and(|token| token.renew > Instant::now()) {
                continue;
            }
            let request = Request {
                spec: Some(TokenRequestSpec {
                    audiences: wanted.audience.clone().map(|audience| vec![audience]),
                    expiration_seconds: Some(wanted.expiration),
                    bound_object_ref: Some(BoundObjectReference {
                        api_version: Some("v1".to_owned()),
                        kind: Some("Pod".to_owned()),
                        name: self.pod.metadata.name.clone(),
                        uid: self.pod.metadata.uid.clone(),
                    }),
                }),
                ..Request::default()
            };
            let answer = accounts.create_token_request(&account, &PostParams::default(), &request).await;
            let status = answer
                .map_err(|error| Waiting::creating(format!("failed to fetch token: {error}")))?
                .status
                .unwrap_or_default();
            let left = status
                .expiration_timestamp
                .map_or(wanted.expiration, |end| end.0.as_second() - Timestamp::now().as_second());
            let left = Duration::from_secs(u64::try_from(left).unwrap_or_default());
            let token =
                Token { token: status.token.unwrap_or_default(), renew: Instant::now() + left * 4 / 5 };
            self.tokens.insert(wanted, token);
        }
        Ok(())
    }

    /// Tells the API server what is new.
    async fn report(&mut self) {
        let host_network = self.pod.spec.as_ref().is_some_and(|spec| spec.host_network == Some(true));
        let host = if host_network { Some(&self.node.host) } else { self.host.as_ref() };
        let progress = self.board.get();
        let init = self.pod.spec.iter().flat_map(|spec| spec.init_containers.iter().flatten()).count();
        let begun = self.life.is_some();
        let status = status(&Facts {
            pod: &self.pod,
            pod_address: host.map(|host| host.address.to_string()),
            node_address: self.node.host.address.to_string(),
            since: self.since,
            sandbox: begun,
            waiting: self.waiting.as_ref().filter(|_| !begun),
            init: &progress[..init],
            containers: &progress[init..],
        });
        if self.reported.as_ref().is_some_and(|reported| same(reported, &status)) {
            return;
        }
        let pods: Api<Pod> =
            Api::namespaced(self.shared.client.clone(), &self.pod.namespace().unwrap_or_default());
        // The identifier keeps a status from a pod of the same name that came after.
        let patch = json!({"metadata": {"uid": self.pod.metadata.uid}, "status": status});
        let sent =
            pods.patch_status(&self.pod.name_any(), &PatchParams::default(), &Patch::Merge(patch)).await;
        match sent {
            Ok(_) => self.reported = Some(status),
            Err(kube::Error::Api(status)) if status.is_not_found() || status.is_conflict() => {}
            Err(error) => {
                crate::say(&format!("status of pod {}: {error}", self.pod.name_any()));
                self.board.changed.notify_one();
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        }
    }

    /// Ends the programs, gives back the address, and lets the API server forget the pod.
    async fn end(mut self) {
        self.stop.send_replace(true);
        if let Some(mut life) = self.life.take() {
            // It ends by itself: every program is stopped or killed.
            let _ = life.join_next().await;
        }
        if let Some(host) = &self.host
            && let Err(error) = self.shared.network.remove(host).await
        {
            crate::say(&format!("pod {}: {error}", self.pod.name_any()));
        }
        // Its log stays for whoever asks why.
        let _ = tokio::fs::remove_dir_all(self.folder.join("volumes")).await;
        let pods: Api<Pod> =
            Api::namespaced(self.shared.client.clone(), &self.pod.namespace().unwrap_or_default());
        let params = DeleteParams {
            preconditions: Some(Preconditions { uid: self.pod.metadata.uid.clone(), resource_version: None }),
            ..DeleteParams::default().grace_period(0)
        };
        match pods.delete(&self.pod.name_any(), &params).await {
            Err(kube::Error::Api(status)) if status.is_not_found() || status.is_conflict() => {}
            Err(error) => crate::say(&format!("pod {}: {error}", self.pod.name_any())),
            Ok(_) => {}
        }
    }
}

/// Whether two statuses differ in nothing but the time conditions were set anew.
fn same(old: &Value, new: &Value) -> bool {
    let without_times = |status: &Value| {
        let mut status = status.clone();
        for condition in status["conditions"].as_array_mut().into_iter().flatten() {
            condition["lastTransitionTime"] = Value::Null;
        }
        status
    };
    without_times(old) == without_times(new)
}

/// The containers of a pod: the initial ones one after the other, then all others at once.
async fn life(around: Arc<Surroundings>, board: Arc<Board>, stop: Stop) {
    let spec = around.pod.spec.clone().unwrap_or_default();
    let restart = match spec.restart_policy.as_deref() {
        Some("Never") => Restart::Never,
        Some("OnFailure") => Restart::OnFailure,
        _ => Restart::Always,
    };
    let (end_sidecars, sidecars_stop) = watch::channel(false);
    let mut sidecars = JoinSet::new();
    let init = spec.init_containers.unwrap_or_default();
    let mut ready = true;
    for (index, container) in init.iter().enumerate() {
        let (around, container, board) = (Arc::clone(&around), container.clone(), Arc::clone(&board));
        if is_sidecar(&container) {
            let seen = Arc::clone(&board);
            let stop_it = sidecars_stop.clone();
            let role = Role { index, restart: Restart::Always, ends: false };
            sidecars.spawn(container::run(around, container, role, board, stop_it));
            let mut told = stop.clone();
            tokio::select! {
                () = seen.started(index) => {}
                () = container::told(&mut told) => ready = false,
            }
        } else {
            let restart = if restart == Restart::Never { Restart::Never } else { Restart::OnFailure };
            let role = Role { index, restart, ends: true };
            ready = container::run(around, container, role, board, stop.clone()).await;
        }
        if !ready || *stop.borrow() {
            ready = false;
            break;
        }
    }
    if ready {
        let mut running = JoinSet::new();
        for (index, container) in (init.len()..).zip(spec.containers) {
            let (around, board) = (Arc::clone(&around), Arc::clone(&board));
            let role = Role { index, restart, ends: false };
            running.spawn(container::run(around, container, role, board, stop.clone()));
        }
        while running.join_next().await.is_some() {}
    }
    end_sidecars.send_replace(true);
    while sidecars.join_next().await.is_some() {}
}
