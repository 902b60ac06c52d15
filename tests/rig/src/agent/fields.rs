//! The downward interface: what a pod may know of itself (`fieldRef`, `resourceFieldRef`).

use k8s_openapi::api::core::v1::{Container, Pod, ResourceFieldSelector};

/// Where a pod runs.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) pod_address: String,
    pub(super) node_address: String,
    /// What stands for a limit that is not set.
    pub(super) allocatable_cpu: &'static str,
    pub(super) allocatable_memory: &'static str,
}

/// The value of a field; nothing if Kubernetes knows no such field.
pub(super) fn field(pod: &Pod, place: &Place, path: &str) -> Option<String> {
    let metadata = &pod.metadata;
    let spec = pod.spec.as_ref();
    if let Some((map, key)) = path.strip_suffix("']").and_then(|path| path.split_once("['")) {
        let map = match map {
            "metadata.labels" => &metadata.labels,
            "metadata.annotations" => &metadata.annotations,
            _ => return None,
        };
        return Some(map.as_ref().and_then(|map| map.get(key)).cloned().unwrap_or_default());
    }
    Some(match path {
        "metadata.name" => metadata.name.clone().unwrap_or_default(),
        "metadata.namespace" => metadata.namespace.clone().unwrap_or_default(),
        "metadata.uid" => metadata.uid.clone().unwrap_or_default(),
        // One `key="value"` per line, only in volumes.
        "metadata.labels" => lines(metadata.labels.as_ref()),
        "metadata.annotations" => lines(metadata.annotations.as_ref()),
        "spec.nodeName" => spec.and_then(|spec| spec.node_name.clone()).unwrap_or_default(),
        "spec.serviceAccountName" => {
            spec.and_then(|spec| spec.service_account_name.clone()).unwrap_or_default()
        }
        "status.hostIP" | "status.hostIPs" => place.node_address.clone(),
        "status.podIP" | "status.podIPs" => place.pod_address.clone(),
        _ => return None,
    })
}

fn lines(map: Option<&std::collections::BTreeMap<String, String>>) -> String {
    let lines: Vec<String> =
        map.into_iter().flatten().map(|(key, value)| format!("{key}={value:?}")).collect();
    lines.join("\n")
}

/// The value of a request or limit, in units of the divisor, rounded up; nothing if it is not a number.
pub(super) fn resource(
    pod: &Pod,
    own: Option<&Container>,
    place: &Place,
    selector: &ResourceFieldSelector,
) -> Option<String> {
    let spec = pod.spec.as_ref()?;
    let container = match selector.container_name.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => spec
            .containers
            .iter()
            .chain(spec.init_containers.iter().flatten())
            .find(|container| container.name == name)?,
        None => own?,
    };
    let (which, name) = selector.resource.split_once('.')?;
    let resources = container.resources.as_ref();
    let set = match which {
        "limits" => resources.and_then(|resources| resources.limits.as_ref()),
        "requests" => resources.and_then(|resources| resources.requests.as_ref()),
        _ => return None,
    };
    let value = match (set.and_then(|set| set.get(name)), which, name) {
        (Some(quantity), ..) => quantity.0.as_str(),
        (None, "limits", "cpu") => place.allocatable_cpu,
        (None, "limits", "memory") => place.allocatable_memory,
        (None, ..) => "0",
    };
    let divisor = selector.divisor.as_ref().map_or("1", |divisor| divisor.0.as_str());
    let divisor = match quantity(divisor)? {
        zero if zero <= 0.0 => 1.0,
        divisor => divisor,
    };
    // Nothing is not `-0`, which rounding up makes of it.
    Some(format!("{:.0}", (quantity(value)? / divisor - 1e-9).ceil() + 0.0))
}

/// A quantity as a number.
fn quantity(text: &str) -> Option<f64> {
    let digits =
        text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '+' | '-')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let factor = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        exponent => 10_f64.powi(exponent.strip_prefix(['e', 'E'])?.parse().ok()?),
    };
    Some(number * factor)
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    pub(in super::super) fn place() -> Place {
        Place {
            pod_address: "10.77.8.1".to_owned(),
            node_address: "10.77.1.1".to_owned(),
            allocatable_cpu: "4",
            allocatable_memory: "8Gi",
        }
    }

    #[test]
    fn resources_are_rounded_up() {
        let pod: Pod = serde_json::from_value(json!({"spec": {"containers": [
            {"name": "a", "resources": {"limits": {"cpu": "1500m"}, "requests": {"memory": "64Mi"}}}]}}))
        .expect("it is a pod");
        for (resource_name, divisor, expected) in [
            ("limits.cpu", "0", "2"),
            ("limits.cpu", "1m", "1500"),
            ("requests.memory", "1", "67108864"),
            ("requests.memory", "1Mi", "64"),
            ("limits.memory", "1Gi", "8"),
            ("requests.cpu", "1", "0"),
        ] {
            let selector = serde_json::from_value(
                json!({"containerName": "a", "resource": resource_name, "divisor": divisor}),
            )
            .expect("it is a selector");
            let value = resource(&pod, None, &place(), &selector);
            assert_eq!(value.as_deref(), Some(expected), "{resource_name} in {divisor}");
        }
    }
}
