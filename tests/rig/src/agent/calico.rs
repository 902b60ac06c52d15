//! The metrics pages of Calico's components: served only where and while the applied settings would have the real
//! component serve them (Calico v3.32).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use kube::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::images::Calico;
use crate::network::Host;

/// Where settings may lie: natively or behind the aggregated API server, and as its backing store.
const GROUPS: &[&str] = &["projectcalico.org/v3", "crd.projectcalico.org/v1"];

/// How often settings are read while a component runs; changes are to be seen within a second.
const PERIOD: Duration = Duration::from_millis(300);

/// What is set in the cluster.
#[derive(Debug, Clone, Default, PartialEq)]
struct Applied {
    /// `spec` of each `FelixConfiguration`.
    felix: BTreeMap<String, Value>,
    /// `spec` of `KubeControllersConfiguration` `default`.
    kube_controllers: Option<Value>,
    /// The group that serves `KubeControllersConfiguration`, if one does.
    kube_controllers_group: Option<&'static str>,
}

/// The settings of Calico in a cluster, followed while a component runs.
pub(super) struct Settings {
    client: Client,
    applied: watch::Sender<Applied>,
}

impl Settings {
    pub(super) fn new(client: Client) -> Self {
        Self { client, applied: watch::channel(Applied::default()).0 }
    }

    /// Follows the settings, for ever. The kinds may be served only later, or not at all.
    pub(super) async fn follow(&self) {
        loop {
            if self.applied.receiver_count() > 0 {
                let applied = self.read().await;
                self.applied.send_if_modified(|old| {
                    let changed = *old != applied;
                    *old = applied;
                    changed
                });
            }
            tokio::time::sleep(PERIOD).await;
        }
    }

    async fn read(&self) -> Applied {
        let mut applied = Applied::default();
        for group in GROUPS {
            for item in self.list(group, "felixconfigurations").await.into_iter().flatten() {
                let name = item["metadata"]["name"].as_str().unwrap_or_default().to_owned();
                applied.felix.entry(name).or_insert_with(|| item["spec"].clone());
            }
            let Some(items) = self.list(group, "kubecontrollersconfigurations").await else { continue };
            let default = items.into_iter().find(|item| item["metadata"]["name"] == "default");
            if applied.kube_controllers.is_none() {
                applied.kube_controllers = default.map(|item| item["spec"].clone());
            }
            applied.kube_controllers_group.get_or_insert(group);
        }
        applied
    }

