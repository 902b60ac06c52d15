//! The rig: real etcd, kube-apiserver, controller manager, scheduler, prometheus-operator and Prometheus in a network
//! of their own, and a node agent that plays the kubelet. Real components judge what promwire predicts.
//!
//! [`launch`] leads into the namespaces of a run; inside, the cluster starts the components, and the agent runs
//! the programs of the pods it knows.

pub mod agent;
pub mod certificates;
pub mod cluster;
pub mod components;
pub mod http;
pub mod launch;
pub mod manifests;
pub mod network;
pub mod prerequisites;
pub mod process;
pub mod programs;
pub mod prometheus;
pub mod run_folder;
pub mod runner;
pub mod worlds;

/// Tells the person who waits what happens; standard output belongs to results.
pub fn say(text: &str) {
    #[expect(clippy::print_stderr, reason = "this is how a command tells its progress")]
    {
        eprintln!("rig: {text}");
    }
}
