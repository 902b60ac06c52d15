//! The rights in `deploy/read-only.yaml`: all of them are enough, and none is too much.

use promwire::cluster::{LISTED, ListedKind};
use promwire_rig::manifests;
use serde_json::{Value, json};

use crate::World;
use crate::promwire::Promwire;

const READ_ONLY: &str = include_str!("../../deploy/read-only.yaml");

/// With these rights everything is known that an administrator knows.
pub(crate) async fn enough(world: &World) -> Result<(), String> {
    let reader = reader(world).await?;
    let (said, of_admin) =
        (reader.run("check --cluster -o json").await?, world.promwire("check --cluster -o json").await?);
    said.check(!said.stdout.contains("PW928"), "everything may be listed")?;
    said.check(said.json()? == of_admin.json()?, "the same as for an administrator")
}

/// Without one of them, what it is for is unknown and named, and nothing is called wrong because of it.
pub(crate) async fn each(world: &World) -> Result<(), String> {
    let reader = reader(world).await?;
    let known = reader.run("check --cluster -o json").await?.findings()?;
    let role = role()?;
    let mut failures = Vec::new();
    // Kinds the cluster does not serve are not asked for.
    let served = |kind: &&ListedKind| kind.group != "security.istio.io";
    for kind in LISTED.iter().filter(served) {
        let outcome = without(world, &reader, &role, kind, &known).await;
        failures.extend(outcome.err());
    }
    world.cluster.apply(&[role]).await.map_err(|refused| refused.join("\n"))?;
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

async fn without(
    world: &World,
    reader: &Promwire,
    role: &Value,
    kind: &ListedKind,
    known: &[String],
) -> Result<(), String> {
    let name = kind.full_resource();
    let mut less = role.clone();
    for rule in less["rules"].as_array_mut().into_iter().flatten() {
        if let Some(resources) = rule["resources"].as_array_mut() {
            resources.retain(|known| known != kind.resource);
        }
    }
    if let Some(rules) = less["rules"].as_array_mut() {
        rules.retain(|rule| rule["resources"].as_array().is_some_and(|resources| !resources.is_empty()));
    }
    world.cluster.apply(&[less]).await.map_err(|refused| refused.join("\n"))?;
    // The authorizer follows within moments.
    for _ in 0..100 {
        let said = reader.run("check --cluster -o json").await?;
        let named = said.json()?["findings"].as_array().into_iter().flatten().any(|finding| {
            finding["code"] == "PW928"
                && finding["message"]
                    .as_str()
                    .is_some_and(|text| text.ends_with(&format!("does not show `{name}`")))
        });
        if named {
            let targets = reader.run("targets --cluster").await?;
            let is_wrong =
                targets.stderr.contains("error[") && !["Prometheus", "Namespace"].contains(&kind.kind);
            targets.check(!is_wrong, &format!("without {name} targets are called wrong"))?;
            let new: Vec<String> =
                said.findings()?.into_iter().filter(|found| !known.contains(found)).collect();
            return said.check(new.is_empty(), &format!("without {name} this is called wrong: {new:?}"));
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Err(format!("that {name} may not be listed is not told"))
}

fn role() -> Result<Value, String> {
    let objects = manifests::parse("read-only.yaml", READ_ONLY)?;
    objects
        .into_iter()
        .find(|object| object["kind"] == "ClusterRole")
        .ok_or_else(|| "it has a role".to_owned())
}

/// Deploys the rights, and gives a promwire that has them.
async fn reader(world: &World) -> Result<Promwire, String> {
    world.apply("{apiVersion: v1, kind: Namespace, metadata: {name: promwire}}").await?;
    world.apply(READ_ONLY).await?;
    let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    let path = "/api/v1/namespaces/promwire/serviceaccounts/promwire/token";
    let request = http::Request::post(path)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(request.to_string().into_bytes())
        .map_err(|error| error.to_string())?;
    let answer: Value = world.cluster.client().request(request).await.map_err(|error| error.to_string())?;
    let token = answer["status"]["token"].as_str().ok_or("there is no token")?;
    Promwire::of_token(&world.cluster, "reader", token)
}
