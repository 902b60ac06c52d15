//! The compact tables: the kinds Kubernetes itself has, from k8s-openapi's schemas, and the CRDs' kinds.
//!
//! k8s-openapi's schemas are generated from the API's Go types and lack what those types cannot say. The tables below add it where it
//! is certain; a wrong error would be worse than a missing one.

use k8s_openapi::{
    NamespaceResourceScope, Resource,
    api::{
        apps::v1 as apps, autoscaling::v1 as autoscaling_v1, autoscaling::v2 as autoscaling,
        batch::v1 as batch, core::v1 as core, discovery::v1 as discovery, networking::v1 as networking,
        rbac::v1 as rbac,
    },
    schemars::{JsonSchema, SchemaGenerator},
};
use serde_json::{Map, Value, json};

use crate::{
    Result,
    compact::Builder,
    schema::{Kind, Table},
};

/// Lists whose items the API server refuses to find twice, and what identifies an item. Other lists have merge keys too (`env`,
/// `ownerReferences`), but creating an object that repeats one there is allowed.
#[rustfmt::skip]
const LIST_KEYS: &[(&str, &str, &[&str])] = &[
    ("core.v1.ServiceSpec", "ports", &["port", "protocol"]),
    ("core.v1.PodSpec", "containers", &["name"]),
    ("core.v1.PodSpec", "initContainers", &["name"]),
    ("core.v1.PodSpec", "ephemeralContainers", &["name"]),
    ("core.v1.PodSpec", "volumes", &["name"]),
    ("core.v1.PodSpec", "topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("core.v1.Container", "volumeMounts", &["mountPath"]),
    ("core.v1.Container", "volumeDevices", &["devicePath"]),
    ("core.v1.NodeSpec", "taints", &["key", "effect"]),
];

/// Fields with a fixed set of values and, where it does not depend on anything else, their default. An empty string counts as absent.
#[rustfmt::skip]
const ENUMS: &[(&str, &str, &[&str], &str)] = &[
    ("core.v1.ServiceSpec", "type", &["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"], "ClusterIP"),
    ("core.v1.ServiceSpec", "sessionAffinity", &["ClientIP", "None"], "None"),
    ("core.v1.ServiceSpec", "externalTrafficPolicy", &["Cluster", "Local"], ""),
    ("core.v1.ServiceSpec", "internalTrafficPolicy", &["Cluster", "Local"], ""),
    ("core.v1.ServiceSpec", "ipFamilyPolicy", &["SingleStack", "PreferDualStack", "RequireDualStack"], ""),
    ("core.v1.ServicePort", "protocol", &["TCP", "UDP", "SCTP"], "TCP"),
    ("core.v1.ContainerPort", "protocol", &["TCP", "UDP", "SCTP"], "TCP"),
    ("core.v1.Container", "imagePullPolicy", &["Always", "IfNotPresent", "Never"], ""),
    ("core.v1.Container", "terminationMessagePolicy", &["File", "FallbackToLogsOnError"], "File"),
    ("core.v1.HTTPGetAction", "scheme", &["HTTP", "HTTPS"], "HTTP"),
    ("core.v1.PodSpec", "dnsPolicy", &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"], "ClusterFirst"),
    ("core.v1.PodSpec", "restartPolicy", &["Always", "OnFailure", "Never"], "Always"),
    ("core.v1.PodSpec", "preemptionPolicy", &["Never", "PreemptLowerPriority"], ""),
    ("core.v1.Toleration", "effect", &["NoSchedule", "PreferNoSchedule", "NoExecute"], ""),
    ("apps.v1.DeploymentStrategy", "type", &["Recreate", "RollingUpdate"], "RollingUpdate"),
    ("apps.v1.DaemonSetUpdateStrategy", "type", &["OnDelete", "RollingUpdate"], "RollingUpdate"),
    ("apps.v1.StatefulSetUpdateStrategy", "type", &["OnDelete", "RollingUpdate"], "RollingUpdate"),
    ("apps.v1.StatefulSetSpec", "podManagementPolicy", &["OrderedReady", "Parallel"], "OrderedReady"),
    ("batch.v1.CronJobSpec", "concurrencyPolicy", &["Allow", "Forbid", "Replace"], "Allow"),
    ("batch.v1.JobSpec", "completionMode", &["NonIndexed", "Indexed"], "NonIndexed"),
    ("core.v1.EndpointPort", "protocol", &["TCP", "UDP", "SCTP"], "TCP"),
    ("discovery.v1.EndpointSlice", "addressType", &["IPv4", "IPv6", "FQDN"], ""),
    ("discovery.v1.EndpointPort", "protocol", &["TCP", "UDP", "SCTP"], "TCP"),
    ("core.v1.Taint", "effect", &["NoSchedule", "PreferNoSchedule", "NoExecute"], ""),
    ("networking.v1.HTTPIngressPath", "pathType", &["Exact", "Prefix", "ImplementationSpecific"], ""),
    ("networking.v1.NetworkPolicyPort", "protocol", &["TCP", "UDP", "SCTP"], "TCP"),
    ("autoscaling.v2.HPAScalingPolicy", "type", &["Pods", "Percent"], ""),
    ("autoscaling.v2.HPAScalingRules", "selectPolicy", &["Max", "Min", "Disabled"], ""),
    ("autoscaling.v2.MetricSpec", "type", &["Object", "Pods", "Resource", "External", "ContainerResource"], ""),
    ("autoscaling.v2.MetricTarget", "type", &["Utilization", "Value", "AverageValue"], ""),
    ("rbac.v1.RoleRef", "kind", &["Role", "ClusterRole"], ""),
    ("rbac.v1.Subject", "kind", &["ServiceAccount", "User", "Group"], ""),
];

/// What a quantity looks like; the operator's CRDs state the same pattern.
const QUANTITY: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

/// The built-in kinds promwire reads or writes.
pub(crate) fn table() -> Table {
    let mut builder = Builder::new();
    add::<core::ConfigMap>(&mut builder);
    add::<core::Endpoints>(&mut builder);
    add::<core::Namespace>(&mut builder);
    add::<core::Node>(&mut builder);
    add::<core::Pod>(&mut builder);
    add::<core::ReplicationController>(&mut builder);
    add::<core::Secret>(&mut builder);
    add::<core::Service>(&mut builder);
    add::<core::ServiceAccount>(&mut builder);
    add::<apps::DaemonSet>(&mut builder);
    add::<apps::Deployment>(&mut builder);
    add::<apps::ReplicaSet>(&mut builder);
    add::<apps::StatefulSet>(&mut builder);
    add::<autoscaling_v1::HorizontalPodAutoscaler>(&mut builder);
    add::<autoscaling::HorizontalPodAutoscaler>(&mut builder);
    add::<batch::CronJob>(&mut builder);
    add::<batch::Job>(&mut builder);
    add::<discovery::EndpointSlice>(&mut builder);
    add::<networking::Ingress>(&mut builder);
    add::<networking::NetworkPolicy>(&mut builder);
    add::<rbac::ClusterRole>(&mut builder);
    add::<rbac::ClusterRoleBinding>(&mut builder);
    add::<rbac::Role>(&mut builder);
    add::<rbac::RoleBinding>(&mut builder);
    builder.finish()
}

/// The kinds of CRDs, with the metadata of the built-in ones.
pub(crate) fn custom<'a>(kubernetes: &Table, crds: impl IntoIterator<Item = &'a Value>) -> Result<Table> {
    let mut builder = Builder::with_object_meta(kubernetes);
    for crd in crds {
        builder.crd(crd).map_err(|error| format!("{}: {error}", crd["metadata"]["name"]))?;
    }
    Ok(builder.finish())
}

/// JSON with a line for each kind and node, so that a change shows as what it is.
pub(crate) fn write(table: &Table) -> Result<String> {
    let lines = |values: Vec<serde_json::Result<String>>| -> Result<String> {
        let values: serde_json::Result<Vec<_>> = values.into_iter().collect();
        Ok(values.map_err(|error| error.to_string())?.join(",\n"))
    };
    let kinds = lines(table.kinds.iter().map(serde_json::to_string).collect())?;
    let nodes = lines(table.nodes.iter().map(serde_json::to_string).collect())?;
    Ok(format!("{{\"kinds\":[\n{kinds}\n],\"nodes\":[\n{nodes}\n]}}\n"))
}

/// The schema of a type of k8s-openapi, with what it refers to in place and the additions of this module.
pub(crate) fn inlined<T: JsonSchema>() -> Value {
    let mut generator = SchemaGenerator::default();
    let root = generator.subschema_for::<T>();
    let definitions = generator.take_definitions(true);
    resolve(root.as_value(), &definitions)
}

fn add<T>(builder: &mut Builder)
where
    T: JsonSchema + Resource<Scope: Scope>,
{
    let schema = builder.schema(&inlined::<T>());
    builder.kind(Kind {
        group: T::GROUP.to_owned(),
        version: T::VERSION.to_owned(),
        kind: T::KIND.to_owned(),
        plural: T::URL_PATH_SEGMENT.to_owned(),
        namespaced: <T::Scope as Scope>::NAMESPACED,
        served: true,
        storage: true,
        deprecated: false,
        schema,
    });
}

/// Whether the objects of a scope live in a namespace.
trait Scope {
    const NAMESPACED: bool;
}

impl Scope for NamespaceResourceScope {
    const NAMESPACED: bool = true;
}

impl Scope for k8s_openapi::ClusterResourceScope {
    const NAMESPACED: bool = false;
}

/// Puts definitions where they are referred to. None of the kinds above refers to itself.
fn resolve(schema: &Value, definitions: &Map<String, Value>) -> Value {
    let Some(fields) = schema.as_object() else { return schema.clone() };
    if let Some(name) = fields.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
        let mut definition = resolve(definitions.get(name).unwrap_or(&Value::Null), definitions);
        complete(name, &mut definition);
        return definition;
    }
    let mut resolved = fields.clone();
    resolved.remove("description");
    for (key, value) in &mut resolved {
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                properties.values_mut().for_each(|property| *property = resolve(property, definitions));
            }
            ("items" | "additionalProperties", value) => *value = resolve(value, definitions),
            _ => {}
        }
    }
    Value::Object(resolved)
}

