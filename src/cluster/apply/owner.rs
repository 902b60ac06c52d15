//! Whose an object is, as far as it shows that, and how they are told what is wanted of it.

use std::fmt;

use serde_json::{Value, json};

use super::reference::Reference;

/// Who looks after an object and would undo what others do to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A release of Helm.
    Helm {
        /// The release, with its namespace where that is said.
        release: String,
    },
    /// An Application of Argo CD.
    Argo {
        /// Its name, where that is said.
        application: String,
    },
    /// A Kustomization or `HelmRelease` of Flux.
    Flux {
        /// Kind and name.
        source: String,
    },
    /// The operator of Calico.
    Tigera,
    /// An object that made it.
    Controller {
        /// Kind and name.
        object: String,
    },
    /// Somebody who is known by the name of a field manager only.
    Manager {
        /// The name.
        name: String,
    },
}

impl Owner {
    /// What an object says about that in its labels, annotations and references; none where it says nothing.
    pub fn of(object: &Value) -> Option<Self> {
        let label = |key: &str| object["metadata"]["labels"][key].as_str();
        let annotation = |key: &str| object["metadata"]["annotations"][key].as_str();
        // Flux's helm-controller releases with Helm: it is the one to talk to.
        for (group, kind) in [("helm", "HelmRelease"), ("kustomize", "Kustomization")] {
            if let Some(name) = label(&format!("{group}.toolkit.fluxcd.io/name")) {
                let namespace = label(&format!("{group}.toolkit.fluxcd.io/namespace")).unwrap_or_default();
                return Some(Self::Flux { source: format!("{kind} {namespace}/{name}") });
            }
        }
        if let Some(tracking) = annotation("argocd.argoproj.io/tracking-id") {
            let application = tracking.split(':').next().unwrap_or_default().to_owned();
            return Some(Self::Argo { application });
        }
        if let Some(application) = label("argocd.argoproj.io/instance") {
            return Some(Self::Argo { application: application.to_owned() });
        }
        if let Some(release) = annotation("meta.helm.sh/release-name") {
            let release = match annotation("meta.helm.sh/release-namespace") {
                Some(namespace) => format!("{namespace}/{release}"),
                None => release.to_owned(),
            };
            return Some(Self::Helm { release });
        }
        if label("app.kubernetes.io/managed-by") == Some("tigera-operator") {
            return Some(Self::Tigera);
        }
        let references = object["metadata"]["ownerReferences"].as_array();
        for reference in references.into_iter().flatten() {
            let text = |key: &str| reference[key].as_str().unwrap_or_default();
            if text("apiVersion").starts_with("operator.tigera.io/") {
                return Some(Self::Tigera);
            }
            if reference["controller"] == true {
                return Some(Self::Controller { object: format!("{} {}", text("kind"), text("name")) });
            }
        }
        (label("app.kubernetes.io/managed-by") == Some("Helm")).then(|| Self::Helm {
            release: label("app.kubernetes.io/instance").unwrap_or_default().to_owned(),
        })
    }

    /// The one behind the name of a field manager.
    pub fn of_manager(name: &str, object: &Value) -> Self {
        let said = Self::of(object);
        match (name, said) {
            ("helm" | "Helm", Some(said @ (Self::Helm { .. } | Self::Flux { .. })))
            | ("helm-controller" | "kustomize-controller", Some(said @ Self::Flux { .. }))
            | ("argocd-controller" | "argocd-application-controller", Some(said @ Self::Argo { .. })) => said,
            ("helm" | "Helm", _) => Self::Helm { release: String::new() },
            ("helm-controller", _) => Self::Flux { source: "a HelmRelease".to_owned() },
            ("kustomize-controller", _) => Self::Flux { source: "a Kustomization".to_owned() },
            ("argocd-controller" | "argocd-application-controller", _) => {
                Self::Argo { application: String::new() }
            }
            // The operator's binary is called so, and so may others be.
            ("tigera-operator", _) | ("operator", Some(Self::Tigera)) => Self::Tigera,
            (_, Some(said)) if name.starts_with("kubectl") || name == "before-first-apply" => said,
            _ => Self::Manager { name: name.to_owned() },
        }
    }

