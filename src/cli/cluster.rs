//! Flags that say which cluster, the same for every command that talks to one.

use std::path::PathBuf;

use clap::Args;

use crate::cluster::Access;

/// Which cluster, for commands that always talk to one.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Cluster")]
pub(super) struct AccessArgs {
    /// The context of the kubeconfig, instead of the current one
    #[arg(long, value_name = "CONTEXT")]
    context: Option<String>,

    /// The kubeconfig, instead of those KUBECONFIG names or ~/.kube/config
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
}

impl AccessArgs {
    /// What they say.
    pub(super) fn access(&self) -> Access {
        Access { context: self.context.clone(), kubeconfig: self.kubeconfig.clone() }
    }
}

/// Where in a cluster, for commands that read no files.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Cluster")]
pub(super) struct ScopeArgs {
    /// The namespace to work in
    #[arg(short, long, value_name = "NAMESPACE", value_parser = crate::model::name::label)]
    pub(super) namespace: Option<String>,

    /// All namespaces
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub(super) all_namespaces: bool,
}

/// Which cluster, for commands that read files, too.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Cluster")]
pub(super) struct ClusterArgs {
    /// Read the cluster too. A file counts in the place of the cluster's object, as if it had been applied
    #[arg(long)]
    pub(super) cluster: bool,

    /// All namespaces of the cluster
    #[arg(short = 'A', long, requires = "cluster", conflicts_with = "namespace")]
    pub(super) all_namespaces: bool,

    #[command(flatten)]
    access: AccessArgs,
}

impl ClusterArgs {
    /// The cluster to read, where one is asked for.
    pub(super) fn access(&self) -> Option<Access> {
        self.cluster.then(|| self.access.access())
    }
}
