//! etcd as kubeadm runs it: files of the node, TLS for clients, metrics on loopback.

use std::net::TcpStream;
use std::time::Duration;

use promwire_rig::certificates::{Authority, write_private};
use serde_json::Value;

use crate::{World, check};

pub(crate) async fn serves(world: &World) -> Result<(), String> {
    let node = "control-plane";
    let host = world.agent.node_host(node).ok_or("there is no such node")?.clone();
    let address = host.address.to_string();
    let authority = Authority::new("etcd-ca")?;
    let pair = authority.server(node, &[node, "localhost", "127.0.0.1", &address])?;
    let folder = world.agent.node_folder(node).join("etc/kubernetes/pki/etcd");
    for (name, text) in
        [("ca.crt", &authority.pem()), ("server.crt", &pair.certificate), ("server.key", &pair.key)]
    {
        write_private(&folder, name, text)?;
    }
    let namespace = world.cluster.namespace("etcd").await?;
    let manifest = include_str!("etcd.yaml").replace("NAMESPACE", &namespace).replace("ADDRESS", &address);
    world.apply(&manifest).await?;
    // It becomes ready through a probe of its loopback address, which only the node itself can ask.
    world.ready(&namespace, "etcd-control-plane").await?;
    let outside = promwire_rig::http::get(format!("http://{address}:2381/metrics")).await;
    check(outside.is_err(), "the metrics on loopback can be had from outside")?;
    let plain = promwire_rig::http::get(format!("http://{address}:2379/metrics")).await;
    check(plain.is_err(), "the client port speaks without TLS")?;
    let target = (host.address, 2379);
    TcpStream::connect_timeout(&target.into(), Duration::from_secs(1))
        .map_err(|error| format!("nothing listens on the client port: {error}"))?;
    // What it stored lies in the node's own folder.
    let data = world.agent.node_folder(node).join("var/lib/etcd/member");
    check(data.is_dir(), format!("{} is not there", data.display()))?;
    let pods: Value = world.get(&format!("/api/v1/namespaces/{namespace}/pods")).await?;
    world
        .cluster
        .delete(&pods["items"][0].as_object().map_or(Value::Null, |pod| {
            let mut pod = Value::Object(pod.clone());
            pod["apiVersion"] = "v1".into();
            pod["kind"] = "Pod".into();
            pod
        }))
        .await
}