    /// How it is told what is wanted: values, a command or where to look. `wanted` are the fields that cannot be applied.
    pub fn advice(&self, reference: &Reference, wanted: &Value) -> Vec<String> {
        let snippet = values(reference, wanted);
        let or_patch = |mut lines: Vec<String>| {
            if let (true, Some(patch)) = (lines.is_empty(), patch(reference, wanted)) {
                lines.push(format!("change it yourself: {patch}"));
            }
            lines
        };
        match self {
            Self::Helm { release } => {
                let release = if release.is_empty() {
                    "the release".to_owned()
                } else {
                    format!("the release `{release}`")
                };
                vec![match snippet {
                    Some(values) => {
                        format!("put this into the values of {release}, then `helm upgrade`:\n{values}")
                    }
                    None => format!("set it in the values of {release}, then `helm upgrade`"),
                }]
            }
            Self::Flux { source } if source.contains("HelmRelease") => vec![match snippet {
                Some(values) => format!("put this into `spec.values` of the {source}:\n{values}"),
                None => format!("set it in `spec.values` of the {source}"),
            }],
            Self::Flux { source } => {
                vec![format!(
                    "change it in the repository that the {source} follows; Flux undoes what is changed here"
                )]
            }
            Self::Argo { application } => {
                let application = if application.is_empty() {
                    "its Application".to_owned()
                } else {
                    format!("the Application `{application}`")
                };
                let mut lines = vec![format!(
                    "change it in the repository that {application} follows; Argo CD undoes what is changed here"
                )];
                lines.extend(snippet.map(|values| format!("with the chart that is:\n{values}")));
                lines
            }
            Self::Tigera => match tigera(wanted) {
                Some(command) => vec![format!("the operator takes it from its Installation: {command}")],
                None => {
                    vec!["the operator of Calico writes it from its Installation, change that".to_owned()]
                }
            },
            Self::Controller { object } => or_patch(vec![format!("change the {object}, which makes it")]),
            Self::Manager { .. } => or_patch(Vec::new()),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |f: &mut fmt::Formatter<'_>, what: &str, name: &str| {
            if name.is_empty() { f.write_str(what) } else { write!(f, "{what} ({name})") }
        };
        match self {
            Self::Helm { release } => named(f, "Helm", release),
            Self::Argo { application } => named(f, "Argo CD", application),
            Self::Flux { source } => named(f, "Flux", source),
            Self::Tigera => f.write_str("the Tigera operator"),
            Self::Controller { object } => write!(f, "the {object}"),
            Self::Manager { name } => write!(f, "`{name}`"),
        }
    }
}

/// The values of the charts people use (kube-prometheus-stack, tigera-operator) that come to the wanted fields.
fn values(reference: &Reference, wanted: &Value) -> Option<String> {
    let spec = &wanted["spec"];
    let values = match reference.kind.as_str() {
        "Prometheus" => json!({"prometheus": {"prometheusSpec": spec}}),
        "Installation" => json!({"installation": spec}),
        "FelixConfiguration" => {
            let mut fields = spec.as_object()?.clone();
            fields.insert("enabled".to_owned(), true.into());
            json!({"defaultFelixConfiguration": fields})
        }
        _ => return None,
    };
    spec.is_object().then(|| crate::source::emit(&values).trim_end().to_owned())
}

/// Ports that Calico's operator takes from its Installation.
fn tigera(wanted: &Value) -> Option<String> {
    let port =
        wanted.pointer("/spec/prometheusMetricsPort").or_else(|| wanted.pointer("/spec/nodeMetricsPort"))?;
    let patch = json!({"spec": {"nodeMetricsPort": port}});
    Some(format!("kubectl patch installations.operator.tigera.io default --type merge -p '{patch}'"))
}

/// The command that sets the wanted fields, for somebody who may.
fn patch(reference: &Reference, wanted: &Value) -> Option<String> {
    let spec = wanted.get("spec").filter(|spec| spec.is_object() && reference.kind != "Secret")?;
    let namespace = reference.namespace.as_ref().map(|name| format!(" -n {name}")).unwrap_or_default();
    let patch = json!({"spec": spec});
    (patch.to_string().len() < 400).then(|| {
        format!(
            "kubectl patch{namespace} {} {} --type merge -p '{patch}'",
            reference.group_kind().to_ascii_lowercase(),
            reference.name
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(metadata: &Value) -> Option<String> {
        Owner::of(&json!({"metadata": metadata})).map(|owner| owner.to_string())
    }

    #[test]
    fn owners_are_known_by_what_they_leave() {
        let found = |metadata: Value| owner(&metadata).unwrap_or_default();
        let helm = json!({"annotations": {"meta.helm.sh/release-name": "kps", "meta.helm.sh/release-namespace": "mon"}});
        assert_eq!(found(helm), "Helm (mon/kps)");
        let argo = json!({"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:a/b"}});
        assert_eq!(found(argo), "Argo CD (shop)");
        let flux = json!({"labels": {
            "app.kubernetes.io/managed-by": "Helm",
            "helm.toolkit.fluxcd.io/name": "kps", "helm.toolkit.fluxcd.io/namespace": "flux-system"}});
        assert_eq!(found(flux), "Flux (HelmRelease flux-system/kps)");
        let tigera = json!({"ownerReferences": [{"apiVersion": "operator.tigera.io/v1", "kind": "Installation", "name": "default"}]});
        assert_eq!(found(tigera), "the Tigera operator");
        assert_eq!(owner(&json!({"labels": {"app": "x"}})), None);
    }

    #[test]
    fn the_owner_gets_what_it_can_use() {
        let reference = Reference {
            group: "monitoring.coreos.com".to_owned(),
            kind: "Prometheus".to_owned(),
            namespace: Some("mon".to_owned()),
            name: "k8s".to_owned(),
        };
        let wanted = json!({"spec": {"secrets": ["etcd-certs"]}});
        let told = Owner::Helm { release: "mon/kps".to_owned() }.advice(&reference, &wanted);
        assert_eq!(
            told,
            [
                "put this into the values of the release `mon/kps`, then `helm upgrade`:\nprometheus:\n  prometheusSpec:\n    secrets:\n    - etcd-certs"
            ]
        );
        let told = Owner::Manager { name: "kubectl-edit".to_owned() }.advice(&reference, &wanted);
        assert_eq!(
            told,
            [
                "change it yourself: kubectl patch -n mon prometheus.monitoring.coreos.com k8s --type merge -p '{\"spec\":{\"secrets\":[\"etcd-certs\"]}}'"
            ]
        );
    }
}
