//! A Prometheus that runs one configuration after the other: what many Prometheuses would do, each in a pod of its own, with few
//! processes. Between two configurations it has an empty one, so that each finds it as if it had just been started.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::agent::{Mount, Script, Source};
use crate::certificates::write_private;
use crate::cluster::Cluster;
use crate::http;
use crate::network::{KUBERNETES_SERVICE, RIG};
use crate::process::Process;
use crate::prometheus::Prometheus;

/// The folder of everything the operator puts into a container of Prometheus.
const ETC: &str = "/etc/prometheus";
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// A running Prometheus or agent. It ends when this is dropped.
pub struct Runner {
    process: Process,
    prometheus: Prometheus,
    folder: PathBuf,
    reloader: PathBuf,
}

/// A configuration, and what its pod would have.
#[derive(Debug, Clone, Default)]
pub struct Load {
    /// The configuration as the operator writes it.
    pub config: String,
    /// The environment of the config-reloader.
    pub environment: BTreeMap<String, String>,
    /// The files in the container of Prometheus, by their path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The namespace it runs in.
    pub namespace: String,
}

/// What came of a configuration.
#[derive(Debug, Clone)]
pub enum Seen {
    /// Prometheus runs on it: the targets, in the shape of the recorded worlds.
    Targets(Value),
    /// Prometheus does not start with it, and says why.
    Refused(String),
}

impl Runner {
    /// Starts one, which asks the API server with every right.
    ///
    /// # Errors
    ///
    /// It did not come up; the end of its log.
    pub async fn start(cluster: &Cluster, number: u16, is_agent: bool) -> Result<Self, String> {
        let name = format!("runner-{number}");
        let folder = cluster.run().path().join("runners").join(&name);
        let disk = |error: std::io::Error| format!("{}: {error}", folder.display());
        let own = |name: &str| folder.join(name);
        for name in ["root", "etc/config_out", "account", "data/logs", "log"] {
            fs::create_dir_all(own(name)).map_err(disk)?;
        }
        fs::write(own(CONFIG), "").map_err(disk)?;
        let (authority, token) = cluster.admin();
        write_private(&own("account"), "ca.crt", authority)?;
        write_private(&own("account"), "token", token)?;
        fs::write(own("account/namespace"), "default").map_err(disk)?;
        let address = format!("{RIG}:{}", FIRST_PORT + number);
        let mut command = vec![
            "/bin/prometheus".to_owned(),
            format!("--config.file={ETC}/config_out/prometheus.env.yaml"),
            format!("--web.listen-address={address}"),
            "--web.enable-lifecycle".to_owned(),
            "--scrape.discovery-reload-interval=500ms".to_owned(),
            // Nobody takes what remote write sends.
            "--storage.remote.flush-deadline=1s".to_owned(),
        ];
        command.extend(if is_agent {
            vec!["--agent".to_owned(), "--storage.agent.path=/prometheus".to_owned()]
        } else {
            vec!["--storage.tsdb.path=/prometheus".to_owned()]
        });
        let mount = |source: &str, target: &str, read_only| Mount {
            source: Source::Path(own(source)),
            target: target.to_owned(),
            read_only,
        };
        let script = Script {
            title: name.clone(),
            root: own("root"),
            host_name: name.clone(),
            hosts: vec![
                "127.0.0.1 localhost".to_owned(),
                format!("{KUBERNETES_SERVICE} kubernetes.default.svc kubernetes.default kubernetes"),
            ],
            programs: vec![(cluster.programs().path("prometheus").to_owned(), "/bin/prometheus".to_owned())],
            mounts: vec![
                // Prometheus may be told to write a log beside its configuration.
                mount("etc", ETC, false),
                mount("account", SERVICE_ACCOUNT, true),
                mount("data", "/prometheus", false),
                mount("log", "/var/log", false),
            ],
            environment: BTreeMap::from([
                ("KUBERNETES_SERVICE_HOST".to_owned(), KUBERNETES_SERVICE.to_string()),
                ("KUBERNETES_SERVICE_PORT".to_owned(), "443".to_owned()),
            ]),
            working_folder: "/prometheus".to_owned(),
            command,
        };
        write_private(&folder, "run.sh", &script.text())?;
        let mut command = Command::new("unshare");
        command.args(["--mount", "--uts", "--propagation", "private", "--", "sh"]).arg(own("run.sh"));
        let mut process = Process::start(&name, &cluster.run().path().join("logs"), &mut command)?;
        process.ready(Duration::from_secs(30), || http::answers(format!("http://{address}/-/ready"))).await?;
        let reloader = cluster.programs().path("prometheus-config-reloader").to_owned();
        Ok(Self { process, prometheus: Prometheus::at(&address), folder, reloader })
    }

