//! One container: its program runs, is probed, and runs again when it ends.

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{Container, Pod, Probe};
use k8s_openapi::jiff::Timestamp;
use tokio::process::Command;
use tokio::sync::{Notify, watch};

use super::environment::environment;
use super::expand::expand;
use super::fields::Place;
use super::images::{Image, Program, image};
use super::objects::{Objects, Waiting, references};
use super::probe::{Question, question};
use super::script::{Mount, Script, Source};
use super::status::{Ended, Progress, State};
use super::volumes::{Ready, mounts};
use super::{Node, Shared};
use crate::network::{Host, KUBERNETES_SERVICE};
use crate::process::Process;

/// What the containers of a pod share.
pub(super) struct Surroundings {
    pub(super) shared: Arc<Shared>,
    pub(super) node: Node,
    pub(super) pod: Arc<Pod>,
    /// The folder of the pod.
    pub(super) folder: PathBuf,
    pub(super) host: Host,
    pub(super) place: Place,
    pub(super) volumes: BTreeMap<String, Ready>,
}

/// How far the containers of a pod are, initial ones first.
pub(super) struct Board {
    progress: Mutex<Vec<Progress>>,
    pub(super) changed: Notify,
    moved: watch::Sender<()>,
}

impl Board {
    pub(super) fn new(containers: usize) -> Self {
        Self {
            progress: Mutex::new(vec![Progress::default(); containers]),
            changed: Notify::new(),
            moved: watch::channel(()).0,
        }
    }

    pub(super) fn get(&self) -> Vec<Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, index: usize, change: impl FnOnce(&mut Progress)) {
        change(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner)[index]);
        self.changed.notify_one();
        self.moved.send_replace(());
    }

    /// Waits until a container has started.
    pub(super) async fn started(&self, index: usize) {
        let mut moved = self.moved.subscribe();
        while !self.get()[index].started {
            // The sender lives as long as this.
            let _ = moved.changed().await;
        }
    }
}

/// When a container runs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restart {
    Always,
    OnFailure,
    Never,
}

/// Which container of its pod it is, and how it is to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Role {
    /// Its place on the board.
    pub(super) index: usize,
    pub(super) restart: Restart,
    /// Others wait for its end.
    pub(super) ends: bool,
}

/// Told once, when containers are to end.
pub(super) type Stop = watch::Receiver<bool>;

/// Resolves when the container is to end.
pub(super) async fn told(stop: &mut Stop) {
    // A sender that is gone asks the same.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Runs a container until it is done or told to stop, and says whether its last run was a success.
pub(super) async fn run(
    around: Arc<Surroundings>,
    container: Container,
    role: Role,
    board: Arc<Board>,
    mut stop: Stop,
) -> bool {
    let Role { index, restart, ends } = role;
    let mut attempt = 0_u32;
    loop {
        let since = Timestamp::now();
        let begun = Instant::now();
        let outcome = match image(container.image.as_deref().unwrap_or_default()) {
            None => nothing(ends, index, &board, &mut stop).await,
            Some(Image::Calico(component)) => {
                page(&around, &container, component, index, &board, &mut stop).await
            }
            Some(Image::Program(program)) => {
                let run = Run { around: &around, container: &container, program, index, board: &board };
                run.once(&mut stop).await
            }
        };
        let (code, message) = match outcome {
            Outcome::Ended { code, message } => (code, message),
            Outcome::Stopped => (0, String::new()),
            Outcome::Waits(waiting) => {
                board.change(index, |progress| progress.state = State::Waiting(waiting));
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(500)) => continue,
                    () = told(&mut stop) => return false,
                }
            }
        };
        let ended = Ended { code, message, since, until: Timestamp::now() };
        board.change(index, |progress| {
            progress.state = State::Ended(ended.clone());
            progress.ready = false;
            progress.started = false;
        });
        let again = match restart {
            Restart::Always => true,
            Restart::OnFailure => code != 0,
            Restart::Never => false,
        };
        if !again || *stop.borrow() {
            return code == 0;
        }
        if begun.elapsed() > Duration::from_mins(1) {
            attempt = 0;
        }
        let pause = pause(attempt);
        attempt += 1;
        if pause > Duration::from_millis(500) {
            let message = format!(
                "back-off {} s restarting failed container={} pod={}",
                pause.as_secs(),
                container.name,
                around.pod.metadata.name.as_deref().unwrap_or_default()
            );
            board.change(index, |progress| {
                progress.state = State::Waiting(Waiting { reason: "CrashLoopBackOff", message });
                progress.last = Some(ended.clone());
            });
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = told(&mut stop) => return code == 0,
        }
        board.change(index, |progress| {
            progress.restarts += 1;
            progress.last = Some(ended);
        });
    }
}

/// The pause before a run, after so many that failed: shorter than a kubelet's 10 s to 5 min.
fn pause(attempt: u32) -> Duration {
    match attempt {
        0 => Duration::from_millis(200),
        attempt => Duration::from_secs(1 << (attempt - 1).min(3)),
    }
}

enum Outcome {
    Ended { code: i32, message: String },
    Stopped,
    Waits(Waiting),
}

