//! A stacked etcd over TLS, whole: applied, scraped, its client certificate rotated, deleted.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use promwire_rig::certificates::{Authority, Pair, write_private};
use promwire_rig::cluster::{OperatorOptions, kubeconfig, wait};
use promwire_rig::manifests;
use promwire_rig::network::RIG;
use rcgen::ExtendedKeyUsagePurpose::ClientAuth;
use serde_json::Value;

use crate::scene::{Scene, check, folder};

const STACK: &str = "apiVersion: promwire.dev/v1alpha1
kind: Stack
namespace: monitoring
integrations:
  prometheus: {}
  etcd: {topology: stacked, access: client-mtls, ca-file: ca.crt, cert-file: client.crt, key-file: client.key, interval: 2s}
";

/// How long the first certificate lasts.
const FIRST: Duration = Duration::from_secs(150);

#[expect(clippy::too_many_lines, reason = "the steps of one rotation, in their order")]
pub(crate) async fn whole(scene: &Scene) -> Result<(), String> {
    let agent = scene.agent().await?;
    let operator = scene.cluster.operator(&OperatorOptions::default()).await?;
    let node = agent.node_folder("control-plane").join("etc/kubernetes/pki/etcd");
    let host = agent.node_host("control-plane").ok_or("there is no control plane")?.address.to_string();
    let authority = Authority::new("etcd-ca")?;
    let server = authority.server("control-plane", &["localhost", "127.0.0.1", &host])?;
    for (name, text) in
        [("ca.crt", &authority.pem()), ("server.crt", &server.certificate), ("server.key", &server.key)]
    {
        write_private(&node, name, text)?;
    }
    let etcd = include_str!("../rig/tests/agent/etcd.yaml")
        .replace("NAMESPACE", "kube-system")
        .replace("ADDRESS", &host);
    scene.apply(&etcd).await?;
    ready(scene, "kube-system", "etcd-control-plane").await?;
    let end = SystemTime::now() + FIRST;
    let first = client(&authority, Some(end))?;
    let here = folder(&[
        ("promwire.yaml", STACK),
        ("ca.crt", &authority.pem()),
        ("client.crt", &first.certificate),
        ("client.key", &first.key),
    ])?;
    write_client(&node, &first)?;
    let run = scene.promwire(here.path(), "apply --yes --with-secrets").await?.expect(0)?;
    check(!run.said().contains(first.key.lines().nth(1).unwrap_or_default()), "the key is shown")?;
    ready(scene, "monitoring", "prometheus-prometheus-0").await?;
    let address = prometheus(scene).await?;
    wait(Duration::from_mins(1), "etcd (up)", async || up(&address, "up{job=\"etcd\"}").await == Some(1.0))
        .await?;
    // What deploy/ says runs on the node, with the rights it says.
    let deploy = include_str!("../../deploy/certs-sync/certs-sync.yaml")
        .replace("namespace: monitoring", "namespace: kube-system");
    let mut deployed = manifests::parse("certs-sync.yaml", &deploy)?;
    scene.cluster.apply(&deployed).await.map_err(|refused| refused.join("\n"))?;
    let config = here.path().join("sync.kubeconfig");
    std::fs::write(
        &config,
        kubeconfig(
            &format!("https://{RIG}"),
            scene.cluster.admin().0,
            &scene.token("kube-system", "etcd-certs-sync").await?,
        ),
    )
    .map_err(|error| error.to_string())?;
    let files = format!(
        "--ca-file {0}/ca.crt --cert-file {0}/healthcheck-client.crt --key-file {0}/healthcheck-client.key",
        node.display()
    );
    let sync = format!("certs sync -n kube-system {files} --kubeconfig {}", config.display());
    let mut watching = scene
        .command(here.path(), &format!("{sync} --watch --interval 2"))
        .spawn()
        .map_err(|error| error.to_string())?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let rotated = Instant::now();
    let second = client(&authority, None)?;
    // As kubeadm does it: one file, then the other; what does not go together is not written.
    write_private(&node, "healthcheck-client.crt", &second.certificate)?;
    let run = scene.promwire(here.path(), &format!("{sync} --dry-run")).await?.expect(2)?;
    check(run.stderr.contains("PW301"), run.said())?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    check(
        secret(scene, "kube-system", "etcd-client-certs", "client.crt").await? == first.certificate,
        "half a pair was written",
    )?;
    write_private(&node, "healthcheck-client.key", &second.key)?;
    let assets = || async {
        let name = "prometheus-prometheus-tls-assets-0";
        let all =
            scene.get(&format!("/api/v1/namespaces/monitoring/secrets/{name}")).await.unwrap_or_default();
        let held = all["data"].as_object().cloned().unwrap_or_default();
        held.values().any(|value| decode(value).is_some_and(|text| text == second.certificate))
    };
    wait(Duration::from_mins(1), "the rotated certificate in the hands of Prometheus", async || {
        assets().await
    })
    .await?;
    promwire_rig::say(&format!("rotated after {:.1} s", rotated.elapsed().as_secs_f32()));
    // The first one ends: a scrape with it would fail from then on.
    while SystemTime::now() < end + Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let at = format!("certs inspect {host}:2379 --ca ca.crt");
    let run = scene
        .promwire(here.path(), &format!("{at} --client-cert client.crt --client-key client.key"))
        .await?
        .expect(1)?;
    check(run.stderr.contains("PW941"), run.said())?;
    let run = scene
        .promwire(
            here.path(),
            &format!(
                "{at} --client-cert {0}/healthcheck-client.crt --client-key {0}/healthcheck-client.key",
                node.display()
            ),
        )
        .await?;
    run.expect(0)?;
    let worst =
        up(&address, &format!("min_over_time(up{{job=\"etcd\"}}[{}s])", rotated.elapsed().as_secs())).await;
    let now = up(&address, "up{job=\"etcd\"}").await;
    check(worst == Some(1.0) && now == Some(1.0), format!("scrapes failed: {worst:?}, now {now:?}"))?;
    watching.kill().await.map_err(|error| error.to_string())?;
    deployed.reverse();
    for object in deployed.iter().filter(|object| object["kind"] != "Secret") {
        scene.cluster.delete(object).await?;
    }
    // The Secret was made by apply, and goes with it.
    let run = scene.promwire(here.path(), "delete --yes").await?.expect(0)?;
    // What Prometheus stored is nobody's to delete by the way.
    check(run.stdout.contains("Namespace monitoring stays: PersistentVolumeClaim"), run.said())?;
    operator.stop().await;
    Ok(())
}