    /// Runs a configuration until discovery has come to rest.
    ///
    /// # Errors
    ///
    /// It died, or does not come to rest; the disk.
    pub async fn run(&self, load: &Load) -> Result<Seen, String> {
        self.write(&Load::default()).await?;
        if let Err(message) = self.prometheus.reload().await {
            return Err(format!("the empty configuration: {message}\n{}", self.process.last_words()));
        }
        self.write(load).await?;
        let before = fs::metadata(self.process.log()).map_or(0, |log| log.len());
        let failures = self.prometheus.samples(DISCOVERY_FAILURES).await?;
        if let Err(message) = self.prometheus.reload().await {
            // A reload goes on with what could be applied, and says in the log what could not; a start ends.
            let errors = self.errors_since(before).into_iter().filter(|_| message.contains("while applying"));
            let errors = errors.fold(String::new(), |errors, error| errors + "\n" + &error);
            return Ok(Seen::Refused(message + &errors));
        }
        self.rest().await?;
        let targets = self.prometheus.targets().await?;
        let mut pools = self.prometheus.pools().await?;
        pools.sort();
        let mut recorded = targets.recorded(&pools);
        let failed = self.prometheus.samples("prometheus_target_sync_failed_total{").await?;
        let failed = failed.iter().filter_map(|(series, value)| {
            let job = series.split_once("scrape_job=\"")?.1.strip_suffix("\"}")?;
            (*value > 0.0).then(|| (unescaped(job), json!(value)))
        });
        recorded["sync_failures"] = failed.collect::<serde_json::Map<_, _>>().into();
        recorded["sd_failed"] = json!(self.prometheus.samples(DISCOVERY_FAILURES).await? != failures);
        recorded["log_errors"] = json!(self.errors_since(before));
        Ok(Seen::Targets(recorded))
    }