fn set_running(board: &Board, index: usize, started: bool, ready: bool) {
    board.change(index, |progress| {
        progress.state = State::Running { since: Timestamp::now() };
        progress.started = started;
        progress.ready = ready;
    });
}

/// An image that is not known: ready, or done where others wait for its end.
async fn nothing(ends: bool, index: usize, board: &Board, stop: &mut Stop) -> Outcome {
    if ends {
        return Outcome::Ended { code: 0, message: String::new() };
    }
    set_running(board, index, true, true);
    told(stop).await;
    Outcome::Stopped
}

/// A component of Calico, which is its metrics page.
async fn page(
    around: &Surroundings,
    container: &Container,
    component: super::images::Calico,
    index: usize,
    board: &Board,
    stop: &mut Stop,
) -> Outcome {
    let environment = match variables(around, container).await {
        Ok(environment) => environment,
        Err(waiting) => return Outcome::Waits(waiting),
    };
    set_running(board, index, true, true);
    let node = &around.node.spec.name;
    tokio::select! {
        () = around.shared.calico.serve(component, node, &around.host, &environment) => Outcome::Stopped,
        () = told(stop) => Outcome::Stopped,
    }
}

async fn variables(
    around: &Surroundings,
    container: &Container,
) -> Result<BTreeMap<String, String>, Waiting> {
    let namespace = around.pod.metadata.namespace.as_deref().unwrap_or_default();
    let objects = Objects::fetch(&around.shared.client, namespace, &references(&around.pod))
        .await
        .map_err(Waiting::config)?;
    environment(&around.pod, container, &around.place, &objects, &around.shared.service)
}

/// One run of a real program.
struct Run<'a> {
    around: &'a Surroundings,
    container: &'a Container,
    program: Program,
    index: usize,
    board: &'a Board,
}

