//! Snapshots: the same cluster gives the same file, and with it a pipeline knows what the cluster knows.

use crate::World;
use crate::objects::CANARY;

const NEW: &str = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\n\
                   metadata: {name: new, namespace: shop, labels: {team: TEAM}}\n\
                   spec: {selector: {matchLabels: {app: app}}, endpoints: [{port: PORT, path: /new, basicAuth: {\n\
                   username: {name: credentials, key: username}, password: {name: credentials, key: KEY}}}]}\n";

/// What is unknown without a cluster is settled by its snapshot, as by the cluster itself.
pub(crate) async fn settles(world: &World) -> Result<(), String> {
    let (first, second) = (world.promwire("snapshot").await?, world.promwire("snapshot").await?);
    first.check(first.code == 0 && first.stdout.contains("kind: ClusterLock"), "a snapshot")?;
    first.check(first.stdout == second.stdout, "the same cluster gives the same file")?;
    world.promwire.write("cluster.lock.yaml", &first.stdout)?;
    let new = |team: &str, port: &str, key: &str| {
        world.promwire.write("new.yaml", &NEW.replace("TEAM", team).replace("PORT", port).replace("KEY", key))
    };
    for (team, port, key, code) in [
        ("shop", "metrics", "password", None),
        ("shpo", "metrics", "password", Some("PW201 ServiceMonitor/new")),
        ("shop", "metric", "password", Some("PW210 ServiceMonitor/new")),
        ("shop", "metrics", "passwort", Some("PW251 ServiceMonitor/new")),
    ] {
        new(team, port, key)?;
        let alone = world.promwire("check new.yaml -o json").await?;
        alone.check(alone.code == 0, "without the cluster nothing is certain")?;
        for with in ["--assume cluster.lock.yaml", "--cluster"] {
            let said = world.promwire(&format!("check new.yaml {with} -o json")).await?;
            let found = said.findings()?;
            match code {
                None => said.check(said.code == 0 && found.is_empty(), &format!("{with}: all is well"))?,
                Some(code) => said.check(
                    said.code == 1 && found.iter().any(|found| found == code),
                    &format!("{with}: {code}, found {found:?}"),
                )?,
            }
        }
    }
    new("shop", "metrics", "password")?;
    let said = world.promwire("explain servicemonitor/new new.yaml --assume cluster.lock.yaml").await?;
    said.check(
        !said.stdout.contains("? ") && said.stdout.contains("Deployment shop/app makes 1 pod"),
        "every link",
    )?;
    let said = world.promwire("scrape-config -f new.yaml --assume cluster.lock.yaml").await?;
    said.check(said.code == 0 && said.stdout.contains("serviceMonitor/shop/new/0"), "the configuration")?;
    let said = world.promwire("targets new.yaml --assume cluster.lock.yaml").await?;
    said.check(said.code == 0 && said.stdout.contains("serviceMonitor/shop/new/0"), "the targets")
}

/// No content of a Secret or `ConfigMap` is in anything that is printed.
pub(crate) async fn no_secret_leaves(world: &World) -> Result<(), String> {
    use base64::Engine as _;

    let encoded = base64::engine::general_purpose::STANDARD.encode(CANARY);
    for arguments in [
        "snapshot",
        "check --cluster",
        "check --cluster -o json",
        "explain secret/credentials -n shop --cluster",
        "explain servicemonitor/with-password --cluster",
        "targets --cluster",
        "targets --cluster --prometheus shop/main -o json --dropped",
        "scrape-config --cluster --prometheus shop/main",
        "scrape-config --cluster --prometheus shop/main -o json",
    ] {
        let said = world.promwire(arguments).await?;
        let all = said.all();
        said.check(!all.contains(CANARY) && !all.contains(&encoded), &format!("{arguments} shows a secret"))?;
    }
    Ok(())
}
