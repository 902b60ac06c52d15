//! Meta labels: their names, and writing those that somebody asks for.
//!
//! A target has some sixty of them, and rules look at a dozen. So what discovery finds is kept as references to objects, and
//! labels are written when they are needed: all of them to show them, and only those the rules of a job read to make targets.

use std::sync::{Arc, LazyLock};

use rustc_hash::FxHashMap;

use crate::kubernetes::snapshot::{Pairs, Text};
use crate::prom::label_name::sanitise;
use crate::prom::relabel::{Labels, Name};

macro_rules! metas {
    ($($variant:ident = $name:literal,)*) => {
        /// A label with a name of its own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Meta {
            $($variant,)*
        }

        /// Their names, in the order of the variants.
        const NAMES: &[&str] = &[$($name,)*];
    };
}

metas! {
    Address = "__address__",
    Instance = "instance",
    Url = "__meta_url",
    FilePath = "__meta_filepath",
    Namespace = "__meta_kubernetes_namespace",
    EndpointsName = "__meta_kubernetes_endpoints_name",
    EndpointPortName = "__meta_kubernetes_endpoint_port_name",
    EndpointPortProtocol = "__meta_kubernetes_endpoint_port_protocol",
    EndpointReady = "__meta_kubernetes_endpoint_ready",
    EndpointTargetKind = "__meta_kubernetes_endpoint_address_target_kind",
    EndpointTargetName = "__meta_kubernetes_endpoint_address_target_name",
    EndpointNodeName = "__meta_kubernetes_endpoint_node_name",
    EndpointHostname = "__meta_kubernetes_endpoint_hostname",
    SliceName = "__meta_kubernetes_endpointslice_name",
    SliceAddressType = "__meta_kubernetes_endpointslice_address_type",
    SlicePortName = "__meta_kubernetes_endpointslice_port_name",
    SlicePortProtocol = "__meta_kubernetes_endpointslice_port_protocol",
    SlicePort = "__meta_kubernetes_endpointslice_port",
    SlicePortAppProtocol = "__meta_kubernetes_endpointslice_port_app_protocol",
    SliceReady = "__meta_kubernetes_endpointslice_endpoint_conditions_ready",
    SliceServing = "__meta_kubernetes_endpointslice_endpoint_conditions_serving",
    SliceTerminating = "__meta_kubernetes_endpointslice_endpoint_conditions_terminating",
    SliceZone = "__meta_kubernetes_endpointslice_endpoint_zone",
    SliceHostname = "__meta_kubernetes_endpointslice_endpoint_hostname",
    SliceNodeName = "__meta_kubernetes_endpointslice_endpoint_node_name",
    SliceTargetKind = "__meta_kubernetes_endpointslice_address_target_kind",
    SliceTargetName = "__meta_kubernetes_endpointslice_address_target_name",
    PodName = "__meta_kubernetes_pod_name",
    PodIp = "__meta_kubernetes_pod_ip",
    PodReady = "__meta_kubernetes_pod_ready",
    PodPhase = "__meta_kubernetes_pod_phase",
    PodNodeName = "__meta_kubernetes_pod_node_name",
    PodHostIp = "__meta_kubernetes_pod_host_ip",
    PodUid = "__meta_kubernetes_pod_uid",
    PodControllerKind = "__meta_kubernetes_pod_controller_kind",
    PodControllerName = "__meta_kubernetes_pod_controller_name",
    PodDeploymentName = "__meta_kubernetes_pod_deployment_name",
    PodJobName = "__meta_kubernetes_pod_job_name",
    PodCronJobName = "__meta_kubernetes_pod_cronjob_name",
    ContainerName = "__meta_kubernetes_pod_container_name",
    ContainerId = "__meta_kubernetes_pod_container_id",
    ContainerImage = "__meta_kubernetes_pod_container_image",
    ContainerPortName = "__meta_kubernetes_pod_container_port_name",
    ContainerPortNumber = "__meta_kubernetes_pod_container_port_number",
    ContainerPortProtocol = "__meta_kubernetes_pod_container_port_protocol",
    ContainerInit = "__meta_kubernetes_pod_container_init",
    ServiceName = "__meta_kubernetes_service_name",
    ServicePortName = "__meta_kubernetes_service_port_name",
    ServicePortNumber = "__meta_kubernetes_service_port_number",
    ServicePortProtocol = "__meta_kubernetes_service_port_protocol",
    ServiceType = "__meta_kubernetes_service_type",
    ServiceClusterIp = "__meta_kubernetes_service_cluster_ip",
    ServiceExternalName = "__meta_kubernetes_service_external_name",
    ServiceLoadBalancerIp = "__meta_kubernetes_service_loadbalancer_ip",
    NodeName = "__meta_kubernetes_node_name",
    NodeProviderId = "__meta_kubernetes_node_provider_id",
    IngressName = "__meta_kubernetes_ingress_name",
    IngressScheme = "__meta_kubernetes_ingress_scheme",
    IngressHost = "__meta_kubernetes_ingress_host",
    IngressPath = "__meta_kubernetes_ingress_path",
    IngressClassName = "__meta_kubernetes_ingress_class_name",
}

