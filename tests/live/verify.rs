//! Whether what was applied is scraped: verify and query, against the real Prometheus.

use crate::World;

const MONITOR: &str = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\n\
                       metadata: {name: NAME, namespace: shop, labels: {team: TEAM}}\n\
                       spec: {selector: {matchLabels: {app: app}}, endpoints: [{port: metrics, path: PATH}]}\n";

fn monitor(name: &str, team: &str, path: &str) -> String {
    MONITOR.replace("NAME", name).replace("TEAM", team).replace("PATH", path)
}

/// Everything that is predicted is up; a monitor that was just applied is waited for.
pub(crate) async fn up(world: &World) -> Result<(), String> {
    let said = world.promwire("verify --prometheus shop/main --timeout 60s").await?;
    said.check(said.code == 0 && said.stdout.contains("2 of 2 predicted targets are up"), "all is up")?;
    let address = world.get("/api/v1/namespaces/shop/pods/prometheus-main-0").await?;
    let address = address["status"]["podIP"].as_str().unwrap_or_default().to_owned();
    let said =
        world.promwire(&format!("verify --prometheus-url http://{address}:9090 --timeout 60s")).await?;
    said.check(said.code == 0, "at its own address, too")?;
    let late = monitor("late", "shop", "/metrics?late");
    let late = late.replace("/metrics?late", "/metrics, params: {late: [now]}");
    world.promwire.write("late.yaml", &late)?;
    let objects = world.apply(&late).await?;
    let said = world.promwire("verify late.yaml --timeout 90s").await;
    world.cluster.delete(&objects[0]).await?;
    let said = said?;
    said.check(said.code == 0 && said.stdout.contains("3 of 3 predicted"), "what was applied becomes up")?;
    said.check(said.stderr.contains("waiting: "), "that it waits is told")?;
    // Prometheus has to forget it again.
    let said = world.promwire("verify --prometheus shop/main --timeout 90s").await?;
    said.check(said.code == 0 && said.stdout.contains("2 of 2"), "and what was deleted goes")
}

/// What is not up is told with the error of its scrape and its chain.
pub(crate) async fn down(world: &World) -> Result<(), String> {
    let text = monitor("lost", "shop", "/nowhere");
    world.promwire.write("lost.yaml", &text)?;
    let said = world.promwire("verify lost.yaml --timeout 3s").await?;
    said.check(
        said.code == 1 && said.stdout.contains("PW932") && said.stdout.contains("PW934"),
        "what is not applied is not there, and the operator has not written it",
    )?;
    let objects = world.apply(&text).await?;
    let said = world.promwire("verify lost.yaml --timeout 45s").await;
    world.cluster.delete(&objects[0]).await?;
    let said = said?;
    said.check(
        said.code == 1
            && said.stdout.contains("PW931")
            && said.stdout.contains("HTTP status 404")
            && said.stdout.contains("its metrics have another `path`")
            && said.stdout.contains("✔ Service shop/app is selected")
            && said.stdout.contains("2 of 3 predicted targets are up"),
        "it is down, and why",
    )?;
    let text = monitor("unseen", "shpo", "/metrics");
    world.promwire.write("unseen.yaml", &text)?;
    let said = world.promwire("verify unseen.yaml --timeout 3s").await?;
    said.check(
        said.code == 1 && said.stdout.contains("PW936") && said.stdout.contains("✘"),
        "a monitor that nobody selects is not scraped",
    )
}

/// Queries are answered as a table or a chart; one that is wrong is told in Prometheus' words.
pub(crate) async fn query(world: &World) -> Result<(), String> {
    let said = world.promwire("query up").await?;
    said.check(
        said.code == 0 && said.stdout.contains("VALUE") && said.stdout.lines().count() == 3,
        "a table",
    )?;
    let said = world.promwire("query up --range 2m").await?;
    said.check(
        said.code == 0 && said.stdout.contains("job=\"app\"") && said.stdout.contains("-2m"),
        "a chart",
    )?;
    let said = world.promwire("query 1+1").await?;
    said.check(said.stdout == "2\n", "a number")?;
    let said = world.promwire("query absent_series").await?;
    said.check(said.code == 0 && said.stderr.contains("nothing"), "nothing is said to be nothing")?;
    let said = world.promwire("query up{").await?;
    said.check(
        said.code == 2 && said.stderr.contains("PW937") && said.stderr.contains("parse error"),
        "its words",
    )?;
    let said = world.promwire("query up --prometheus-url http://10.77.0.1:1").await?;
    said.check(said.code == 2 && said.stderr.contains("PW923"), "nobody is there")?;
    let said = world.promwire("query up --prometheus shop/other").await?;
    said.check(said.code == 2 && said.stderr.contains("PW801"), "there is no such Prometheus")
}