impl Run<'_> {
    async fn once(&self, stop: &mut Stop) -> Outcome {
        let prepared = match self.prepare().await {
            Ok(prepared) => prepared,
            Err(waiting) => return Outcome::Waits(waiting),
        };
        let started = Process::start(
            &self.container.name,
            &self.around.folder.join("logs"),
            &mut self.command(&prepared.script),
        );
        let mut process = match started {
            Ok(process) => process,
            Err(message) => return Outcome::Waits(Waiting { reason: "RunContainerError", message }),
        };
        let startup = self.container.startup_probe.as_ref();
        let readiness = self.container.readiness_probe.as_ref();
        set_running(self.board, self.index, startup.is_none(), startup.is_none() && readiness.is_none());
        let status = tokio::select! {
            status = process.wait() => Some(status),
            () = self.probes() => None,
            () = told(stop) => None,
        };
        let Some(status) = status else {
            process.stop().await;
            return Outcome::Stopped;
        };
        match status {
            Ok(status) => {
                let code = exit_code(status);
                Outcome::Ended { code, message: self.last_message(&prepared.termination, code, &process) }
            }
            Err(message) => Outcome::Ended { code: 255, message },
        }
    }

    /// What the container wrote as its last message, or the end of its log where the manifest asks for that.
    fn last_message(&self, file: &Path, code: i32, process: &Process) -> String {
        let written = fs::read(file).unwrap_or_default();
        let fallback = self.container.termination_message_policy.as_deref() == Some("FallbackToLogsOnError");
        if written.is_empty() && code != 0 && fallback {
            return process.last_words();
        }
        String::from_utf8_lossy(&written).into_owned()
    }

    fn command(&self, script: &Path) -> Command {
        let mut command = self.around.host.command("unshare");
        command.args(["--mount", "--uts", "--propagation", "private", "--", "sh"]).arg(script);
        command
    }

    /// Asks until the container has started and is ready, and then as often as the manifest says. Never ends.
    async fn probes(&self) {
        if let Some(probe) = &self.container.startup_probe {
            self.wait_for(probe).await;
            self.board.change(self.index, |progress| progress.started = true);
        }
        let Some(probe) = &self.container.readiness_probe else {
            self.board.change(self.index, |progress| progress.ready = true);
            return std::future::pending().await;
        };
        let period = seconds(probe.period_seconds, 10);
        let (mut yes, mut no) = (0, 0);
        tokio::time::sleep(seconds(probe.initial_delay_seconds, 0)).await;
        loop {
            if self.ask(probe).await {
                (yes, no) = (yes + 1, 0);
            } else {
                (yes, no) = (0, no + 1);
            }
            let ready = self.board.get()[self.index].ready;
            if !ready && yes >= probe.success_threshold.unwrap_or(1) {
                self.board.change(self.index, |progress| progress.ready = true);
            } else if ready && no >= probe.failure_threshold.unwrap_or(3) {
                self.board.change(self.index, |progress| progress.ready = false);
            }
            let ready = self.board.get()[self.index].ready;
            tokio::time::sleep(if ready { period } else { period.min(EAGER) }).await;
        }
    }

    async fn wait_for(&self, probe: &Probe) {
        tokio::time::sleep(seconds(probe.initial_delay_seconds, 0)).await;
        while !self.ask(probe).await {
            tokio::time::sleep(EAGER).await;
        }
    }

    async fn ask(&self, probe: &Probe) -> bool {
        match self.question(probe) {
            Ok(Some(question)) => question.ask(&self.around.node.host).await,
            Ok(None) => true,
            Err(_) => false,
        }
    }

    fn question(&self, probe: &Probe) -> Result<Option<Question>, String> {
        question(probe, self.container, IpAddr::V4(self.around.host.address))
    }

    async fn prepare(&self) -> Result<Prepared, Waiting> {
        let (around, container) = (self.around, self.container);
        let mut environment = variables(around, container).await?;
        let mut mounts = mounts(container, &around.volumes, &environment)?;
        let folder = around.folder.join("containers").join(&container.name);
        let root = folder.join("root");
        let disk = |error: std::io::Error| Waiting {
            reason: "CreateContainerError",
            message: format!("{}: {error}", folder.display()),
        };
        fs::create_dir_all(&root).map_err(disk)?;
        let termination = folder.join("termination-log");
        fs::write(&termination, "").map_err(disk)?;
        let message_path = container.termination_message_path.clone();
        mounts.push(Mount {
            source: Source::Path(termination.clone()),
            target: message_path
                .filter(|path| !path.is_empty())
                .unwrap_or_else(|| "/dev/termination-log".to_owned()),
            read_only: false,
        });
        let command = self.words(&environment);
        let host_name = host_name(around);
        environment
            .entry("PATH".to_owned())
            .or_insert_with(|| "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned());
        environment.entry("HOSTNAME".to_owned()).or_insert_with(|| host_name.clone());
        environment.entry("HOME".to_owned()).or_insert_with(|| "/root".to_owned());
        let programs = self.program.files.iter();
        let script = Script {
            title: format!(
                "{}/{}, container {} ({})",
                around.pod.metadata.namespace.as_deref().unwrap_or_default(),
                around.pod.metadata.name.as_deref().unwrap_or_default(),
                container.name,
                container.image.as_deref().unwrap_or_default()
            ),
            root,
            hosts: hosts(around, &host_name),
            host_name,
            programs: programs
                .map(|(program, path)| (around.shared.programs.path(program).to_owned(), (*path).to_owned()))
                .collect(),
            mounts,
            environment,
            working_folder: container
                .working_dir
                .clone()
                .filter(|folder| !folder.is_empty())
                .unwrap_or_else(|| self.program.folder.to_owned()),
            command,
        };
        let path = folder.join("run.sh");
        // It holds the environment, which may hold secrets.
        crate::certificates::write_private(&folder, "run.sh", &script.text())
            .map_err(|message| Waiting { reason: "CreateContainerError", message })?;
        Ok(Prepared { script: path, termination })
    }

    /// `command` replaces entrypoint and arguments of the image, `args` the arguments.
    fn words(&self, environment: &BTreeMap<String, String>) -> Vec<String> {
        let given = |words: &Option<Vec<String>>| {
            let words = words.as_ref().filter(|words| !words.is_empty())?;
            Some(words.iter().map(|word| expand(word, environment)).collect::<Vec<_>>())
        };
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        match (given(&self.container.command), given(&self.container.args)) {
            (Some(command), arguments) => [command, arguments.unwrap_or_default()].concat(),
            (None, Some(arguments)) => [own(self.program.entrypoint), arguments].concat(),
            (None, None) => [own(self.program.entrypoint), own(self.program.arguments)].concat(),
        }
    }
}

struct Prepared {
    script: PathBuf,
    /// Where the container leaves its last message.
    termination: PathBuf,
}

/// How often a probe is asked before its first yes, if the manifest does not ask more often.
const EAGER: Duration = Duration::from_millis(250);

fn seconds(value: Option<i32>, default: u64) -> Duration {
    Duration::from_secs(value.and_then(|value| u64::try_from(value).ok()).unwrap_or(default))
}

/// As a shell reports it.
fn exit_code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

/// The name of a pod's machine: the node's in its network, else the pod's.
fn host_name(around: &Surroundings) -> String {
    let spec = around.pod.spec.clone().unwrap_or_default();
    let name = if spec.host_network == Some(true) {
        around.node.spec.name.clone()
    } else {
        spec.hostname.or_else(|| around.pod.metadata.name.clone()).unwrap_or_default()
    };
    // Linux allows 64 characters, Kubernetes 63; names of pods are ASCII.
    name.chars().take(63).collect()
}

fn hosts(around: &Surroundings, host_name: &str) -> Vec<String> {
    let mut hosts = vec![
        "127.0.0.1 localhost".to_owned(),
        format!("{} {host_name}", around.host.address),
        // There is no DNS: this is the one name of a Service that programs ask for.
        format!(
            "{KUBERNETES_SERVICE} kubernetes.default.svc kubernetes.default.svc.cluster.local kubernetes.default kubernetes"
        ),
    ];
    let aliases = around.pod.spec.iter().flat_map(|spec| spec.host_aliases.iter().flatten());
    hosts.extend(
        aliases
            .map(|alias| format!("{} {}", alias.ip, alias.hostnames.clone().unwrap_or_default().join(" "))),
    );
    hosts
}
