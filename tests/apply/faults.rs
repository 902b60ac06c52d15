//! What goes wrong in the middle, and the next run.

use std::time::Duration;

use crate::proxy::{Fate, Proxy};
use crate::scene::{Scene, check, ended, folder, same, steady};

const STACK: &str = "apiVersion: promwire.dev/v1alpha1
kind: Stack
namespace: watch
integrations:
  prometheus: {}
  calico: {install: manifest, settings: objects}
";

/// Killed at every write of an apply, and of the deletion.
pub(crate) async fn killed(scene: &Scene) -> Result<(), String> {
    let before = scene.everything().await?;
    let here = folder(&[("promwire.yaml", STACK)])?;
    scene.promwire(here.path(), "apply --yes --force-broken").await?.expect(0)?;
    let applied = scene.everything().await?;
    for (command, other, start, end) in [
        ("delete --yes", "apply --yes --force-broken", &applied, &before),
        ("apply --yes --force-broken", "delete --yes", &before, &applied),
    ] {
        let mut step = 1;
        loop {
            let proxy = Proxy::start(scene, |_, _| Fate::Passes).await?;
            let config = proxy.kubeconfig(scene, here.path())?;
            let mut child = scene
                .command(here.path(), &format!("{command} --kubeconfig {}", config.display()))
                .spawn()
                .map_err(|error| error.to_string())?;
            let was_killed = tokio::select! {
                () = proxy.reached(step) => { child.kill().await.map_err(|error| error.to_string())?; true }
                _ = child.wait() => false,
            };
            // What was on its way arrives.
            tokio::time::sleep(Duration::from_millis(50)).await;
            // The same again finishes it; and so does turning back at once.
            if step % 2 == 1 {
                scene.promwire(here.path(), command).await?.expect(0)?;
                let now = scene.everything().await?;
                same(&steady(end), &steady(&now))
                    .map_err(|why| format!("{command} killed at write {step}\n{why}"))?;
            }
            scene.promwire(here.path(), other).await?.expect(0)?;
            let now = scene.everything().await?;
            same(&steady(start), &steady(&now))
                .map_err(|why| format!("{other} after {command} killed at {step}\n{why}"))?;
            if !was_killed {
                break;
            }
            step += 1;
        }
        promwire_rig::say(&format!("{command} was killed at {} writes", step - 1));
        scene.promwire(here.path(), command).await?.expect(0)?;
    }
    scene.promwire(here.path(), "delete --yes").await?.expect(0)?;
    same(&before, &scene.everything().await?)
}

type Decide = fn(usize, &str) -> Fate;

pub(crate) async fn proxied(scene: &Scene) -> Result<(), String> {
    let before = scene.everything().await?;
    let here = folder(&[("promwire.yaml", STACK)])?;
    scene.promwire(here.path(), "apply --yes --force-broken").await?.expect(0)?;
    let applied = scene.everything().await?;
    scene.promwire(here.path(), "delete --yes").await?.expect(0)?;
    // Faults that pass: one run gets through them. The first question is asked once, so that it is not kept.
    let passing: [(&str, Decide); 5] = [
        ("429 now and then", |number, method| {
            if method != "GET" && number % 5 == 2 { Fate::Refused(429) } else { Fate::Passes }
        }),
        ("500 now and then", |number, method| {
            if method != "GET" && number % 3 == 2 { Fate::Refused(500) } else { Fate::Passes }
        }),
        ("410 now and then", |number, method| {
            if method != "GET" && number % 4 == 2 { Fate::Refused(410) } else { Fate::Passes }
        }),
        (
            "cut before",
            |number, method| if method != "GET" && number % 3 == 2 { Fate::CutBefore } else { Fate::Passes },
        ),
        ("cut after it was done", |number, method| {
            if method != "GET" && number % 3 == 2 { Fate::CutAfter } else { Fate::Passes }
        }),
    ];
    for (name, decide) in passing {
        for (command, end) in [("apply --yes --force-broken", &applied), ("delete --yes", &before)] {
            let proxy = Proxy::start(scene, decide).await?;
            let config = proxy.kubeconfig(scene, here.path())?;
            let run =
                ended(scene.command(here.path(), &format!("{command} --kubeconfig {}", config.display())))
                    .await?;
            let run = run.expect(0).map_err(|why| format!("{name}: {why}"))?;
            same(&steady(end), &steady(&scene.everything().await?))
                .map_err(|why| format!("{name}: {command}\n{why}\n{}", run.said()))?;
        }
    }
    // Faults that stay: one message, nothing forced, and the next run finishes.
    let staying: [(&str, Decide, &[&str]); 2] = [
        (
            "an expired token",
            |number, _| if number > 9 { Fate::Refused(401) } else { Fate::Passes },
            &["PW925"],
        ),
        (
            "writes that fail",
            |_, method| if method == "PATCH" { Fate::Refused(500) } else { Fate::Passes },
            &["PW927", "PW954"],
        ),
    ];
    for (name, decide, codes) in staying {
        let proxy = Proxy::start(scene, decide).await?;
        let config = proxy.kubeconfig(scene, here.path())?;
        let run =
            ended(scene.command(
                here.path(),
                &format!("apply --yes --force-broken --kubeconfig {}", config.display()),
            ))
            .await?;
        let run = run.expect(2).map_err(|why| format!("{name}: {why}"))?;
        let told: usize = codes.iter().map(|code| run.stderr.matches(code).count()).sum();
        check(told == 1, format!("{name}: {}", run.said()))?;
        scene.promwire(here.path(), "apply --yes --force-broken").await?.expect(0)?;
        same(&steady(&applied), &steady(&scene.everything().await?))
            .map_err(|why| format!("{name}: {why}"))?;
        scene.promwire(here.path(), "delete --yes").await?.expect(0)?;
    }
    same(&before, &scene.everything().await?)
}