macro_rules! sets {
    ($($variant:ident = $value:literal, $present:literal;)*) => {
        /// Keys with values that become labels, two for each: its value, and that it is there.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(super) enum Set {
            $($variant,)*
        }

        /// What their names begin with, in the order of the variants: for values, and for being there.
        pub(super) const PREFIXES: &[(&str, &str)] = &[$(($value, $present),)*];

        /// Every set.
        pub(super) const SETS: &[Set] = &[$(Set::$variant,)*];
    };
}

sets! {
    NamespaceLabels = "__meta_kubernetes_namespace_label_", "__meta_kubernetes_namespace_labelpresent_";
    NamespaceAnnotations = "__meta_kubernetes_namespace_annotation_", "__meta_kubernetes_namespace_annotationpresent_";
    EndpointsLabels = "__meta_kubernetes_endpoints_label_", "__meta_kubernetes_endpoints_labelpresent_";
    EndpointsAnnotations = "__meta_kubernetes_endpoints_annotation_", "__meta_kubernetes_endpoints_annotationpresent_";
    SliceLabels = "__meta_kubernetes_endpointslice_label_", "__meta_kubernetes_endpointslice_labelpresent_";
    SliceAnnotations = "__meta_kubernetes_endpointslice_annotation_", "__meta_kubernetes_endpointslice_annotationpresent_";
    Topology = "__meta_kubernetes_endpointslice_endpoint_topology_", "__meta_kubernetes_endpointslice_endpoint_topology_present_";
    PodLabels = "__meta_kubernetes_pod_label_", "__meta_kubernetes_pod_labelpresent_";
    PodAnnotations = "__meta_kubernetes_pod_annotation_", "__meta_kubernetes_pod_annotationpresent_";
    ServiceLabels = "__meta_kubernetes_service_label_", "__meta_kubernetes_service_labelpresent_";
    ServiceAnnotations = "__meta_kubernetes_service_annotation_", "__meta_kubernetes_service_annotationpresent_";
    NodeLabels = "__meta_kubernetes_node_label_", "__meta_kubernetes_node_labelpresent_";
    NodeAnnotations = "__meta_kubernetes_node_annotation_", "__meta_kubernetes_node_annotationpresent_";
    IngressLabels = "__meta_kubernetes_ingress_label_", "__meta_kubernetes_ingress_labelpresent_";
    IngressAnnotations = "__meta_kubernetes_ingress_annotation_", "__meta_kubernetes_ingress_annotationpresent_";
}

static KNOWN: LazyLock<Vec<Name>> = LazyLock::new(|| NAMES.iter().map(|name| Name::from(*name)).collect());

static TRUE: LazyLock<Text> = LazyLock::new(|| "true".into());
static FALSE: LazyLock<Text> = LazyLock::new(|| "false".into());

/// `true` or `false`.
pub(super) fn boolean(value: bool) -> Text {
    if value { TRUE.clone() } else { FALSE.clone() }
}