    /// The objects of a resource; nothing where it is not served.
    async fn list(&self, group: &str, resource: &str) -> Option<Vec<Value>> {
        let request = http::Request::get(format!("/apis/{group}/{resource}")).body(Vec::new()).ok()?;
        let mut list: Value = self.client.request(request).await.ok()?;
        match list["items"].take() {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// kube-controllers makes its own settings where there are none.
    async fn make_default(&self, group: &str) {
        let object = json!({
            "apiVersion": group,
            "kind": "KubeControllersConfiguration",
            "metadata": {"name": "default"},
            "spec": {
                "controllers": {"node": {"syncLabels": "Enabled", "leakGracePeriod": "15m0s"}},
                "etcdV3CompactionPeriod": "10m0s",
                "healthChecks": "Enabled",
                "logSeverityScreen": "Info",
                "prometheusMetricsPort": 9094,
            },
        });
        let request = http::Request::post(format!("/apis/{group}/kubecontrollersconfigurations"))
            .header("content-type", "application/json")
            .body(object.to_string().into_bytes());
        // Somebody may have made it meanwhile; the next reading tells.
        if let Ok(request) = request {
            let _: Result<Value, _> = self.client.request(request).await;
        }
    }

    /// Serves the page of a component on a host wherever the settings say, for ever.
    pub(super) async fn serve(
        &self,
        component: Calico,
        node: &str,
        host: &Host,
        environment: &BTreeMap<String, String>,
    ) {
        let mut applied = self.applied.subscribe();
        let mut wanted = None;
        let mut page: Option<JoinSet<()>> = None;
        loop {
            let now = applied.borrow_and_update().clone();
            if component == Calico::KubeControllers
                && now.kube_controllers.is_none()
                && let Some(group) = now.kube_controllers_group
            {
                self.make_default(group).await;
            }
            let address = match component {
                Calico::Felix => felix(&now, node, environment),
                Calico::Typha => typha(environment),
                Calico::KubeControllers => kube_controllers(&now),
            };
            if address != wanted || page.is_none() {
                wanted = address;
                // The old listener is closed before the new one opens.
                page = None;
                if let Some(address) = wanted {
                    page = open(host, address, text(component)).await;
                }
            }
            tokio::select! {
                // The sender lives as long as this.
                _ = applied.changed() => {}
                // A port that is taken may become free.
                () = tokio::time::sleep(PERIOD), if page.is_none() && wanted.is_some() => {}
            }
        }
    }
}

fn text(component: Calico) -> &'static str {
    match component {
        Calico::Felix => include_str!("pages/felix.prom"),
        Calico::Typha => include_str!("pages/typha.prom"),
        Calico::KubeControllers => include_str!("pages/kube-controllers.prom"),
    }
}

/// Where Felix serves: the environment goes before the node's own settings, those before the default ones.
fn felix(applied: &Applied, node: &str, environment: &BTreeMap<String, String>) -> Option<SocketAddr> {
    let own = format!("node.{node}");
    let set = |variable: &str, field: &str| {
        if let Some(value) = environment.get(variable) {
            return Some(value.clone());
        }
        [own.as_str(), "default"].iter().find_map(|name| match applied.felix.get(*name)?.get(field)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        })
    };
    let enabled = set("FELIX_PROMETHEUSMETRICSENABLED", "prometheusMetricsEnabled");
    if !enabled.is_some_and(|value| is_true(&value)) {
        return None;
    }
    let port = match set("FELIX_PROMETHEUSMETRICSPORT", "prometheusMetricsPort") {
        Some(port) => port.trim().parse().ok()?,
        None => 9091,
    };
    let host = set("FELIX_PROMETHEUSMETRICSHOST", "prometheusMetricsHost").unwrap_or_default();
    Some(SocketAddr::new(address(&host)?, port))
}

fn typha(environment: &BTreeMap<String, String>) -> Option<SocketAddr> {
    let get = |name: &str| environment.get(name).map(String::as_str);
    if !is_true(get("TYPHA_PROMETHEUSMETRICSENABLED")?) {
        return None;
    }
    // 9093 in the code, whatever older documentation says.
    let port = get("TYPHA_PROMETHEUSMETRICSPORT").map_or(Ok(9093), |port| port.trim().parse()).ok()?;
    let host = get("TYPHA_PROMETHEUSMETRICSHOST").unwrap_or_default();
    Some(SocketAddr::new(address(host)?, port))
}

fn kube_controllers(applied: &Applied) -> Option<SocketAddr> {
    let spec = applied.kube_controllers.as_ref()?;
    let port = match spec.get("prometheusMetricsPort") {
        None | Some(Value::Null) => 9094,
        Some(port) => u16::try_from(port.as_u64()?).ok()?,
    };
    (port != 0).then(|| SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port))
}

/// As Calico's configuration reads a boolean.
fn is_true(text: &str) -> bool {
    ["true", "1", "yes", "y", "t"].contains(&text.trim().to_ascii_lowercase().as_str())
}

/// An address to listen on; empty is all of them.
fn address(host: &str) -> Option<IpAddr> {
    match host.trim() {
        "" => Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        host => host.parse().ok(),
    }
}

/// Opens a page on a host; it closes when the tasks are dropped. Nothing if the address cannot be had now.
async fn open(host: &Host, address: SocketAddr, text: &'static str) -> Option<JoinSet<()>> {
    let listener = host.inside(move || std::net::TcpListener::bind(address)).await.ok()?.ok()?;
    listener.set_nonblocking(true).ok()?;
    let listener = TcpListener::from_std(listener).ok()?;
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut answers = JoinSet::new();
        loop {
            tokio::select! {
                connection = listener.accept() => if let Ok((stream, _)) = connection {
                    answers.spawn(answer(stream, text));
                },
                Some(_) = answers.join_next() => {}
            }
        }
    });
    Some(tasks)
}

