//! The status of a pod, as a kubelet reports it (`status_manager.go`, `kubelet_pods.go`).

use k8s_openapi::api::core::v1::{Container, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use super::objects::Waiting;

/// How far a container is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Progress {
    pub(super) state: State,
    pub(super) last: Option<Ended>,
    pub(super) restarts: i32,
    pub(super) started: bool,
    pub(super) ready: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum State {
    Waiting(Waiting),
    Running { since: Timestamp },
    Ended(Ended),
}

/// How a run of a container ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) message: String,
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            state: State::Waiting(Waiting { reason: "PodInitializing", message: String::new() }),
            last: None,
            restarts: 0,
            started: false,
            ready: false,
        }
    }
}

impl Progress {
    fn succeeded(&self) -> bool {
        matches!(&self.state, State::Ended(ended) if ended.code == 0)
    }

    fn ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }
}

/// What a status is made of.
pub(super) struct Facts<'a> {
    pub(super) pod: &'a Pod,
    pub(super) pod_address: Option<String>,
    pub(super) node_address: String,
    pub(super) since: Timestamp,
    /// Network and volumes are there.
    pub(super) sandbox: bool,
    /// Why not, for the containers.
    pub(super) waiting: Option<&'a Waiting>,
    pub(super) init: &'a [Progress],
    pub(super) containers: &'a [Progress],
}

/// Whether a container of `initContainers` runs beside the others.
pub(super) fn is_sidecar(container: &Container) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

/// The status as a merge patch sets it.
pub(super) fn status(facts: &Facts<'_>) -> Value {
    let spec = facts.pod.spec.clone().unwrap_or_default();
    let init = spec.init_containers.unwrap_or_default();
    let initialized = init.iter().zip(facts.init).all(|(container, progress)| {
        if is_sidecar(container) { progress.started } else { progress.succeeded() }
    });
    let sidecars_ready = init
        .iter()
        .zip(facts.init)
        .filter(|(container, _)| is_sidecar(container))
        .all(|(_, progress)| progress.ready);
    let phase = phase(facts, initialized, spec.restart_policy.as_deref());
    let done = matches!(phase, "Succeeded" | "Failed");
    let containers_ready = !done && sidecars_ready && facts.containers.iter().all(|progress| progress.ready);
    let gates = spec.readiness_gates.unwrap_or_default();
    let gates_open = gates.iter().all(|gate| {
        let conditions = facts.pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
        conditions.into_iter().any(|one| one.type_ == gate.condition_type && one.status == "True")
    });
    let not_ready = if phase == "Succeeded" { "PodCompleted" } else { "ContainersNotReady" };
    let mut conditions = Conditions::of(facts);
    conditions.set("PodReadyToStartContainers", facts.sandbox && !done, "");
    let init_done = initialized && facts.sandbox;
    conditions.set("Initialized", init_done, "ContainersNotInitialized");
    conditions.set("ContainersReady", containers_ready, not_ready);
    let reason = if containers_ready { "ReadinessGatesNotReady" } else { not_ready };
    conditions.set("Ready", containers_ready && gates_open, reason);
    let addresses = facts.pod_address.iter().map(|ip| json!({"ip": ip})).collect::<Vec<_>>();
    json!({
        "phase": phase,
        "observedGeneration": facts.pod.metadata.generation,
        "startTime": Time(facts.since),
        "hostIP": facts.node_address,
        "hostIPs": [{"ip": facts.node_address}],
        "podIP": facts.pod_address,
        "podIPs": addresses,
        "qosClass": facts.pod.status.as_ref().and_then(|status| status.qos_class.clone()),
        "conditions": conditions.all,
        "initContainerStatuses": containers(facts, &init, facts.init),
        "containerStatuses": containers(facts, &spec.containers, facts.containers),
    })
}

fn phase(facts: &Facts<'_>, initialized: bool, restart: Option<&str>) -> &'static str {
    let never = restart == Some("Never");
    if never && facts.init.iter().any(|progress| progress.ended() && !progress.succeeded()) {
        return "Failed";
    }
    if !initialized || !facts.sandbox {
        return "Pending";
    }
    let restarts = !matches!(restart, Some("Never" | "OnFailure"));
    if !restarts && facts.containers.iter().all(Progress::ended) {
        return if facts.containers.iter().all(Progress::succeeded) { "Succeeded" } else { "Failed" };
    }
    let begun = |progress: &Progress| {
        progress.last.is_some() || matches!(progress.state, State::Running { .. } | State::Ended(_))
    };
    if facts.containers.iter().all(begun) { "Running" } else { "Pending" }
}

/// Conditions that keep the time of their last change, and those that others set.
struct Conditions<'a> {
    facts: &'a Facts<'a>,
    all: Vec<Value>,
}

const OWN: &[&str] = &["PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"];

impl<'a> Conditions<'a> {
    fn of(facts: &'a Facts<'a>) -> Self {
        let old = facts.pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
        let all = old
            .filter(|one| !OWN.contains(&one.type_.as_str()))
            .filter_map(|one| serde_json::to_value(one).ok())
            .collect();
        Self { facts, all }
    }