/// Which labels are asked for.
#[derive(Debug)]
pub(super) enum Wanted {
    /// All of them.
    All,
    /// Only these; those that are no meta labels are written all the same.
    Some(Box<Selection>),
}

/// The labels that are asked for.
#[derive(Debug, Default)]
pub(super) struct Selection {
    known: Vec<Option<Name>>,
    /// By set: what the key has to be once it is sanitised, and which labels it becomes.
    sets: Vec<Vec<WantedKey>>,
    /// Every name.
    all: Vec<Name>,
}

#[derive(Debug)]
struct WantedKey {
    key: String,
    value: Option<Name>,
    present: Option<Name>,
}

impl Wanted {
    /// Only labels of these names.
    pub(super) fn names<'n>(names: impl IntoIterator<Item = &'n Name>) -> Self {
        let mut selection = Selection {
            known: vec![None; NAMES.len()],
            sets: PREFIXES.iter().map(|_| Vec::new()).collect(),
            all: Vec::new(),
        };
        for name in names {
            selection.add(name);
        }
        Self::Some(Box::new(selection))
    }
}

impl Selection {
    fn add(&mut self, name: &Name) {
        let text = name.as_str();
        if self.find(text).is_some() {
            return;
        }
        self.all.push(name.clone());
        if let Some(at) = NAMES.iter().position(|known| *known == text) {
            self.known[at] = Some(name.clone());
            return;
        }
        for (set, (value, present)) in PREFIXES.iter().enumerate() {
            for (prefix, is_value) in [(value, true), (present, false)] {
                // The prefix of one may be that of another.
                let Some(key) = text.strip_prefix(prefix) else { continue };
                let keys = &mut self.sets[set];
                let at = keys.iter().position(|wanted| wanted.key == key).unwrap_or_else(|| {
                    keys.push(WantedKey { key: key.to_owned(), value: None, present: None });
                    keys.len() - 1
                });
                let slot = if is_value { &mut keys[at].value } else { &mut keys[at].present };
                *slot = Some(name.clone());
            }
        }
    }

    fn find(&self, name: &str) -> Option<&Name> {
        self.all.iter().find(|known| known.as_str() == name)
    }
}

/// Writes the labels of one target after the other.
#[derive(Debug)]
pub(super) struct Writer<'w> {
    wanted: &'w Wanted,
    /// The labels so far.
    pub(super) labels: Labels,
    /// Numbers of ports as text.
    numbers: FxHashMap<u16, Text>,
    /// The two names a key becomes.
    names: FxHashMap<(Set, Text), (Name, Name)>,
}

impl<'w> Writer<'w> {
    pub(super) fn new(wanted: &'w Wanted) -> Self {
        Self { wanted, labels: Labels::new(), numbers: FxHashMap::default(), names: FxHashMap::default() }
    }

    /// A number as text, shared.
    pub(super) fn number(&mut self, number: u16) -> Text {
        self.numbers.entry(number).or_insert_with(|| number.to_string().into()).clone()
    }

