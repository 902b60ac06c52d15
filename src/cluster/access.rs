//! Which API server, and as whom: by the rules of kubectl and client-go.

use std::env;
use std::path::{Path, PathBuf};

use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};

use super::failure;
use crate::diagnostic::{Code, Diagnostic};

/// What flags say of the cluster to talk to. The default is what kubectl would talk to.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The context, instead of the current one.
    pub context: Option<String>,
    /// The file to read, instead of those `KUBECONFIG` names or `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
}

/// A configuration of the client, and where it is from.
pub(super) struct Found {
    pub(super) config: Config,
    /// The context; None inside a pod.
    pub(super) context: Option<String>,
}

/// The host an API server has inside of a cluster; what a pod without it is not.
const IN_CLUSTER: &str = "KUBERNETES_SERVICE_HOST";

impl Access {
    /// The configuration these lead to: that of a kubeconfig, or else, where nothing names one, that of the pod this runs in.
    ///
    /// # Errors
    /// No kubeconfig, one that cannot be used, or a context it does not have.
    pub(super) fn find(&self) -> Result<Found, Box<Diagnostic>> {
        let paths = self.paths();
        let is_there = paths.iter().any(|path| path.exists());
        if is_there || self.kubeconfig.is_some() {
            return self.of_files(&paths);
        }
        if self.context.is_none() && env::var_os(IN_CLUSTER).is_some() {
            let config = Config::incluster().map_err(|error| Box::new(failure::of_pod(&error)))?;
            return Ok(Found { config, context: None });
        }
        Err(Box::new(no_kubeconfig(&paths)))
    }

    /// The files to read, the first that sets something wins. As in client-go, empty names in `KUBECONFIG` are none, and files that
    /// are not there are passed over.
    fn paths(&self) -> Vec<PathBuf> {
        if let Some(path) = &self.kubeconfig {
            return vec![path.clone()];
        }
        let listed = env::var_os("KUBECONFIG").unwrap_or_default();
        let listed: Vec<PathBuf> =
            env::split_paths(&listed).filter(|path| !path.as_os_str().is_empty()).collect();
        if listed.is_empty() {
            env::home_dir().into_iter().map(|home| home.join(".kube").join("config")).collect()
        } else {
            listed
        }
    }

    fn of_files(&self, paths: &[PathBuf]) -> Result<Found, Box<Diagnostic>> {
        let shown = shown(paths);
        let wrong = |error: &KubeconfigError| Box::new(failure::of_kubeconfig(error, &shown));
        let mut merged = Kubeconfig::default();
        for path in paths.iter().filter(|path| self.kubeconfig.is_some() || path.exists()) {
            let read = Kubeconfig::read_from(path)
                .map_err(|error| Box::new(failure::of_kubeconfig(&error, &shown_one(path))))?;
            merged = merged.merge(read).map_err(|error| wrong(&error))?;
        }
        let current = merged.current_context.clone().filter(|name| !name.is_empty());
        let Some(context) = self.context.clone().or(current) else {
            let message = format!("{shown} has no current context");
            return Err(Box::new(
                Diagnostic::new(Code::UNKNOWN_CONTEXT, message).help(choose(&contexts(&merged))),
            ));
        };
        if !merged.contexts.iter().any(|known| known.name == context) {
            return Err(Box::new(unknown_context(&context, &contexts(&merged), &shown)));
        }
        let options = KubeConfigOptions { context: Some(context.clone()), cluster: None, user: None };
        // Nothing in it waits: exec plugins are asked when the client is made.
        let config = futures::executor::block_on(Config::from_custom_kubeconfig(merged, &options));
        let config = config.map_err(|error| wrong(&error))?;
        Ok(Found { config, context: Some(context) })
    }
}

fn contexts(kubeconfig: &Kubeconfig) -> Vec<&str> {
    kubeconfig.contexts.iter().map(|context| context.name.as_str()).collect()
}

fn choose(contexts: &[&str]) -> String {
    match contexts {
        [] => "it has no contexts at all: name another file with --kubeconfig".to_owned(),
        _ => format!("name one with --context; there are `{}`", contexts.join("`, `")),
    }
}

fn unknown_context(context: &str, contexts: &[&str], shown: &str) -> Diagnostic {
    let finding = Diagnostic::new(Code::UNKNOWN_CONTEXT, format!("{shown} has no context `{context}`"));
    let near = contexts.iter().find(|known| strsim::damerau_levenshtein(known, context) <= 2);
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help(choose(contexts)),
    }
}

fn no_kubeconfig(paths: &[PathBuf]) -> Diagnostic {
    let message = match paths {
        [] => "there is no kubeconfig, and no home to look for one".to_owned(),
        _ => format!("there is no kubeconfig: {} does not exist", shown(paths)),
    };
    Diagnostic::new(Code::NO_KUBECONFIG, message)
        .note("this does not run inside of a cluster either")
        .help("name one with --kubeconfig or KUBECONFIG")
}

fn shown(paths: &[PathBuf]) -> String {
    let shown: Vec<String> = paths.iter().map(|path| shown_one(path)).collect();
    shown.join(", ")
}

fn shown_one(path: &Path) -> String {
    format!("`{}`", path.display())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::diagnostic::Note;

    const TWO: &str = "apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]
contexts: [{name: prod, context: {cluster: c, namespace: shop}}, {name: lost, context: {cluster: gone}}]
";

    fn find(access: &Access) -> Result<(Option<String>, String), (Code, String)> {
        access.find().map(|found| (found.context, found.config.default_namespace)).map_err(|finding| {
            let notes = finding.notes.iter().map(|note| match note {
                Note::Info(text) | Note::Help(text) => format!(" | {text}"),
            });
            (finding.code, std::iter::once(finding.message.clone()).chain(notes).collect())
        })
    }

    #[test]
    fn a_context_is_chosen_or_what_there_is_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        fs::write(&path, TWO).unwrap();
        let of = |context: Option<&str>| {
            find(&Access { context: context.map(str::to_owned), kubeconfig: Some(path.clone()) })
        };
        assert_eq!(of(Some("prod")), Ok((Some("prod".to_owned()), "shop".to_owned())));
        let (code, text) = of(None).unwrap_err();
        assert!(code == Code::UNKNOWN_CONTEXT && text.contains("no current context | name one"), "{text}");
        let (code, text) = of(Some("prdo")).unwrap_err();
        assert!(code == Code::UNKNOWN_CONTEXT && text.contains("did you mean `prod`?"), "{text}");
        let (code, text) = of(Some("lost")).unwrap_err();
        assert!(code == Code::BAD_KUBECONFIG && text.contains("`gone`"), "{text}");
    }

    #[test]
    fn what_cannot_be_read_is_told_without_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        let access = Access { context: None, kubeconfig: Some(path.clone()) };
        assert_eq!(find(&access).unwrap_err().0, Code::NO_KUBECONFIG);
        fs::write(&path, "users: [{name: a, user: {token: canary, ").unwrap();
        let (code, text) = find(&access).unwrap_err();
        assert!(code == Code::BAD_KUBECONFIG && !text.contains("canary"), "{text}");
    }
}
