//! What the input shows of Calico: how it is installed, what runs, and how its metrics are set.

use super::components::{Component, K8S_APP};
use super::options::{Api, Install};
use crate::integrations::{Scene, Used};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::workload::{self, PodTemplate};
use crate::source::Node;

/// The API that `calicoctl` and Calico's own API server (or its native definitions, 3.32) serve.
pub(super) const V3: &str = "projectcalico.org";
/// The definitions that hold the same objects in the datastore; the API of installs without an API server.
pub(super) const CRD: &str = "crd.projectcalico.org";

const INSTALLATION: GroupKind<'static> = GroupKind::new("operator.tigera.io", "Installation");
/// The one object of each kind of configuration that counts.
pub(super) const DEFAULT: &str = "default";

/// The name of Canal's `DaemonSet`: Calico's policy with Flannel's network.
const CANAL: &str = "canal";

/// What the input shows.
pub(super) struct Found<'w> {
    inventory: &'w Inventory,
    used: &'w Used,
}

/// How the metrics of a component are set.
#[derive(Debug, Default, Clone)]
pub(super) struct State<'w> {
    /// Whether it serves metrics, where that is known.
    pub(super) enabled: Option<bool>,
    /// The port, where one is named.
    pub(super) port: Option<u16>,
    /// Where that stands.
    pub(super) node: Option<Node<'w>>,
    /// Whether environment variables say so, which count above everything else.
    pub(super) by_environment: bool,
}

impl<'w> Found<'w> {
    pub(super) fn new(scene: &Scene<'w>) -> Self {
        Self::of(scene.inventory, scene.used)
    }

    /// What an inventory shows; what is looked at is noted.
    pub(super) fn of(inventory: &'w Inventory, used: &'w Used) -> Self {
        Self { inventory, used }
    }

