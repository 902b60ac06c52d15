//! What becomes of pods: waiting, failing, changing, ending.

use std::net::TcpStream;
use std::time::Duration;

use promwire_rig::certificates::Authority;
use promwire_rig::cluster::{Cluster, wait};
use serde_json::{Value, json};

use crate::{World, check, is_ready, page, text};

/// A pod whose only program is an exporter with nothing but what the arguments ask for.
fn exporter(namespace: &str, name: &str, arguments: &[&str]) -> Value {
    let mut all = vec!["--collector.disable-defaults", "--collector.textfile"];
    all.extend(arguments);
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
        "spec": {
            "nodeName": "worker-1",
            "terminationGracePeriodSeconds": 2,
            "containers": [{
                "name": "exporter",
                "image": "quay.io/prometheus/node-exporter:v1.12.1",
                "args": all,
                "ports": [{"name": "metrics", "containerPort": 9100}],
                "readinessProbe": {"httpGet": {"path": "/metrics", "port": "metrics"}},
            }],
        },
    })
}

impl World {
    async fn apply_all(&self, objects: &[Value]) -> Result<(), String> {
        self.cluster.apply(objects).await.map_err(|refused| refused.join("\n"))
    }

    /// Waits until a container waits for this reason with this text in its message.
    async fn holds(&self, namespace: &str, name: &str, reason: &str, message: &str) -> Result<Value, String> {
        let what = format!("pod {name} ({reason})");
        let waited = wait(Duration::from_secs(20), &what, async || {
            let pod = self.pod(namespace, name).await;
            let at = |field: &str| format!("/status/containerStatuses/0/state/waiting/{field}");
            text(&pod, &at("reason")) == reason && text(&pod, &at("message")).contains(message)
        });
        let waited = waited.await;
        let pod = self.pod(namespace, name).await;
        waited.map(|()| pod.clone()).map_err(|late| format!("{late}: {:#}", pod["status"]))
    }
}

/// Volumes and environments that are not there hold a pod back, and let it go on when they appear.
pub(crate) async fn waits(world: &World) -> Result<(), String> {
    let namespace = world.cluster.namespace("waits").await?;
    let mut pod = exporter(&namespace, "late", &["--web.listen-address=$(ADDRESS)"]);
    pod["spec"]["volumes"] = json!([{"name": "keys", "secret": {"secretName": "keys"}}]);
    let container = &mut pod["spec"]["containers"][0];
    container["volumeMounts"] = json!([{"name": "keys", "mountPath": "/keys"}]);
    container["env"] = json!([{"name": "ADDRESS",
        "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "address"}}}]);
    world.apply_all(&[pod]).await?;
    let held = world.holds(&namespace, "late", "ContainerCreating", "secret \"keys\" not found").await?;
    check(text(&held, "/status/phase") == "Pending", "it is not Pending")?;
    world
        .apply_all(&[json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "keys", "namespace": namespace}, "stringData": {"a": "b"}})])
        .await?;
    let missing = "configmap \"settings\" not found";
    world.holds(&namespace, "late", "CreateContainerConfigError", missing).await?;
    world
        .apply_all(&[json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "settings", "namespace": namespace}, "data": {"address": ":9100"}})])
        .await?;
    let ready = world.ready(&namespace, "late").await?;
    check(text(&ready, "/status/phase") == "Running", "it is not Running")
}

/// A wrong flag: the real program ends with 1, again and again, and the status shows it.
pub(crate) async fn crashes(world: &World) -> Result<(), String> {
    let namespace = world.cluster.namespace("crashes").await?;
    let mut pod = exporter(&namespace, "wrong", &["--no-such-flag"]);
    pod["spec"]["containers"][0]["terminationMessagePolicy"] = json!("FallbackToLogsOnError");
    world.apply_all(&[pod]).await?;
    let pod = world.holds(&namespace, "wrong", "CrashLoopBackOff", "back-off").await?;
    let status = &pod["status"]["containerStatuses"][0];
    check(status["restartCount"].as_i64() >= Some(1), format!("it did not run again: {status:#}"))?;
    check(status["lastState"]["terminated"]["exitCode"] == 1, format!("no exit code: {status:#}"))?;
    let message = text(status, "/lastState/terminated/message");
    check(message.contains("no-such-flag"), format!("the message is not the program's: {message}"))?;
    check(!is_ready(&pod), "it is ready")?;
    check(text(&pod, "/status/phase") == "Running", "a container that crashes has begun: Running")
}

pub(crate) async fn unknown(world: &World) -> Result<(), String> {
    let namespace = world.cluster.namespace("unknown").await?;
    let mut pod = exporter(&namespace, "web", &[]);
    pod["spec"]["containers"][0]["image"] = json!("nginx:1.29");
    pod["spec"]["initContainers"] = json!([{"name": "first", "image": "busybox"}]);
    world.apply_all(&[pod]).await?;
    let pod = world.ready(&namespace, "web").await?;
    let address = text(&pod, "/status/podIP");
    check(page(&format!("{address}:9100")).await.is_err(), "something answers")
}

