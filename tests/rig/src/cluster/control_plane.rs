//! etcd, kube-apiserver, kube-controller-manager and kube-scheduler: how they start.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::config::AuthInfo;
use kube::{Client, Config};
use tokio::process::Command;

use super::kubeconfig::kubeconfig;
use crate::certificates::{Authority, key, write_private};
use crate::network::{KUBERNETES_SERVICE, RIG, SERVICE_RANGE};
use crate::process::Process;
use crate::programs::Programs;
use crate::run_folder::RunFolder;

/// The control plane; its processes end when it is dropped.
pub(super) struct ControlPlane {
    /// A client with every right.
    pub(super) client: Client,
    /// What a kubeconfig needs.
    pub(super) access: Access,
    // In the order in which they are to end: what asks before what answers.
    _processes: Vec<Process>,
}

/// How an administrator reaches the API server.
pub(super) struct Access {
    pub(super) authority: String,
    pub(super) token: String,
    /// For programs that run inside.
    pub(super) kubeconfig: PathBuf,
}

impl ControlPlane {
    pub(super) async fn start(programs: &Programs, run: &RunFolder) -> Result<Self, String> {
        let folder = run.path().join("control-plane");
        let logs = run.path().join("logs");
        let etcd = etcd(programs, &folder, &logs)?;
        let files = Files::write(&folder)?;
        let mut api_server = api_server(programs, &files, &logs)?;
        let client = client(&files)?;
        api_server
            .ready(Duration::from_mins(1), || async {
                client.request_text(request("/readyz")).await.is_ok_and(|answer| answer == "ok")
            })
            .await?;
        let controllers = controller_manager(programs, &files, &logs)?;
        let scheduler = scheduler(programs, &files, &logs)?;
        Ok(Self {
            client,
            access: Access {
                authority: files.authority_pem,
                token: files.token,
                kubeconfig: files.kubeconfig,
            },
            _processes: vec![scheduler, controllers, api_server, etcd],
        })
    }
}

/// A GET without a body.
fn request(path: &str) -> ::http::Request<Vec<u8>> {
    ::http::Request::get(path).body(Vec::new()).expect("a constant path is valid")
}

/// What the programs are given as files.
struct Files {
    authority: PathBuf,
    authority_pem: String,
    authority_der: Vec<u8>,
    certificate: PathBuf,
    key: PathBuf,
    /// What tokens are signed with, and what they are checked with.
    service_account_key: PathBuf,
    service_account_public_key: PathBuf,
    token: String,
    tokens: PathBuf,
    kubeconfig: PathBuf,
}

impl Files {
    fn write(folder: &Path) -> Result<Self, String> {
        let authority = Authority::new("kubernetes")?;
        let server = authority.server(
            "kube-apiserver",
            &[
                &RIG.to_string(),
                &KUBERNETES_SERVICE.to_string(),
                // Where a person on the machine reaches it.
                "127.0.0.1",
                "localhost",
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
            ],
        )?;
        // Good for this run only: nobody else can reach the server.
        let token = format!("{:016x}{:016x}", random()?, random()?);
        let tokens = key()?;
        let authority_pem = authority.pem();
        Ok(Self {
            authority: write_private(folder, "ca.crt", &authority_pem)?,
            authority_der: authority.der(),
            certificate: write_private(folder, "server.crt", &server.certificate)?,
            key: write_private(folder, "server.key", &server.key)?,
            service_account_key: write_private(folder, "service-account.key", &tokens.private)?,
            service_account_public_key: write_private(folder, "service-account.pub", &tokens.public)?,
            tokens: write_private(
                folder,
                "tokens.csv",
                &format!("{token},admin,admin,\"system:masters\"\n"),
            )?,
            kubeconfig: write_private(
                folder,
                "kubeconfig",
                &kubeconfig(&format!("https://{RIG}"), &authority_pem, &token),
            )?,
            authority_pem,
            token,
        })
    }
}

fn random() -> Result<u64, String> {
    use std::io::Read as _;

    let mut bytes = [0; 8];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(|error| format!("/dev/urandom: {error}"))?;
    Ok(u64::from_ne_bytes(bytes))
}

fn client(files: &Files) -> Result<Client, String> {
    let mut config = Config::new(format!("https://{RIG}").parse().expect("an address is a URI"));
    config.root_cert = Some(vec![files.authority_der.clone()]);
    config.auth_info = AuthInfo { token: Some(files.token.clone().into()), ..AuthInfo::default() };
    Client::try_from(config).map_err(|error| error.to_string())
}

fn etcd(programs: &Programs, folder: &Path, logs: &Path) -> Result<Process, String> {
    let mut command = Command::new(programs.path("etcd"));
    command.arg("--data-dir").arg(folder.join("etcd")).args([
        "--listen-client-urls=http://127.0.0.1:2379",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        // Nothing of a run outlives it: there is no reason to wait for the disk.
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]);
    Process::start("etcd", logs, &mut command)
}

fn api_server(programs: &Programs, files: &Files, logs: &Path) -> Result<Process, String> {
    let mut command = Command::new(programs.path("kube-apiserver"));
    command
        .args([
            "--etcd-servers=http://127.0.0.1:2379",
            // Also under the address of the Service `kubernetes`: there is no kube-proxy.
            "--bind-address=0.0.0.0",
            "--secure-port=443",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--authorization-mode=Node,RBAC",
            "--endpoint-reconciler-type=lease",
            // node-exporter and Calico ask for host access.
            "--allow-privileged=true",
        ])
        .arg(format!("--advertise-address={RIG}"))
        .arg(format!("--service-cluster-ip-range={SERVICE_RANGE}"))
        .arg(flag("tls-cert-file", &files.certificate))
        .arg(flag("tls-private-key-file", &files.key))
        .arg(flag("client-ca-file", &files.authority))
        .arg(flag("token-auth-file", &files.tokens))
        .arg(flag("service-account-key-file", &files.service_account_public_key))
        .arg(flag("service-account-signing-key-file", &files.service_account_key));
    Process::start("kube-apiserver", logs, &mut command)
}

fn controller_manager(programs: &Programs, files: &Files, logs: &Path) -> Result<Process, String> {
    let mut command = Command::new(programs.path("kube-controller-manager"));
    command
        .args([
            "--use-service-account-credentials",
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
            // The node agent alone says whether a node is ready.
            "--controllers=*,-node-lifecycle-controller",
        ])
        .arg(flag("kubeconfig", &files.kubeconfig))
        .arg(flag("service-account-private-key-file", &files.service_account_key))
        .arg(flag("root-ca-file", &files.authority));
    Process::start("kube-controller-manager", logs, &mut command)
}

fn scheduler(programs: &Programs, files: &Files, logs: &Path) -> Result<Process, String> {
    let mut command = Command::new(programs.path("kube-scheduler"));
    command
        .args(["--leader-elect=false", "--bind-address=127.0.0.1"])
        .arg(flag("kubeconfig", &files.kubeconfig));
    Process::start("kube-scheduler", logs, &mut command)
}

fn flag(name: &str, path: &Path) -> String {
    format!("--{name}={}", path.display())
}
