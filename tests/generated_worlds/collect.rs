//! Reading what the operator did.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::events::v1::Event;
use kube::api::{DeleteParams, DynamicObject, ListParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Api, ResourceExt as _};
use promwire_rig::cluster::{Cluster, Operator};
use serde_json::{Value, json};

use crate::predict::Subject;

/// What promwire is given of the server.
const LIVE: &[(&str, &str, &str)] = &[
    ("", "v1", "Namespace"),
    ("", "v1", "Secret"),
    ("", "v1", "ConfigMap"),
    ("", "v1", "Node"),
    ("", "v1", "Pod"),
    ("", "v1", "Service"),
    ("", "v1", "Endpoints"),
    ("discovery.k8s.io", "v1", "EndpointSlice"),
    ("networking.k8s.io", "v1", "Ingress"),
    ("storage.k8s.io", "v1", "StorageClass"),
    ("monitoring.coreos.com", "v1", "ServiceMonitor"),
    ("monitoring.coreos.com", "v1", "PodMonitor"),
    ("monitoring.coreos.com", "v1", "Probe"),
    ("monitoring.coreos.com", "v1alpha1", "ScrapeConfig"),
    ("monitoring.coreos.com", "v1", "Prometheus"),
    ("monitoring.coreos.com", "v1alpha1", "PrometheusAgent"),
];

/// The whole server, without what the operator made of the worlds: only Secrets are left out of its own.
pub(crate) async fn live(cluster: &Cluster) -> Result<Vec<Value>, String> {
    let mut all = Vec::new();
    for (group, version, kind) in LIVE {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
        let api: Api<DynamicObject> = Api::all_with(cluster.client(), &resource);
        let list = api.list(&ListParams::default()).await.map_err(|error| format!("{kind}: {error}"))?;
        for mut object in list {
            let made_by_operator =
                object.labels().get("managed-by").is_some_and(|who| who == "prometheus-operator");
            if *kind == "Secret" && made_by_operator {
                continue;
            }
            object.metadata.managed_fields = None;
            object.types = Some(kube::api::TypeMeta {
                api_version: resource.api_version.clone(),
                kind: (*kind).to_owned(),
            });
            all.push(serde_json::to_value(object).map_err(|error| error.to_string())?);
        }
    }
    Ok(all)
}

/// What discovery finds of the server, each with its version.
pub(crate) fn found(live: &[Value]) -> BTreeSet<String> {
    const KINDS: [&str; 7] = ["Namespace", "Node", "Pod", "Service", "Endpoints", "EndpointSlice", "Ingress"];
    // Pods that nobody runs are looked at again and again, and have no address.
    let is_idle = |object: &Value| object["kind"] == "Pod" && object["status"]["podIP"].is_null();
    let is_found = |object: &&Value| {
        object["kind"].as_str().is_some_and(|kind| KINDS.contains(&kind)) && !is_idle(object)
    };
    live.iter()
        .filter(is_found)
        .map(|object| {
            format!("{} {}", promwire_rig::manifests::title(object), object["metadata"]["resourceVersion"])
        })
        .collect()
}

/// What stands in the Secret of a Prometheus: none without Secret or key, empty where it holds nothing.
pub(crate) async fn config(cluster: &Cluster, subject: &Subject) -> Result<Option<String>, String> {
    let secrets: Api<Secret> = Api::namespaced(cluster.client(), &subject.namespace);
    let found = secrets.get_opt(&subject.secret()).await.map_err(|error| error.to_string())?;
    let packed = found.and_then(|secret| secret.data).and_then(|mut data| data.remove("prometheus.yaml.gz"));
    let Some(packed) = packed else { return Ok(None) };
    let mut text = String::new();
    if !packed.0.is_empty() {
        flate2::read::GzDecoder::new(packed.0.as_slice())
            .read_to_string(&mut text)
            .map_err(|error| format!("{}: {error}", subject.title()))?;
    }
    Ok(Some(text))
}

/// Takes away what an operator wrote, so that the next one's work can be told from it.
pub(crate) async fn forget(
    cluster: &Cluster,
    subjects: &[Subject],
    namespaces: &[String],
) -> Result<(), String> {
    let secrets = subjects.iter().map(|subject| async move {
        let secrets: Api<Secret> = Api::namespaced(cluster.client(), &subject.namespace);
        match secrets.delete(&subject.secret(), &DeleteParams::default()).await {
            Err(error) if !error.to_string().contains("not found") => Err(error.to_string()),
            _ => Ok(()),
        }
    });
    let done: Vec<Result<(), String>> = futures::stream::iter(secrets).buffer_unordered(12).collect().await;
    done.into_iter().collect::<Result<(), String>>()?;
    let events = namespaces.iter().map(|namespace| async move {
        let events: Api<Event> = Api::namespaced(cluster.client(), namespace);
        events.delete_collection(&DeleteParams::default(), &ListParams::default()).await
    });
    let done: Vec<_> = futures::stream::iter(events).buffer_unordered(12).collect().await;
    done.into_iter().try_for_each(|done| done.map(drop).map_err(|error| error.to_string()))
}

/// Rejections as the operator told them: by controller, kind and object, the messages.
pub(crate) type Told = BTreeMap<(String, String, String), BTreeSet<String>>;

/// The Events of rejections.
pub(crate) async fn rejections(cluster: &Cluster) -> Result<(Told, Vec<Value>), String> {
    let events: Api<Event> = Api::all(cluster.client());
    let mut told = Told::new();
    let mut rows = Vec::new();
    for event in events.list(&ListParams::default()).await.map_err(|error| error.to_string())? {
        if event.reason.as_deref() != Some("InvalidConfiguration") {
            continue;
        }
        let regarding = event.regarding.unwrap_or_default();
        let text = |text: Option<String>| text.unwrap_or_default();
        let (kind, namespace, name) = (text(regarding.kind), text(regarding.namespace), text(regarding.name));
        let (controller, message) = (text(event.reporting_controller), text(event.note));
        rows.push(
            json!({"kind": kind, "namespace": namespace, "name": name, "reason": "InvalidConfiguration",
            "message": message, "controller": controller}),
        );
        told.entry((controller, kind, format!("{namespace}/{name}"))).or_default().insert(message);
    }
    Ok((told, rows))
}

/// Waits until the operator has looked at so many Prometheuses, once: what it writes has nothing to do with what it wrote.
pub(crate) async fn settled(operator: &mut Operator, handled: usize) -> Result<(), String> {
    /// Those that wait in the queue for the first time are before those that wait again.
    const QUIET: Duration = Duration::from_secs(3);
    const PATIENCE: Duration = Duration::from_mins(5);
    let started = Instant::now();
    let (mut most, mut since) = (0.0, Instant::now());
    loop {
        if let Some(words) = operator.ended() {
            return Err(format!("the operator died:\n{words}"));
        }
        let metrics = operator.metrics().await.unwrap_or_default();
        let looked_at = sum(&metrics, "prometheus_operator_syncs{");
        if looked_at > most {
            (most, since) = (looked_at, Instant::now());
        }
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        if most >= handled as f64 && since.elapsed() > QUIET {
            return Ok(());
        }
        if started.elapsed() > PATIENCE {
            return Err(format!("the operator looked at {most} of {handled} in {} s", PATIENCE.as_secs()));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The sum of the samples whose line begins so.
fn sum(metrics: &str, begin: &str) -> f64 {
    let lines = metrics.lines().filter(|line| line.starts_with(begin));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}