    fn name_of(&self, meta: Meta) -> Option<&'w Name> {
        match self.wanted {
            Wanted::All => Some(&KNOWN[meta as usize]),
            // These two are no meta labels: targets keep them.
            Wanted::Some(selection) => match &selection.known[meta as usize] {
                None if matches!(meta, Meta::Address | Meta::Instance) => Some(&KNOWN[meta as usize]),
                name => name.as_ref(),
            },
        }
    }

    /// Sets a label, if it is asked for.
    pub(super) fn set(&mut self, meta: Meta, value: &Text) {
        if let Some(name) = self.name_of(meta) {
            self.labels.set_value(name, Arc::clone(value));
        }
    }

    /// Sets a label to a text that is made only if it is asked for.
    pub(super) fn set_with(&mut self, meta: Meta, value: impl FnOnce() -> Text) {
        if let Some(name) = self.name_of(meta) {
            self.labels.set_value(name, value());
        }
    }

    /// Sets a label to the number of a port, if it is asked for.
    pub(super) fn set_number(&mut self, meta: Meta, number: u16) {
        if let Some(name) = self.name_of(meta) {
            let text = self.number(number);
            self.labels.set_value(name, text);
        }
    }

    /// Sets a label of any name: the addresses and conditions of Nodes, and what is written in a configuration.
    pub(super) fn set_other(&mut self, name: &str, value: &str) {
        if let Wanted::Some(selection) = self.wanted
            && name.starts_with("__meta_")
        {
            if let Some(name) = selection.find(name) {
                self.labels.set_value(name, value.into());
            }
            return;
        }
        self.labels.set(name, value);
    }

    /// Sets the labels of keys with values. Of keys that become the same name the last counts; which one it is in Prometheus
    /// is by chance.
    pub(super) fn pairs(&mut self, set: Set, pairs: &Pairs) {
        match self.wanted {
            Wanted::All => {
                for (key, value) in pairs.iter() {
                    let (value_name, present_name) =
                        self.names.entry((set, Arc::clone(key))).or_insert_with(|| {
                            let (value, present) = PREFIXES[set as usize];
                            let key = sanitise(key);
                            (
                                Name::from(format!("{value}{key}").as_str()),
                                Name::from(format!("{present}{key}").as_str()),
                            )
                        });
                    self.labels.set_value(value_name, Arc::clone(value));
                    self.labels.set_value(present_name, TRUE.clone());
                }
            }
            Wanted::Some(selection) => {
                for wanted in &selection.sets[set as usize] {
                    let Some(value) = find_sanitised(pairs, &wanted.key) else { continue };
                    if let Some(name) = &wanted.value {
                        self.labels.set_value(name, Arc::clone(value));
                    }
                    if let Some(name) = &wanted.present {
                        self.labels.set_value(name, TRUE.clone());
                    }
                }
            }
        }
    }
}

/// The value of the last key that becomes this name.
pub(super) fn find_sanitised<'p>(pairs: &'p Pairs, sanitised: &str) -> Option<&'p Text> {
    pairs.iter().rev().find(|(key, _)| sanitises_to(key, sanitised)).map(|(_, value)| value)
}

/// Whether a key becomes this name.
fn sanitises_to(key: &str, sanitised: &str) -> bool {
    let mut expected = sanitised.chars();
    key.len() >= sanitised.len()
        && key.chars().all(|one| {
            let one = if one == '_' || one.is_ascii_alphanumeric() { one } else { '_' };
            expected.next() == Some(one)
        })
        && expected.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_as_they_are_sanitised() {
        for key in ["a.b/c", "a_b_c", "é", "", "a"] {
            assert!(sanitises_to(key, &sanitise(key)), "{key}");
        }
        assert!(!sanitises_to("a.b", "a_c") && !sanitises_to("ab", "a") && !sanitises_to("a", "ab"));
    }

    #[test]
    fn what_is_asked_for_is_written() {
        let pairs: Pairs = [("a.b", "1"), ("a/b", "2"), ("c", "3")].into_iter().collect();
        let wanted = [
            Name::from("__meta_kubernetes_pod_label_a_b"),
            Name::from("__meta_kubernetes_pod_labelpresent_a_b"),
            Name::from("__meta_kubernetes_pod_name"),
        ];
        let some = Wanted::names(&wanted);
        let mut all = Writer::new(&Wanted::All);
        let mut few = Writer::new(&some);
        for writer in [&mut all, &mut few] {
            writer.pairs(Set::PodLabels, &pairs);
            writer.set(Meta::PodName, &"p".into());
            writer.set(Meta::PodPhase, &"Running".into());
            writer.set(Meta::Address, &"a:1".into());
        }
        for name in wanted.iter().map(Name::as_str).chain(["__address__"]) {
            assert_eq!(few.labels.get(name), all.labels.get(name), "{name}");
            assert!(!few.labels.get(name).is_empty(), "{name}");
        }
        assert_eq!((few.labels.get("__meta_kubernetes_pod_phase"), few.labels.iter().len()), ("", 4));
        assert_eq!(all.labels.iter().len(), 7);
    }
}