    /// Puts everything in its place. The config-reloader is the real one.
    async fn write(&self, load: &Load) -> Result<(), String> {
        let disk = |path: &Path| {
            let path = path.to_owned();
            move |error: std::io::Error| format!("{}: {error}", path.display())
        };
        let etc = self.folder.join("etc");
        for entry in fs::read_dir(&etc).map_err(disk(&etc))?.flatten() {
            fs::remove_dir_all(entry.path()).map_err(disk(&entry.path()))?;
        }
        // With the folder of a log that Prometheus is told to write, which would keep it from starting.
        fs::create_dir_all(etc.join("config_out/logs")).map_err(disk(&etc))?;
        for (path, bytes) in &load.files {
            // What is elsewhere is none of the operator's.
            let Some(inner) = path.strip_prefix(ETC).map(|inner| inner.trim_start_matches('/')) else {
                continue;
            };
            let path = etc.join(inner);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(disk(folder))?;
            }
            fs::write(&path, bytes).map_err(disk(&path))?;
        }
        fs::write(self.folder.join("account/namespace"), &load.namespace).map_err(disk(&self.folder))?;
        if load.config.is_empty() {
            return fs::write(self.folder.join(CONFIG), "").map_err(disk(&self.folder));
        }
        let source = self.folder.join("prometheus.yaml");
        fs::write(&source, &load.config).map_err(disk(&source))?;
        let said = Command::new(&self.reloader)
            .env_clear()
            .envs(&load.environment)
            .arg(format!("--config-file={}", source.display()))
            .arg(format!("--config-envsubst-file={}", self.folder.join(CONFIG).display()))
            // Once.
            .arg("--watch-interval=0")
            .output()
            .await
            .map_err(|error| format!("the config-reloader: {error}"))?;
        if said.status.success() {
            return Ok(());
        }
        Err(format!("the config-reloader: {}", String::from_utf8_lossy(&said.stderr)))
    }

    /// Waits until every discovery has said what it has to say, and every pool has heard it.
    async fn rest(&self) -> Result<(), String> {
        /// How long nothing is to come from discoveries. Of those that cannot work nothing ever comes.
        const QUIET: Duration = Duration::from_millis(2_500);
        /// Prometheus passes on what comes at least this often.
        const LONGEST_DELAY: Duration = Duration::from_secs(8);
        /// From there to the pools.
        const HANDED_OVER: Duration = Duration::from_millis(1_200);
        const PATIENCE: Duration = Duration::from_mins(2);
        let started = Instant::now();
        let (mut heard, mut since) = (BTreeMap::new(), Instant::now());
        let (mut passed_on_then, mut passed_on_since) = (0.0, None);
        loop {
            let all = self.prometheus.samples("prometheus_sd_").await?;
            let passed_on = all
                .iter()
                .filter(|(series, _)| series.starts_with("prometheus_sd_updates_total{name=\"scrape\""))
                .map(|(_, value)| value)
                .sum::<f64>();
            let now: BTreeMap<String, f64> = all.into_iter().filter(|(series, _)| is_heard(series)).collect();
            if now != heard {
                (heard, since) = (now, Instant::now());
                (passed_on_then, passed_on_since) = (passed_on, None);
            } else if passed_on > passed_on_then && passed_on_since.is_none() {
                passed_on_since = Some(Instant::now());
            }
            let is_over = |since: Instant, time: Duration| since.elapsed() > time;
            let is_passed_on = passed_on_since.is_some_and(|since| is_over(since, HANDED_OVER));
            if is_over(since, QUIET) && (is_passed_on || is_over(since, LONGEST_DELAY)) {
                return Ok(());
            }
            if is_over(started, PATIENCE) {
                return Err(format!("discovery does not come to rest in {} s", PATIENCE.as_secs()));
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// Errors in the log from a place on, without repetitions.
    fn errors_since(&self, place: u64) -> Vec<String> {
        let text = fs::read(self.process.log()).unwrap_or_default();
        let from = usize::try_from(place).map_or(text.len(), |place| place.min(text.len()));
        let text = String::from_utf8_lossy(&text[from..]);
        let mut errors: Vec<String> = Vec::new();
        for line in text.lines().filter(|line| line.contains("level=ERROR")) {
            let said = line.split_once("level=ERROR").map_or(line, |(_, said)| said).trim();
            if !errors.iter().any(|known| known == said) && errors.len() < 100 {
                errors.push(said.to_owned());
            }
        }
        errors
    }

    /// Ends it.
    pub async fn stop(self) {
        self.process.stop().await;
    }
}

/// Every Prometheus listens on a port of its own.
const FIRST_PORT: u16 = 9_300;
/// Where the configuration is, in the folder of a runner.
const CONFIG: &str = "etc/config_out/prometheus.env.yaml";
/// Counts what discovery asked of an API server in vain.
const DISCOVERY_FAILURES: &str = "prometheus_sd_kubernetes_failures_total";

/// Whether a series counts something that came from a discovery of targets.
fn is_heard(series: &str) -> bool {
    series.starts_with("prometheus_sd_received_updates_total{name=\"scrape\"")
        || series.starts_with("prometheus_sd_kubernetes_events_total")
        || series.starts_with("prometheus_sd_kubernetes_http_request_total{status_code=\"200\"")
}

/// The value of a label, as the text format writes it.
fn unescaped(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\")
}
