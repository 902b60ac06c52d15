//! The network of a rig: a bridge, and a network namespace with an address for every node and pod.
//!
//! All of it lies in the network namespace of the run, so that addresses are real, not loopback, and nobody else's.

use std::net::Ipv4Addr;
use std::os::fd::AsFd as _;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// The address of the rig itself: the API server and the operator answer here.
pub const RIG: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
/// The first address of the Service range: `kubernetes.default`.
pub const KUBERNETES_SERVICE: Ipv4Addr = Ipv4Addr::new(10, 96, 0, 1);
/// The range of Service addresses. There is no kube-proxy: of them only [`KUBERNETES_SERVICE`] answers.
pub const SERVICE_RANGE: &str = "10.96.0.0/16";

/// Gives out addresses and namespaces.
#[derive(Debug)]
pub struct Network {
    next_pod: AtomicU32,
    next_link: AtomicU32,
}

/// A host on the network: a namespace with one address. Dropping it does not remove it; [`Network::remove`] does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The name of its network namespace.
    pub namespace: String,
    /// Its only address.
    pub address: Ipv4Addr,
}

impl Network {
    /// Sets up the bridge in the network namespace this process is in.
    ///
    /// # Errors
    ///
    /// What `ip` or `mount` said.
    pub async fn create() -> Result<Self, String> {
        // The names of network namespaces are files below /run/netns; the mount namespace is private.
        run("mount", &["-t", "tmpfs", "none", "/run"]).await?;
        std::fs::create_dir("/run/netns").map_err(|error| format!("/run/netns: {error}"))?;
        batch(&format!(
            "link set lo up\nlink add rig0 type bridge\naddr add {RIG}/16 dev rig0\nlink set rig0 up\n\
             addr add {KUBERNETES_SERVICE}/32 dev lo\n"
        ))
        .await?;
        Ok(Self { next_pod: AtomicU32::new(0), next_link: AtomicU32::new(0) })
    }

    /// A host with the address that is asked for (10.77.0.0/16, not taken).
    ///
    /// # Errors
    ///
    /// What `ip` said.
    pub async fn host(&self, name: &str, address: Ipv4Addr) -> Result<Host, String> {
        let link = format!("v{}", self.next_link.fetch_add(1, Ordering::Relaxed));
        batch(&format!(
            "netns add {name}\nlink add {link} type veth peer name eth0 netns {name}\nlink set {link} master rig0 up\n"
        ))
        .await?;
        let inner = format!(
            "link set lo up\naddr add {address}/16 dev eth0\nlink set eth0 up\nroute add default via {RIG}\n"
        );
        ip(&["-n", name, "-batch", "-"], &inner).await?;
        Ok(Host { namespace: name.to_owned(), address })
    }

    /// A host for a node, the `index`th (from 1): 10.77.1.INDEX.
    ///
    /// # Errors
    ///
    /// What `ip` said.
    pub async fn node(&self, name: &str, index: u8) -> Result<Host, String> {
        self.host(name, Ipv4Addr::new(10, 77, 1, index)).await
    }

    /// A host for a pod, with the next free address from 10.77.8.1 on. Addresses are not used twice in one run.
    ///
    /// # Errors
    ///
    /// What `ip` said.
    pub async fn pod(&self, name: &str) -> Result<Host, String> {
        let number = self.next_pod.fetch_add(1, Ordering::Relaxed);
        let last = u8::try_from(number % 254 + 1).expect("a rest of 254 fits");
        let third = u8::try_from(8 + number / 254).map_err(|_| "no addresses left for pods".to_owned())?;
        self.host(name, Ipv4Addr::new(10, 77, third, last)).await
    }

    /// Takes a host off the network. What still listens in it can no longer be reached.
    ///
    /// # Errors
    ///
    /// What `ip` said.
    pub async fn remove(&self, host: &Host) -> Result<(), String> {
        batch(&format!("netns del {}\n", host.namespace)).await
    }
}

impl Host {
    /// A command that runs in this host's network namespace.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/run/netns/{}", self.namespace)).arg("--").arg(program);
        command
    }

    /// Does work in this host's network namespace, on a thread of its own: a socket belongs to the namespace it was
    /// made in, wherever it is used afterwards.
    ///
    /// # Errors
    ///
    /// The host is gone.
    pub async fn inside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> std::io::Result<T> {
        let path = format!("/run/netns/{}", self.namespace);
        let (sender, receiver) = tokio::sync::oneshot::channel();
        std::thread::Builder::new().name(self.namespace.clone()).spawn(move || {
            let entered = std::fs::File::open(path).and_then(|namespace| {
                let kind = Some(rustix::thread::LinkNameSpaceType::Network);
                Ok(rustix::thread::move_into_link_name_space(namespace.as_fd(), kind)?)
            });
            // Nobody may wait any more.
            let _ = sender.send(entered.map(|()| work()));
        })?;
        receiver.await.map_err(std::io::Error::other)?
    }
}

async fn batch(commands: &str) -> Result<(), String> {
    ip(&["-batch", "-"], commands).await
}

async fn ip(arguments: &[&str], input: &str) -> Result<(), String> {
    let mut child = Command::new("ip")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("ip: {error}"))?;
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    // A command that stopped early closes the pipe; what it said is below.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    finish("ip", child.wait_with_output().await)
}

async fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    finish(program, Command::new(program).args(arguments).stdin(Stdio::null()).output().await)
}

fn finish(program: &str, said: std::io::Result<std::process::Output>) -> Result<(), String> {
    let said = said.map_err(|error| format!("{program}: {error}"))?;
    if said.status.success() {
        Ok(())
    } else {
        Err(format!("{program}: {}", String::from_utf8_lossy(&said.stderr).trim()))
    }
}
