//! What a case needs around the cluster: certificates, machines outside it, files on its nodes.

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use promwire_rig::certificates::{Authority, Pair, write_private};
use promwire_rig::network::Host;
use promwire_rig::process::Process;
use serde::Deserialize;
use serde_json::Value;

use crate::case::Case;
use crate::world::World;

/// A certificate, made anew for every run: `NAME.crt` and `NAME.key`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Certificate {
    /// The name of the authority that signs it; without one it is an authority itself.
    #[serde(default)]
    by: Option<String>,
    /// Names and addresses it is good for as a server's.
    #[serde(default)]
    hosts: Vec<String>,
    /// Its time was over yesterday.
    #[serde(default)]
    expired: bool,
}

/// A machine that is no node of the cluster.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Machine {
    /// Its address, in 10.77.2.0/24; no other case may use it.
    address: Ipv4Addr,
    /// The program it runs, by its name in the table of components, with its arguments. The working folder holds the
    /// certificates.
    run: Vec<String>,
}

/// What was set up for a case; it goes when this is dropped.
pub(crate) struct Stage {
    /// The folder `promwire` runs in: the certificates.
    pub(crate) folder: tempfile::TempDir,
    machines: Vec<(Host, Process)>,
    /// Folders on nodes, to be removed afterwards.
    on_nodes: Vec<PathBuf>,
}

impl Stage {
    /// Makes what the case asks for.
    pub(crate) async fn set(world: &World, case: &Case) -> Result<Self, String> {
        let folder = tempfile::Builder::new()
            .prefix(&format!("{}-", case.name))
            .tempdir_in(world.cluster.run().path())
            .map_err(|error| error.to_string())?;
        write_certificates(folder.path(), &case.says.certificates)?;
        let mut stage = Self { folder, machines: Vec::new(), on_nodes: Vec::new() };
        for (node, path) in &case.says.files_on_nodes {
            let target = world.agent.node_folder(node).join(path.trim_start_matches('/'));
            copy(stage.folder.path(), &target)?;
            stage.on_nodes.push(target);
        }
        for (name, machine) in &case.says.machines {
            let host = world.cluster.network().host(name, machine.address).await?;
            let (program, arguments) =
                machine.run.split_first().ok_or_else(|| format!("{name} runs nothing"))?;
            let mut command = host.command(world.cluster.programs().path(program));
            command.args(arguments).current_dir(stage.folder.path());
            let process = Process::start(name, &world.cluster.run().path().join("logs"), &mut command)?;
            stage.machines.push((host, process));
        }
        Ok(stage)
    }

    /// Puts the content of files where the text of an object names them: `$(file NAME)`.
    pub(crate) fn fill(&self, object: &mut Value) -> Result<(), String> {
        match object {
            Value::String(text) => {
                if let Some(name) = text.strip_prefix("$(file ").and_then(|rest| rest.strip_suffix(')')) {
                    let path = self.folder.path().join(name);
                    *text =
                        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                }
                Ok(())
            }
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.fill(item)),
            Value::Object(fields) => fields.values_mut().try_for_each(|value| self.fill(value)),
            _ => Ok(()),
        }
    }

    /// Who has which address outside the cluster.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.machines.iter().map(|(host, _)| (host.address.to_string(), host.namespace.clone()))
    }

    /// Ends the machines and removes what was put on nodes.
    pub(crate) async fn strike(self, world: &World) {
        for (host, process) in self.machines {
            process.stop().await;
            if let Err(reason) = world.cluster.network().remove(&host).await {
                promwire_rig::say(&reason);
            }
        }
        for folder in self.on_nodes {
            // It may hold what a pod wrote there; the run's folder goes in the end, whatever is left.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

fn write_certificates(folder: &Path, certificates: &BTreeMap<String, Certificate>) -> Result<(), String> {
    let mut authorities = BTreeMap::new();
    for name in certificates.iter().filter(|(_, certificate)| certificate.by.is_none()).map(|(name, _)| name)
    {
        let authority = Authority::new(name)?;
        write_private(folder, &format!("{name}.crt"), &authority.pem())?;
        authorities.insert(name, authority);
    }
    for (name, certificate) in certificates {
        let Some(by) = &certificate.by else { continue };
        let authority = authorities.get(by).ok_or_else(|| format!("{name}: there is no authority {by}"))?;
        let pair = sign(authority, name, certificate)?;
        write_private(folder, &format!("{name}.crt"), &pair.certificate)?;
        write_private(folder, &format!("{name}.key"), &pair.key)?;
    }
    Ok(())
}

fn sign(authority: &Authority, name: &str, certificate: &Certificate) -> Result<Pair, String> {
    let hosts: Vec<&str> = certificate.hosts.iter().map(String::as_str).collect();
    authority.sign(name, &hosts, |params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        if !hosts.is_empty() {
            params.extended_key_usages.push(rcgen::ExtendedKeyUsagePurpose::ServerAuth);
        }
        if certificate.expired {
            let yesterday = SystemTime::now() - Duration::from_hours(24);
            params.not_after = yesterday.into();
        }
    })
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", to.display());
    fs::create_dir_all(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)?.flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).map_err(failed)?;
    }
    Ok(())
}