    /// The `Installation` of the Tigera operator.
    pub(super) fn installation(&self) -> Option<Object<'w>> {
        self.get(INSTALLATION, None, DEFAULT)
    }

    /// Something that is there in installs of one way only.
    pub(super) fn evidence_of(&self, install: Install) -> Option<Object<'w>> {
        let node = || self.workload(Component::Felix, install.namespace());
        match install {
            Install::Operator => self.installation().or_else(node),
            Install::Manifest => node(),
        }
    }

    /// A `DaemonSet` of Canal.
    pub(super) fn canal(&self) -> Option<Object<'w>> {
        let mut all = self.inventory.of_kind(GroupKind::DAEMON_SET);
        all.find(|object| {
            let pods = PodTemplate::of(*object).map(PodTemplate::labels).unwrap_or_default();
            object.name() == CANAL && pods.get(K8S_APP).is_some_and(|app| app == CANAL)
        })
    }

    /// What runs a component in a namespace.
    pub(super) fn workload(&self, component: Component, namespace: &str) -> Option<Object<'w>> {
        let app = component.facts().workload;
        workload::all(self.inventory)
            .filter(|(object, _)| object.namespace() == Some(namespace))
            .find(|(_, template)| template.labels().get(K8S_APP).is_some_and(|found| found == app))
            .map(|(object, _)| object)
    }

    /// Whether Typha is there, where the input tells: what runs it, or what Felix is told about it.
    pub(super) fn has_typha(&self, namespace: &str) -> Option<bool> {
        if self.workload(Component::Typha, namespace).is_some() {
            return Some(true);
        }
        let config = self.get(GroupKind::CONFIG_MAP, Some(namespace), "calico-config")?;
        let name = config.at(&["data", "typha_service_name"])?.as_str()?;
        Some(name != "none")
    }

    /// The API that serves Calico's configuration, where the input tells. Where both show their objects, one is the
    /// other's store.
    pub(super) fn api(&self) -> Option<Api> {
        let shown = |group: &str| {
            let definitions = self.inventory.of_kind(GroupKind::CUSTOM_RESOURCE_DEFINITION);
            let group_of = |object: Object<'w>| object.at(&["spec", "group"]).and_then(Node::as_str);
            let mut kinds = self.inventory.kinds();
            kinds.any(|kind| kind.group == group)
                || definitions.into_iter().any(|definition| group_of(definition) == Some(group))
        };
        let service = GroupKind::new("apiregistration.k8s.io", "APIService");
        if shown(V3) || self.get(service, None, "v3.projectcalico.org").is_some() {
            Some(Api::V3)
        } else {
            shown(CRD).then_some(Api::Crd)
        }
    }

    /// One of Calico's configuration objects, from whichever API.
    pub(super) fn configuration(&self, kind: &str) -> Option<Object<'w>> {
        [V3, CRD].into_iter().find_map(|group| self.get(GroupKind::new(group, kind), None, DEFAULT))
    }

    /// Whether the operator's policies for its own namespace are there (Calico 3.32 and later).
    pub(super) fn has_locking_tier(&self) -> bool {
        [V3, CRD]
            .into_iter()
            .any(|group| self.get(GroupKind::new(group, "Tier"), None, "calico-system").is_some())
    }

    /// How the metrics of a component are set, by whatever counts most.
    pub(super) fn state(&self, component: Component, install: Install) -> State<'w> {
        let prefix = match component {
            Component::KubeControllers => return self.kube_controllers(),
            Component::Felix => "FELIX",
            Component::Typha => "TYPHA",
        };
        let from_installation = self.installation().filter(|_| install == Install::Operator);
        match (component, from_installation) {
            (Component::Typha, Some(installation)) => return from_port(installation, "typhaMetricsPort"),
            (Component::Felix, Some(installation)) => {
                let state = from_port(installation, "nodeMetricsPort");
                if state.enabled == Some(true) {
                    return State { by_environment: true, ..state };
                }
            }
            _ => {}
        }
        // The operator writes the environment of what it runs from the Installation.
        let workload =
            (install == Install::Manifest).then(|| self.workload(component, install.namespace())).flatten();
        if let Some(workload) = workload {
            let state = from_environment(workload, prefix);
            if state.by_environment {
                return state;
            }
            if component == Component::Typha {
                // Nothing else tells it, and off is its default.
                return State { enabled: Some(false), ..state };
            }
        }
        if component == Component::Felix { self.felix() } else { State::default() }
    }

    fn felix(&self) -> State<'w> {
        let Some(object) = self.configuration("FelixConfiguration") else { return State::default() };
        let enabled = object.at(&["spec", "prometheusMetricsEnabled"]);
        State {
            enabled: Some(enabled.and_then(Node::as_bool).unwrap_or(false)),
            port: object.at(&["spec", "prometheusMetricsPort"]).and_then(as_port),
            node: enabled.or_else(|| object.at(&["metadata", "name"])),
            by_environment: false,
        }
    }

    fn kube_controllers(&self) -> State<'w> {
        let Some(object) = self.configuration("KubeControllersConfiguration") else {
            return State::default();
        };
        let node = object.at(&["spec", "prometheusMetricsPort"]);
        State {
            enabled: Some(node.and_then(Node::as_i64) != Some(0)),
            port: node.and_then(as_port),
            node: node.or_else(|| object.at(&["metadata", "name"])),
            by_environment: false,
        }
    }

    fn get(&self, kind: GroupKind<'_>, namespace: Option<&str>, name: &str) -> Option<Object<'w>> {
        let object = self.inventory.get(kind, namespace, name)?;
        self.used.note(object);
        Some(object)
    }
}

/// A field of the `Installation`: metrics are on where it names a port.
fn from_port<'w>(installation: Object<'w>, field: &str) -> State<'w> {
    let node = installation.at(&["spec", field]);
    let port = node.and_then(as_port);
    State {
        enabled: Some(port.is_some()),
        port,
        node: node.or_else(|| installation.at(&["metadata", "name"])),
        by_environment: false,
    }
}

/// The variables of a component that has no other configuration, or whose other configuration they override.
fn from_environment<'w>(workload: Object<'w>, prefix: &str) -> State<'w> {
    let Some(template) = PodTemplate::of(workload) else { return State::default() };
    let variable = |name: String| {
        template
            .containers()
            .filter_map(|container| container.get("env"))
            .flat_map(Node::items)
            .find(|item| item.get("name").and_then(Node::as_str) == Some(&name))
            .and_then(|item| item.get("value"))
    };
    let enabled = variable(format!("{prefix}_PROMETHEUSMETRICSENABLED"));
    let port = variable(format!("{prefix}_PROMETHEUSMETRICSPORT"));
    State {
        // Go's strconv.ParseBool, and more; what is meant by others is not known.
        enabled: enabled.and_then(Node::as_str).map(|text| {
            matches!(text.to_ascii_lowercase().as_str(), "1" | "t" | "true" | "y" | "yes" | "on" | "enabled")
        }),
        port: port.and_then(Node::as_str).and_then(|text| text.parse().ok()).filter(|port| *port != 0),
        node: enabled.or_else(|| workload.at(&["metadata", "name"])),
        by_environment: enabled.is_some(),
    }
}

fn as_port(node: Node<'_>) -> Option<u16> {
    u16::try_from(node.as_i64()?).ok().filter(|port| *port != 0)
}