/// Adds to a definition (`io.k8s.api.core.v1.ServicePort`) what k8s-openapi's schema leaves out, and takes out what is not so.
fn complete(name: &str, schema: &mut Value) {
    let short = name.trim_start_matches("io.k8s.api.");
    match name {
        "io.k8s.apimachinery.pkg.api.resource.Quantity" => {
            schema["format"] = json!("quantity");
            schema["pattern"] = json!(QUANTITY);
        }
        "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1" => {
            schema["x-kubernetes-preserve-unknown-fields"] = json!(true);
        }
        _ => {}
    }
    for (_, property, keys) in LIST_KEYS.iter().filter(|(at, ..)| *at == short) {
        schema["properties"][property]["x-kubernetes-list-type"] = json!("map");
        schema["properties"][property]["x-kubernetes-list-map-keys"] = json!(keys);
    }
    for (_, property, values, default) in ENUMS.iter().filter(|(at, ..)| *at == short) {
        let mut values = values.to_vec();
        values.push("");
        schema["properties"][property]["enum"] = json!(values);
        if !default.is_empty() {
            schema["properties"][property]["default"] = json!(default);
        }
    }
    // The server fills in or ignores what a client writes into a status, `status: {}` included.
    let is_status = name.ends_with("Status") || name.ends_with("Condition") || IN_STATUS.contains(&short);
    if let Some(fields) = schema.as_object_mut() {
        if is_status {
            fields.remove("required");
        }
        if let Some(required) = fields.get_mut("required").and_then(Value::as_array_mut) {
            required
                .retain(|property| !NOT_REQUIRED.iter().any(|(at, name)| *at == short && property == name));
        }
    }
}