/// The kubelet asks over TLS without looking at the certificate.
pub(crate) async fn https(world: &World) -> Result<(), String> {
    let namespace = world.cluster.namespace("https").await?;
    let pair = Authority::new("somebody")?.server("shop", &["shop"])?;
    let settings = "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n";
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web", "namespace": namespace},
        "stringData": {"web.yml": settings, "tls.crt": pair.certificate, "tls.key": pair.key}});
    let mut pod = exporter(&namespace, "secure", &["--web.config.file=/web/web.yml"]);
    pod["spec"]["volumes"] = json!([{"name": "web", "secret": {"secretName": "web", "defaultMode": 0o400}}]);
    let container = &mut pod["spec"]["containers"][0];
    container["volumeMounts"] = json!([{"name": "web", "mountPath": "/web", "readOnly": true}]);
    let mut plain = pod.clone();
    pod["spec"]["containers"][0]["readinessProbe"]["httpGet"]["scheme"] = json!("HTTPS");
    plain["metadata"]["name"] = json!("plain");
    world.apply_all(&[secret, pod, plain]).await?;
    world.ready(&namespace, "secure").await?;
    // The other probe speaks plainly to a server that wants TLS, and is answered with 400.
    tokio::time::sleep(Duration::from_secs(1)).await;
    check(!is_ready(&world.pod(&namespace, "plain").await), "a plain probe is answered by TLS")
}

/// A mounted ConfigMap changes; one mounted by `subPath` does not.
pub(crate) async fn files_change(world: &World) -> Result<(), String> {
    let namespace = world.cluster.namespace("files").await?;
    let map = |value: u8| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "text", "namespace": namespace},
            "data": {"shop.prom": format!("shop_orders {value}\n"), "fixed.prom": format!("shop_fixed {value}\n")}})
    };
    let mut pod = exporter(
        &namespace,
        "files",
        &["--collector.textfile.directory=/text", "--collector.textfile.directory=/fixed"],
    );
    pod["spec"]["volumes"] = json!([{"name": "text", "configMap": {"name": "text",
        "items": [{"key": "shop.prom", "path": "shop.prom"}]}}, {"name": "fixed", "configMap": {"name": "text"}}]);
    pod["spec"]["containers"][0]["volumeMounts"] = json!([{"name": "text", "mountPath": "/text"},
        {"name": "fixed", "mountPath": "/fixed/fixed.prom", "subPath": "fixed.prom"}]);
    world.apply_all(&[map(1), pod]).await?;
    let pod = world.ready(&namespace, "files").await?;
    let address = format!("{}:9100", text(&pod, "/status/podIP"));
    let shows = async |line: &str| page(&address).await.is_ok_and(|page| page.contains(line));
    check(shows("\nshop_orders 1\n").await, "the first content is not there")?;
    check(shows("\nshop_fixed 1\n").await, "the file of a subPath is not there")?;
    world.apply_all(&[map(2)]).await?;
    wait(Duration::from_secs(1), "the new content", async || shows("\nshop_orders 2\n").await).await?;
    check(shows("\nshop_fixed 1\n").await, "the file of a subPath changed")
}

pub(crate) async fn deleted(world: &World) -> Result<(), String> {
    let namespace = world.cluster.namespace("deleted").await?;
    let pod = exporter(&namespace, "short", &[]);
    world.apply_all(std::slice::from_ref(&pod)).await?;
    let ready = world.ready(&namespace, "short").await?;
    let address = format!("{}:9100", text(&ready, "/status/podIP"));
    check(page(&address).await.is_ok(), "it does not answer")?;
    let uid = text(&ready, "/metadata/uid").to_owned();
    check(!processes(&uid).is_empty(), "no process of it is found")?;
    let pods = kube::Api::<k8s_openapi::api::core::v1::Pod>::namespaced(world.cluster.client(), &namespace);
    pods.delete("short", &kube::api::DeleteParams::default()).await.map_err(|error| error.to_string())?;
    // It ends when it is asked to, not when its patience is over.
    wait(Duration::from_secs(1), "the end of the pod", async || {
        pods.get_opt("short").await.is_ok_and(|left| left.is_none())
    })
    .await?;
    check(processes(&uid).is_empty(), "a process is left")?;
    let address = address.parse().map_err(|_| format!("{address} is not an address"))?;
    let connected = TcpStream::connect_timeout(&address, Duration::from_millis(300));
    check(connected.is_err(), "it still answers")?;
    let hosts = std::fs::read_dir("/run/netns").map_err(|error| error.to_string())?;
    let left = hosts.flatten().any(|entry| entry.file_name().to_string_lossy().contains(&uid));
    check(!left, "its network namespace is left")
}

/// Processes that see a file of a pod mounted.
fn processes(uid: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| {
            std::fs::read_to_string(entry.path().join("mountinfo")).is_ok_and(|mounts| mounts.contains(uid))
        })
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

pub(crate) async fn node(world: &World) -> Result<(), String> {
    let path = "/api/v1/nodes/worker-2";
    let nodes = kube::Api::<k8s_openapi::api::core::v1::Node>::all(world.cluster.client());
    let before = world.get(path).await?;
    check(text(&before, "/spec/taints/0/key").is_empty(), "it is tainted")?;
    nodes.delete("worker-2", &kube::api::DeleteParams::default()).await.map_err(|error| error.to_string())?;
    wait(Duration::from_secs(5), "the node, without a taint", async || {
        world
            .get(path)
            .await
            .is_ok_and(|node| is_ready(&node) && text(&node, "/spec/taints/0/key").is_empty())
    })
    .await?;
    let control_plane = world.get("/api/v1/nodes/control-plane").await?;
    let taints = control_plane["spec"]["taints"].as_array().map_or(0, Vec::len);
    check(
        taints == 1 && text(&control_plane, "/spec/taints/0/key") == "node-role.kubernetes.io/control-plane",
        "the control plane's own taint is not the only one",
    )
}

/// After the agent is dropped its programs are gone.
pub(crate) async fn nothing_survives(cluster: &Cluster) -> Result<(), String> {
    let pods = cluster.run().path().join("pods");
    let folder = pods.to_string_lossy();
    wait(Duration::from_secs(3), "the end of every program", async || processes(&folder).is_empty()).await
}