/// Answers the one request of a connection.
async fn answer(mut stream: TcpStream, text: &str) {
    let mut request = Vec::new();
    let read = async {
        while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < 64 << 10 {
            if stream.read_buf(&mut request).await? == 0 {
                break;
            }
        }
        Ok::<_, std::io::Error>(())
    };
    if !matches!(tokio::time::timeout(Duration::from_secs(10), read).await, Ok(Ok(()))) {
        return;
    }
    let line = String::from_utf8_lossy(&request);
    let path = line.split(' ').nth(1).unwrap_or_default();
    let (status, body) = match path.split('?').next() {
        Some("/metrics") => ("200 OK", text),
        _ => ("404 Not Found", "404 page not found\n"),
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    // Whoever asked may be gone.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(list: &[(&str, &str)]) -> BTreeMap<String, String> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn at(text: &str) -> Option<SocketAddr> {
        text.parse().ok()
    }

    #[test]
    fn felix_is_off_unless_somebody_says_otherwise() {
        let mut applied = Applied::default();
        assert_eq!(felix(&applied, "a", &variables(&[])), None);
        applied.felix.insert("default".to_owned(), json!({"prometheusMetricsEnabled": true}));
        assert_eq!(felix(&applied, "a", &variables(&[])), at("0.0.0.0:9091"));
        applied.felix.insert(
            "default".to_owned(),
            json!({"prometheusMetricsEnabled": true, "prometheusMetricsPort": 9191,
                   "prometheusMetricsHost": "127.0.0.1"}),
        );
        assert_eq!(felix(&applied, "a", &variables(&[])), at("127.0.0.1:9191"));
        applied.felix.insert("node.a".to_owned(), json!({"prometheusMetricsEnabled": false}));
        assert_eq!(felix(&applied, "a", &variables(&[])), None);
        assert_eq!(felix(&applied, "b", &variables(&[])), at("127.0.0.1:9191"));
        let environment =
            variables(&[("FELIX_PROMETHEUSMETRICSENABLED", "true"), ("FELIX_PROMETHEUSMETRICSPORT", "9090")]);
        assert_eq!(felix(&applied, "a", &environment), at("127.0.0.1:9090"));
        let environment = variables(&[("FELIX_PROMETHEUSMETRICSENABLED", "false")]);
        assert_eq!(felix(&applied, "b", &environment), None);
    }

    #[test]
    fn typha_is_off_unless_its_environment_says_otherwise() {
        assert_eq!(typha(&variables(&[])), None);
        assert_eq!(typha(&variables(&[("TYPHA_PROMETHEUSMETRICSENABLED", "true")])), at("0.0.0.0:9093"));
        let environment =
            variables(&[("TYPHA_PROMETHEUSMETRICSENABLED", "true"), ("TYPHA_PROMETHEUSMETRICSPORT", "9091")]);
        assert_eq!(typha(&environment), at("0.0.0.0:9091"));
    }

    #[test]
    fn kube_controllers_is_on_unless_its_port_is_zero() {
        let spec = |spec: Value| Applied { kube_controllers: Some(spec), ..Applied::default() };
        assert_eq!(kube_controllers(&Applied::default()), None);
        assert_eq!(kube_controllers(&spec(json!({}))), at("0.0.0.0:9094"));
        assert_eq!(kube_controllers(&spec(json!({"prometheusMetricsPort": 9095}))), at("0.0.0.0:9095"));
        assert_eq!(kube_controllers(&spec(json!({"prometheusMetricsPort": 0}))), None);
    }

    #[test]
    fn pages_are_those_of_their_component() {
        for (component, names) in [
            (Calico::Felix, &["felix_resync_state", "felix_active_local_endpoints", "go_info"][..]),
            (Calico::Typha, &["typha_connections_accepted", "typha_ping_latency", "go_info"]),
            (Calico::KubeControllers, &["process_start_time_seconds", "go_info"]),
        ] {
            for name in names {
                assert!(text(component).contains(&format!("# TYPE {name} ")), "{component:?}: {name}");
            }
        }
    }
}
