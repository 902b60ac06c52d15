//! The table of what the rig runs: Go modules, their versions, and the programs built of them.
//!
//! A second version of a component is one more line in its `versions`.

/// A Go module and the programs built of it.
pub struct Component {
    /// What people call it, and the flag that chooses its version (`--operator 0.92.0`).
    pub name: &'static str,
    /// The path of the Go module.
    pub module: &'static str,
    /// The known versions; the first is used unless another is asked for.
    pub versions: &'static [Version],
    /// The programs, each a package of the module.
    pub programs: &'static [Program],
    /// Modules required at the same version, because the module replaces them by folders of its repository.
    pub siblings: &'static [&'static str],
    /// `replace` lines its dependency tree needs.
    pub replaces: &'static [&'static str],
    /// Build tags.
    pub tags: &'static [&'static str],
    /// The variable prefix that takes the version at link time (`PREFIX.gitVersion`), where the program reports it.
    pub version_variables: Option<&'static str>,
}

/// A version as people say it, and as the Go module proxy does.
#[derive(Debug, PartialEq, Eq)]
pub struct Version {
    /// `3.13.5`
    pub name: &'static str,
    /// `v0.313.5`
    pub module: &'static str,
}

/// A program of a component.
#[derive(Debug)]
pub struct Program {
    /// The name of the binary in the rig's cache.
    pub name: &'static str,
    /// Its package, relative to the module (empty: the module itself).
    pub package: &'static str,
}

const fn version(name: &'static str, module: &'static str) -> Version {
    Version { name, module }
}

const fn program(name: &'static str, package: &'static str) -> Program {
    Program { name, package }
}

/// Two versions of cloud.google.com/go provide the same package in these trees.
const CLOUD: &str = "cloud.google.com/go => cloud.google.com/go v0.123.0";

/// Everything the rig runs, quick builds first.
pub const COMPONENTS: &[Component] = &[
    Component {
        name: "node-exporter",
        module: "github.com/prometheus/node_exporter",
        versions: &[version("1.12.1", "v1.12.1")],
        programs: &[program("node_exporter", "")],
        siblings: &[],
        replaces: &[],
        tags: &[],
        version_variables: None,
    },
    Component {
        name: "etcd",
        module: "go.etcd.io/etcd/server/v3",
        versions: &[version("3.6.5", "v3.6.5"), version("3.7.3", "v3.7.3")],
        programs: &[program("etcd", "")],
        siblings: &[],
        replaces: &[],
        tags: &[],
        version_variables: None,
    },
    Component {
        name: "operator",
        module: "github.com/prometheus-operator/prometheus-operator",
        versions: &[version("0.93.1", "v0.93.1"), version("0.92.0", "v0.92.0"), version("0.94.1", "v0.94.1")],
        programs: &[
            program("operator", "cmd/operator"),
            program("prometheus-config-reloader", "cmd/prometheus-config-reloader"),
        ],
        siblings: &[
            "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring",
            "github.com/prometheus-operator/prometheus-operator/pkg/client",
        ],
        replaces: &[CLOUD],
        tags: &[],
        version_variables: None,
    },
    Component {
        name: "prometheus",
        module: "github.com/prometheus/prometheus",
        versions: &[version("3.13.5", "v0.313.5")],
        programs: &[program("prometheus", "cmd/prometheus"), program("promtool", "cmd/promtool")],
        siblings: &[],
        replaces: &[CLOUD],
        // With every discovery: what ScrapeConfigs say of them is to be accepted, or refused for its own reason.
        tags: &[],
        version_variables: None,
    },
    Component {
        name: "kubernetes",
        module: "k8s.io/kubernetes",
        versions: &[version("1.36.3", "v1.36.3")],
        programs: &[
            program("kube-apiserver", "cmd/kube-apiserver"),
            program("kube-controller-manager", "cmd/kube-controller-manager"),
            program("kube-scheduler", "cmd/kube-scheduler"),
        ],
        siblings: &[],
        replaces: &[],
        tags: &[],
        // The operator asks the server for its version: without one it takes the oldest behaviour.
        version_variables: Some("k8s.io/component-base/version"),
    },
];

/// Programs of others that promwire is measured beside.
pub const KUBECONFORM: Component = Component {
    name: "kubeconform",
    module: "github.com/yannh/kubeconform",
    versions: &[version("0.8.0", "v0.8.0")],
    programs: &[program("kubeconform", "cmd/kubeconform")],
    siblings: &[],
    replaces: &[],
    tags: &[],
    version_variables: None,
};

/// The component of that name.
pub fn component(name: &str) -> Option<&'static Component> {
    COMPONENTS.iter().find(|component| component.name == name)
}

/// Which version of each component to run.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    chosen: Vec<(&'static str, &'static Version)>,
}

impl Selection {
    /// Chooses a version of a component, with or without a leading `v`.
    ///
    /// # Errors
    ///
    /// No such component or version; the message lists what there is.
    pub fn choose(&mut self, name: &str, wanted: &str) -> Result<(), String> {
        let component = component(name).ok_or_else(|| {
            let names: Vec<&str> = COMPONENTS.iter().map(|component| component.name).collect();
            format!("no component `{name}`; there are {}", names.join(", "))
        })?;
        let wanted = wanted.trim_start_matches('v');
        let version = component.versions.iter().find(|version| version.name == wanted).ok_or_else(|| {
            let names: Vec<&str> = component.versions.iter().map(|version| version.name).collect();
            format!(
                "no version {wanted} of {name} in tests/rig/src/components.rs (there is {}); a version is one line there",
                names.join(", ")
            )
        })?;
        self.chosen.retain(|(other, _)| *other != component.name);
        self.chosen.push((component.name, version));
        Ok(())
    }

    /// The version that runs.
    pub fn version(&self, component: &'static Component) -> &'static Version {
        self.chosen
            .iter()
            .find(|(name, _)| *name == component.name)
            .map_or(&component.versions[0], |(_, version)| version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_chosen_by_the_name_people_use() {
        let mut selection = Selection::default();
        let operator = component("operator").expect("it is in the table");
        assert_eq!(selection.version(operator).name, operator.versions[0].name);
        selection.choose("operator", "v0.92.0").expect("it is in the table");
        assert_eq!(selection.version(operator).module, "v0.92.0");
        assert!(selection.choose("operator", "0.1.0").unwrap_err().contains("0.92.0"));
        assert!(selection.choose("kubelet", "1.0.0").unwrap_err().contains("etcd"));
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> =
            COMPONENTS.iter().flat_map(|component| component.programs).map(|program| program.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
