//! How much is asked of the API server, and how much memory that takes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use promwire_rig::say;
use serde_json::json;

use crate::promwire::{Promwire, Said};
use crate::proxy::Proxy;
use crate::{World, check};

/// Objects besides those of the others.
const OBJECTS: usize = 10_000;

/// Objects of a page.
const PAGE: usize = 500;

/// What a live read may take, in bytes.
const MEMORY: u64 = 200 << 20;

/// Each kind is listed once, page by page, and nothing else is asked for.
pub(crate) async fn once(world: &World) -> Result<(), String> {
    fill(world).await?;
    let proxy = Proxy::start(world.cluster.client(), |_, _| None).await?;
    let promwire = Promwire::at(&world.cluster, "counted", &proxy.address)?;
    let started = Instant::now();
    let (said, memory) = measured(&promwire, "check --cluster -o json").await?;
    let took = started.elapsed();
    let objects =
        usize::try_from(said.json()?["summary"]["objects"].as_u64().unwrap_or_default()).unwrap_or(0);
    said.check(objects > OBJECTS, "they are read")?;
    let mut lists: BTreeMap<String, usize> = BTreeMap::new();
    let mut others = Vec::new();
    for request in proxy.asked() {
        let path = request.strip_prefix("GET ").ok_or_else(|| format!("it only reads: {request}"))?;
        match path.split_once('?') {
            Some((path, query)) if query.contains("limit=500") => {
                *lists.entry(path.to_owned()).or_default() += 1;
            }
            _ => others.push(path.to_owned()),
        }
    }
    others.sort();
    check(others == ["/api", "/apis", "/version"], format!("besides lists it asks for {others:?}"))?;
    for (path, count) in &lists {
        let most = if path.ends_with("/services") { OBJECTS / PAGE + 1 } else { 2 };
        check(*count <= most, format!("{path} is listed in {count} pages"))?;
    }
    say(&format!(
        "{objects} objects, {} requests, {:.1} s, {} MiB",
        lists.values().sum::<usize>() + others.len(),
        took.as_secs_f32(),
        memory >> 20
    ));
    check(memory > 0 && memory < MEMORY, format!("it takes {} MiB", memory >> 20))
}

/// Ten thousand Services.
async fn fill(world: &World) -> Result<(), String> {
    world.apply("{apiVersion: v1, kind: Namespace, metadata: {name: many}}").await?;
    let client = world.cluster.client();
    let create = |number: usize| {
        let client = client.clone();
        async move {
            let service = json!({
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": format!("service-{number}"), "labels": {"app": format!("app-{}", number % 100)}},
                "spec": {"clusterIP": "None", "ports": [{"name": "http", "port": 80}, {"name": "metrics", "port": 8080}]},
            });
            let request = http::Request::post("/api/v1/namespaces/many/services")
                .header(http::header::CONTENT_TYPE, "application/json")
                .body(service.to_string().into_bytes())
                .map_err(|error| error.to_string())?;
            match client.request_text(request).await {
                // It is there from an earlier attempt.
                Err(kube::Error::Api(status)) if status.code == 409 => Ok(()),
                Err(error) => Err(error.to_string()),
                Ok(_) => Ok(()),
            }
        }
    };
    stream::iter((0..OBJECTS).map(create)).buffer_unordered(32).try_collect::<Vec<()>>().await.map(drop)
}

/// Runs promwire, and says how much memory it had at most.
async fn measured(promwire: &Promwire, arguments: &str) -> Result<(Said, u64), String> {
    let mut command = promwire.command(arguments)?;
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    tokio::task::spawn_blocking(move || {
        let child = command.spawn().map_err(|error| error.to_string())?;
        let status = format!("/proc/{}/status", child.id());
        let ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watch = scope.spawn(|| {
                let mut most = 0;
                while !ended.load(Ordering::Relaxed) {
                    let text = std::fs::read_to_string(&status).unwrap_or_default();
                    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
                    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
                    most = most.max(kib.unwrap_or_default() << 10);
                    std::thread::sleep(Duration::from_millis(5));
                }
                most
            });
            let output = child.wait_with_output().map_err(|error| error.to_string());
            ended.store(true, Ordering::Relaxed);
            let most = watch.join().map_err(|_| "the watch failed".to_owned())?;
            Ok((Said::of(&output?), most))
        })
    })
    .await
    .map_err(|error| error.to_string())?
}

/// An API server that forgot where a list was (410) is asked anew; one that fails (500) fails the command.
pub(crate) async fn forgotten(world: &World) -> Result<(), String> {
    let once = AtomicBool::new(true);
    let forgets = move |path: &str, _| {
        (path.starts_with("/api/v1/services?") && once.swap(false, Ordering::Relaxed)).then_some(410)
    };
    let proxy = Proxy::start(world.cluster.client(), forgets).await?;
    let said =
        Promwire::at(&world.cluster, "forgotten", &proxy.address)?.run("check --cluster -o json").await?;
    said.check(
        said.json()? == world.promwire("check --cluster -o json").await?.json()?,
        "as if nothing had been",
    )?;
    for (code, expected) in [(500, "PW927"), (401, "PW925")] {
        let fails = move |path: &str, _| path.starts_with("/api/v1/secrets?").then_some(code);
        let proxy = Proxy::start(world.cluster.client(), fails).await?;
        let said = Promwire::at(&world.cluster, "failing", &proxy.address)?.run("check --cluster").await?;
        said.check(
            said.code == 2 && said.stderr.contains(expected) && said.stderr.contains("list secrets"),
            &format!("{code} is told as {expected}"),
        )?;
    }
    Ok(())
}
