//! How much is asked of the API server.

use std::fmt::Write as _;

use crate::proxy::{Fate, Proxy};
use crate::scene::{Scene, check, folder, same};

/// 1,000 objects of five kinds in a namespace of their own.
pub(crate) fn thousand() -> String {
    let mut text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: many}\n".to_owned();
    for number in 0..250 {
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "---
apiVersion: v1
kind: ConfigMap
metadata: {{name: c-{number}, namespace: many}}
data: {{key: value, empty: \"\"}}
---
apiVersion: v1
kind: Service
metadata: {{name: s-{number}, namespace: many, labels: {{app: a-{number}}}}}
spec: {{clusterIP: None, selector: {{app: a-{number}}}, ports: [{{name: http, port: 80, targetPort: 8080}}, {{name: metrics, port: 9090}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: d-{number}, namespace: many}}
spec:
  replicas: 0
  selector: {{matchLabels: {{app: a-{number}}}}}
  template:
    metadata: {{labels: {{app: a-{number}}}}}
    spec:
      containers:
      - name: a
        image: example.com/a:1
        ports: [{{name: http, containerPort: 8080}}, {{name: metrics, containerPort: 9090}}]
        resources: {{limits: {{cpu: 1000m, memory: 1024Mi}}, requests: {{cpu: 0.1}}}}
        volumeMounts: [{{name: tmp, mountPath: /tmp}}]
      volumes: [{{name: tmp, emptyDir: {{}}}}]
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {{name: m-{number}, namespace: many}}
spec: {{selector: {{matchLabels: {{app: a-{number}}}}}, endpoints: [{{port: metrics, interval: 30s, params: {{a: [b]}}}}]}}
"
        );
    }
    text
}

pub(crate) async fn unchanged(scene: &Scene) -> Result<(), String> {
    let before = scene.everything().await?;
    let here = folder(&[("all.yaml", &thousand())])?;
    let proxy = Proxy::start(scene, |_, _| Fate::Passes).await?;
    let through = format!("--kubeconfig {}", proxy.kubeconfig(scene, here.path())?.display());
    let started = std::time::Instant::now();
    let run = scene
        .promwire(here.path(), &format!("apply -f all.yaml -n many --yes {through}"))
        .await?
        .expect(0)?;
    check(run.stderr.contains("1001 created"), run.said())?;
    promwire_rig::say(&format!(
        "1,001 objects in {:.1} s, {} requests",
        started.elapsed().as_secs_f32(),
        proxy.count()
    ));
    drop(proxy);
    let proxy = Proxy::start(scene, |_, _| Fate::Passes).await?;
    let through = format!("--kubeconfig {}", proxy.kubeconfig(scene, here.path())?.display());
    let run = scene
        .promwire(here.path(), &format!("apply -f all.yaml -n many --yes {through}"))
        .await?
        .expect(0)?;
    check(run.stdout.is_empty() && run.stderr.contains("1001 unchanged"), run.said())?;
    let requests = proxy.requests();
    let shown = format!("{requests:#?}");
    promwire_rig::say(&format!("unchanged: {} requests", proxy.count()));
    check(
        requests.keys().all(|request| request.starts_with("GET ")),
        format!("something is written: {shown}"),
    )?;
    check(requests.values().all(|count| *count == 1), format!("something is asked twice: {shown}"))?;
    // Five kinds, the version, what is served (two), the inventory.
    check(proxy.count() <= 9, format!("too much is asked: {shown}"))?;
    scene.promwire(here.path(), "delete -n many --yes").await?.expect(0)?;
    same(&before, &scene.everything().await?)
}
