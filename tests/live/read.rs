//! Reading a cluster: checked, explained, predicted, and with manifests laid over it.

use std::collections::BTreeSet;
use std::time::Duration;

use promwire_rig::cluster::wait;

use crate::promwire::Promwire;
use crate::{World, check};

/// The only mistake in the cluster is found, and the rest is not called one.
pub(crate) async fn checked(world: &World) -> Result<(), String> {
    let said = world.promwire("check --cluster -o json").await?;
    said.check(said.code == 1, "there is an error")?;
    let errors: Vec<String> = said.findings()?.into_iter().filter(|found| found.starts_with("PW2")).collect();
    said.check(errors == ["PW201 ServiceMonitor/typo"], "one monitor is not selected")?;
    let said = world.promwire("explain servicemonitor/app --cluster").await?;
    said.check(
        said.code == 0
            && said.stdout.contains("✔ Service shop/app is selected")
            && !said.stdout.contains('✘'),
        "every link holds",
    )?;
    let said = world.promwire("explain servicemonitor/app --cluster").await?;
    said.check(!said.stdout.contains("? "), "nothing is unknown")?;
    let said = world.promwire("scrape-config --cluster --prometheus shop/main").await?;
    said.check(said.stdout.contains("job_name: serviceMonitor/shop/app/0"), "the operator's configuration")
}

/// The targets that are predicted are those that the real Prometheus has, with their labels.
pub(crate) async fn predicted(world: &World) -> Result<(), String> {
    let said = world.promwire("targets --cluster --prometheus shop/main -o prometheus").await?;
    let predicted: BTreeSet<(String, String)> = said.json()?["activeTargets"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|target| {
            (target["scrapeUrl"].as_str().unwrap_or_default().to_owned(), target["labels"].to_string())
        })
        .collect();
    let actual: BTreeSet<(String, String)> = world
        .prometheus()
        .await?
        .targets()
        .await?
        .active_targets
        .iter()
        .map(|target| (target.scrape_url.clone(), serde_json::json!(target.labels).to_string()))
        .collect();
    check(!actual.is_empty() && predicted == actual, format!("predicted {predicted:#?}\nactual {actual:#?}"))
}

/// What applying a manifest would bring is told, and nothing else.
pub(crate) async fn laid_over(world: &World) -> Result<(), String> {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: app, namespace: shop, labels: {app: LABEL}}\n\
                   spec: {selector: {app: app}, ports: [{name: metrics, port: 8080}, {name: other, port: 8081}]}\n";
    world.promwire.write("same.yaml", &service.replace("LABEL", "app"))?;
    world.promwire.write("other.yaml", &service.replace("LABEL", "ap"))?;
    let said = world.promwire("check --cluster -f same.yaml -o json").await?;
    said.check(said.code == 0 && said.findings()?.is_empty(), "the same Service changes nothing")?;
    let said = world.promwire("check --cluster -f other.yaml -o json").await?;
    let found: BTreeSet<String> = said.findings()?.into_iter().collect();
    let lost = |name: &str| found.iter().any(|found| found.ends_with(&format!("ServiceMonitor/{name}")));
    said.check(
        said.code == 1 && lost("app") && lost("with-password"),
        "two monitors of the cluster select nothing",
    )?;
    said.check(!found.contains("PW201 ServiceMonitor/typo"), "what is wrong without is not told")?;
    let said = world.promwire("targets --cluster -f other.yaml --prometheus shop/main -o prometheus").await?;
    let none = said.json()?["activeTargets"].as_array().is_some_and(Vec::is_empty);
    said.check(none, "then nothing is scraped")
}

/// The flags of the operator that a Deployment runs are assumed; flags on the command line say otherwise.
pub(crate) async fn operator(world: &World) -> Result<(), String> {
    let objects = world
        .apply(
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: operators}\n---\n\
             apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: operator, namespace: operators}\n\
             spec:\n  replicas: 0\n  selector: {matchLabels: {app: operator}}\n  template:\n\
             \x20   metadata: {labels: {app: operator}}\n    spec:\n      containers:\n      - name: operator\n\
             \x20       image: quay.io/prometheus-operator/prometheus-operator:v0.93.1\n\
             \x20       args: [--deny-namespaces=shop, --log-level=debug]\n",
        )
        .await?;
    let outcome = async {
        let said = world.promwire("check --cluster -o json").await?;
        let found = said.findings()?;
        said.check(found.iter().any(|found| found == "PW407 Prometheus/main"), "it does not look into shop")?;
        let config = "scrape-config --cluster --prometheus shop/main";
        let said = world.promwire(config).await?;
        said.check(said.stdout.is_empty() && said.stderr.contains("PW405"), "it writes nothing")?;
        let said = world.promwire(&format!("{config} --namespaces shop")).await?;
        said.check(said.stdout.contains("serviceMonitor/shop/app/0"), "a flag says otherwise")?;
        let said = world.promwire("snapshot").await?;
        said.check(
            said.stdout.contains("\n  deny-namespaces: shop\n")
                && said.stdout.contains("\n  operator-version: v0.93.1\n"),
            "a snapshot has its flags",
        )
    };
    let outcome = outcome.await;
    for object in objects.iter().rev() {
        world.cluster.delete(object).await?;
    }
    outcome
}

/// With `-n` only what is wrong in a namespace is told, while the whole cluster is traced.
pub(crate) async fn namespace(world: &World) -> Result<(), String> {
    let said = world.promwire("check --cluster -n default -o json").await?;
    said.check(said.code == 0, "nothing is wrong there")?;
    let said = world.promwire("check --cluster -n shop -o json").await?;
    said.check(said.code == 1, "here it is")
}

/// Whatever stands between, one message says what.
pub(crate) async fn failures(world: &World) -> Result<(), String> {
    let expect = async |promwire: &Promwire, arguments: &str, code: &str| {
        let said = promwire.run(arguments).await?;
        said.check(
            said.code == 2 && said.stderr.matches("error[").count() == 1 && said.stderr.contains(code),
            &format!("{arguments}: {code}"),
        )
    };
    expect(&world.promwire, "check --cluster --context nowhere", "PW922").await?;
    expect(&world.promwire, "snapshot --kubeconfig nothing", "PW920").await?;
    let stranger = Promwire::of_token(&world.cluster, "stranger", "nobody's")?;
    expect(&stranger, "check --cluster", "PW925").await?;
    let away = Promwire::at(&world.cluster, "away", "10.77.0.1:1")?;
    expect(&away, "targets --cluster", "PW923").await?;
    let plain = Promwire::at(&world.cluster, "plain", "10.77.0.1:443")?;
    let said = plain.run("snapshot").await?;
    said.check(said.code == 2 && said.stderr.contains("error["), "plain HTTP to a TLS port")?;
    // The cluster is as it was.
    wait(Duration::from_secs(5), "an answer", async || world.get("/version").await.is_ok()).await
}