/// Types that stand in a status only.
const IN_STATUS: &[&str] =
    &["core.v1.AttachedVolume", "core.v1.DaemonEndpoint", "core.v1.NodeAddress", "core.v1.NodeSystemInfo"];

/// Properties the schemas call required because Go always writes them, and the API server does not ask for: what it reads instead,
/// an empty string or zero, is valid there.
const NOT_REQUIRED: &[(&str, &str)] = &[
    ("core.v1.ConfigMapEnvSource", "name"),
    ("core.v1.ConfigMapKeySelector", "name"),
    ("core.v1.ConfigMapProjection", "name"),
    ("core.v1.ConfigMapVolumeSource", "name"),
    ("core.v1.HTTPHeader", "value"),
    ("core.v1.ISCSIVolumeSource", "lun"),
    ("core.v1.LocalObjectReference", "name"),
    ("core.v1.SecretEnvSource", "name"),
    ("core.v1.SecretKeySelector", "name"),
    ("core.v1.SecretProjection", "name"),
    ("core.v1.SleepAction", "seconds"),
    ("core.v1.Sysctl", "value"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of a table above that fits nothing would add a property instead of describing one.
    #[test]
    fn every_row_describes_a_property_there_is() {
        let mut generator = SchemaGenerator::default();
        generator.subschema_for::<core::Pod>();
        generator.subschema_for::<core::Service>();
        generator.subschema_for::<apps::Deployment>();
        generator.subschema_for::<apps::DaemonSet>();
        generator.subschema_for::<apps::StatefulSet>();
        generator.subschema_for::<batch::CronJob>();
        generator.subschema_for::<core::Endpoints>();
        generator.subschema_for::<discovery::EndpointSlice>();
        generator.subschema_for::<core::Node>();
        generator.subschema_for::<autoscaling::HorizontalPodAutoscaler>();
        generator.subschema_for::<networking::Ingress>();
        generator.subschema_for::<networking::NetworkPolicy>();
        generator.subschema_for::<rbac::ClusterRole>();
        generator.subschema_for::<rbac::RoleBinding>();
        let definitions = generator.take_definitions(true);
        let places = LIST_KEYS.iter().map(|(at, property, _)| (at, property));
        let places = places.chain(NOT_REQUIRED.iter().map(|(at, property)| (at, property)));
        for (at, property) in places.chain(ENUMS.iter().map(|(at, property, ..)| (at, property))) {
            let path = format!("/io.k8s.api.{at}/properties/{property}");
            assert!(Value::Object(definitions.clone()).pointer(&path).is_some(), "{path}");
        }
    }

    #[test]
    fn references_are_resolved_at_every_depth() {
        let pod = inlined::<core::Pod>().to_string();
        assert!(!pod.contains("$ref") && pod.contains("containerPort"));
    }
}