fn client(authority: &Authority, end: Option<SystemTime>) -> Result<Pair, String> {
    authority.sign("kube-etcd-healthcheck-client", &[], |params| {
        params.extended_key_usages = vec![ClientAuth];
        if let Some(end) = end {
            params.not_after = end.into();
        }
    })
}

fn write_client(folder: &Path, pair: &Pair) -> Result<(), String> {
    write_private(folder, "healthcheck-client.crt", &pair.certificate)?;
    write_private(folder, "healthcheck-client.key", &pair.key)?;
    Ok(())
}

async fn ready(scene: &Scene, namespace: &str, name: &str) -> Result<(), String> {
    let path = format!("/api/v1/namespaces/{namespace}/pods/{name}");
    wait(Duration::from_mins(2), &format!("pod {name} (Ready)"), async || {
        let pod = scene.get(&path).await.unwrap_or_default();
        let conditions = pod["status"]["conditions"].as_array().cloned().unwrap_or_default();
        conditions.iter().any(|one| one["type"] == "Ready" && one["status"] == "True")
    })
    .await
}

async fn prometheus(scene: &Scene) -> Result<String, String> {
    let pod = scene.get("/api/v1/namespaces/monitoring/pods/prometheus-prometheus-0").await?;
    pod["status"]["podIP"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| "the Prometheus has no address".to_owned())
}

/// The value of an expression with one result.
async fn up(address: &str, expression: &str) -> Option<f64> {
    let encoded = expression.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"));
    let answer =
        promwire_rig::http::get(format!("http://{address}:9090/api/v1/query?query={encoded}")).await.ok()?;
    let answer: Value = serde_json::from_str(&answer).ok()?;
    answer["data"]["result"][0]["value"][1].as_str()?.parse().ok()
}

async fn secret(scene: &Scene, namespace: &str, name: &str, key: &str) -> Result<String, String> {
    let secret = scene.get(&format!("/api/v1/namespaces/{namespace}/secrets/{name}")).await?;
    decode(&secret["data"][key]).ok_or_else(|| format!("{name} has no {key}"))
}

fn decode(value: &Value) -> Option<String> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(value.as_str()?).ok()?;
    String::from_utf8(bytes).ok()
}