    fn set(&mut self, name: &str, holds: bool, reason: &str) {
        let status = if holds { "True" } else { "False" };
        let old = self
            .facts
            .pod
            .status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten())
            .find(|one| one.type_ == name && one.status == status)
            .and_then(|one| one.last_transition_time.clone());
        let mut condition = json!({
            "type": name,
            "status": status,
            "lastTransitionTime": old.unwrap_or_else(|| Time(Timestamp::now())),
        });
        if let Some(generation) = self.facts.pod.metadata.generation {
            condition["observedGeneration"] = json!(generation);
        }
        if !holds && !reason.is_empty() {
            condition["reason"] = json!(reason);
        }
        self.all.push(condition);
    }
}

fn containers(facts: &Facts<'_>, containers: &[Container], progress: &[Progress]) -> Vec<Value> {
    containers
        .iter()
        .zip(progress)
        .map(|(container, progress)| {
            let uid = facts.pod.metadata.uid.as_deref().unwrap_or_default();
            let id = |run: i32| format!("rig://{uid}/{}/{run}", container.name);
            let waiting = facts.waiting.filter(|_| matches!(progress.state, State::Waiting(_)));
            let state = match (&progress.state, waiting) {
                (_, Some(waiting)) | (State::Waiting(waiting), None) => {
                    json!({"waiting": {"reason": waiting.reason, "message": waiting.message}})
                }
                (State::Running { since }, None) => json!({"running": {"startedAt": Time(*since)}}),
                (State::Ended(ended), None) => terminated(ended, &id(progress.restarts)),
            };
            let last = progress.last.as_ref().map(|ended| terminated(ended, &id(progress.restarts - 1)));
            let begun = !matches!(progress.state, State::Waiting(_)) || progress.last.is_some();
            let image = container.image.clone().unwrap_or_default();
            json!({
                "name": container.name,
                "image": image,
                "imageID": if begun { image.clone() } else { String::new() },
                "containerID": begun.then(|| id(progress.restarts)),
                "ready": progress.ready,
                "started": progress.started,
                "restartCount": progress.restarts,
                "state": state,
                "lastState": last.unwrap_or_else(|| json!({})),
            })
        })
        .collect()
}

fn terminated(ended: &Ended, id: &str) -> Value {
    json!({"terminated": {
        "exitCode": ended.code,
        "reason": if ended.code == 0 { "Completed" } else { "Error" },
        "message": ended.message,
        "startedAt": Time(ended.since),
        "finishedAt": Time(ended.until),
        "containerID": id,
    }})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(ready: bool) -> Progress {
        let state = State::Running { since: Timestamp::UNIX_EPOCH };
        Progress { state, ready, started: true, ..Progress::default() }
    }

    fn ended(code: i32) -> Progress {
        let ended = Ended {
            code,
            message: String::new(),
            since: Timestamp::UNIX_EPOCH,
            until: Timestamp::UNIX_EPOCH,
        };
        Progress { state: State::Ended(ended), ..Progress::default() }
    }

    fn made(spec: &Value, init: &[Progress], containers: &[Progress]) -> (String, Vec<String>) {
        let pod: Pod = serde_json::from_value(json!({"spec": spec})).expect("it is a pod");
        let status = status(&Facts {
            pod: &pod,
            pod_address: Some("10.77.8.1".to_owned()),
            node_address: "10.77.1.1".to_owned(),
            since: Timestamp::UNIX_EPOCH,
            sandbox: true,
            waiting: None,
            init,
            containers,
        });
        let conditions = status["conditions"].as_array().expect("it has conditions");
        let holding = conditions.iter().filter(|one| one["status"] == "True");
        let names = holding.map(|one| one["type"].as_str().unwrap_or_default().to_owned()).collect();
        (status["phase"].as_str().unwrap_or_default().to_owned(), names)
    }

    #[test]
    fn a_pod_is_ready_with_all_its_containers() {
        let spec = json!({"containers": [{"name": "a"}, {"name": "b"}]});
        let (phase, holding) = made(&spec, &[], &[running(true), running(true)]);
        assert_eq!(phase, "Running");
        assert_eq!(holding, ["PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"]);
        let (phase, holding) = made(&spec, &[], &[running(true), running(false)]);
        assert_eq!(phase, "Running");
        assert_eq!(holding, ["PodReadyToStartContainers", "Initialized"]);
        let (phase, _) = made(&spec, &[], &[running(true), Progress::default()]);
        assert_eq!(phase, "Pending");
    }

    #[test]
    fn containers_wait_for_those_before_them() {
        let spec = json!({"initContainers": [{"name": "i"}], "containers": [{"name": "a"}]});
        let (phase, holding) = made(&spec, &[ended(1)], &[Progress::default()]);
        assert_eq!(
            (phase.as_str(), holding.as_slice()),
            ("Pending", &["PodReadyToStartContainers".to_owned()][..])
        );
        let (phase, _) = made(&spec, &[ended(0)], &[running(true)]);
        assert_eq!(phase, "Running");
    }

    #[test]
    fn a_pod_that_is_not_restarted_ends() {
        let spec = json!({"restartPolicy": "Never", "containers": [{"name": "a"}, {"name": "b"}]});
        assert_eq!(made(&spec, &[], &[ended(0), running(true)]).0, "Running");
        assert_eq!(made(&spec, &[], &[ended(0), ended(0)]).0, "Succeeded");
        assert_eq!(made(&spec, &[], &[ended(0), ended(2)]).0, "Failed");
    }
}
