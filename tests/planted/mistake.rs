//! Mistakes people make, each with what has to be said about it.

use serde_json::json;

use super::repository::{App, By, Layout, RELEASE};

/// Which object a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Monitor,
    Service,
    Workload,
}

/// A mistake that can be made in an application.
pub(crate) struct Mistake {
    pub(crate) name: &'static str,
    pub(crate) by: &'static [By],
    /// Whether it can be made in this layout.
    pub(crate) fits: fn(&App) -> bool,
    pub(crate) make: fn(&mut App),
    /// One of these has to be told.
    pub(crate) told: &'static [(About, &'static str)],
    /// These may be told besides: what follows from the mistake.
    pub(crate) follows: &'static [(About, &'static str)],
}

const BOTH: &[By] = &[By::ServiceMonitor, By::PodMonitor];
const ALL: &[By] = &[By::ServiceMonitor, By::PodMonitor, By::Probe, By::ScrapeConfig];
const SERVICE: &[By] = &[By::ServiceMonitor];

fn always(_: &App) -> bool {
    true
}

/// A slip of the finger: two letters in the other order.
fn slip(value: &mut serde_json::Value) {
    let text = value.as_str().expect("it is a text");
    let mut letters: Vec<char> = text.chars().collect();
    let at = (1..letters.len()).find(|&at| letters[at] != letters[at - 1]).expect("it has two letters");
    letters.swap(at - 1, at);
    *value = json!(letters.into_iter().collect::<String>());
}

pub(crate) const MISTAKES: &[Mistake] = &[
    Mistake {
        name: "a slip in the value of the selector",
        by: BOTH,
        fits: always,
        make: |app| slip(app.selected()),
        told: &[(About::Monitor, "PW204")],
        follows: &[],
    },
    Mistake {
        name: "a port that is called otherwise",
        by: BOTH,
        fits: always,
        make: |app| app.endpoint()["port"] = json!("metric-port"),
        told: &[(About::Monitor, "PW210")],
        follows: &[],
    },
    Mistake {
        name: "no namespaceSelector",
        by: BOTH,
        fits: |app| app.layout == Layout::Apart,
        make: |app| drop(app.monitor["spec"].as_object_mut().expect("a mapping").remove("namespaceSelector")),
        told: &[(About::Monitor, "PW205")],
        follows: &[],
    },
    Mistake {
        name: "a namespaceSelector with a slip",
        by: BOTH,
        fits: |app| app.layout == Layout::Apart,
        make: |app| slip(&mut app.monitor["spec"]["namespaceSelector"]["matchNames"][0]),
        told: &[(About::Monitor, "PW205"), (About::Monitor, "PW204")],
        follows: &[],
    },
    Mistake {
        name: "no label for the Prometheus",
        by: ALL,
        fits: always,
        make: |app| {
            drop(app.monitor["metadata"]["labels"].as_object_mut().expect("a mapping").remove(RELEASE));
        },
        told: &[(About::Monitor, "PW201")],
        follows: &[],
    },
    Mistake {
        name: "a slip in the label for the Prometheus",
        by: ALL,
        fits: always,
        make: |app| slip(&mut app.monitor["metadata"]["labels"][RELEASE]),
        told: &[(About::Monitor, "PW201")],
        follows: &[],
    },
    Mistake {
        name: "a targetPort that no container has",
        by: SERVICE,
        fits: always,
        make: |app| app.service["spec"]["ports"][0]["targetPort"] = json!("metrcs"),
        told: &[(About::Service, "PW221")],
        follows: &[(About::Monitor, "PW221"), (About::Monitor, "PW210")],
    },
    Mistake {
        name: "a Service port without a name",
        by: SERVICE,
        fits: always,
        make: |app| drop(app.service["spec"]["ports"][0].as_object_mut().expect("a mapping").remove("name")),
        told: &[(About::Monitor, "PW210"), (About::Monitor, "PW211"), (About::Service, "PW211")],
        follows: &[(About::Service, "PW211"), (About::Monitor, "PW210")],
    },
    Mistake {
        name: "a slip in the selector of the Service",
        by: SERVICE,
        fits: always,
        make: |app| {
            let selector = app.service["spec"]["selector"].as_object_mut().expect("a mapping");
            slip(selector.values_mut().next().expect("a label"));
        },
        told: &[(About::Service, "PW220")],
        follows: &[(About::Monitor, "PW220")],
    },
    Mistake {
        name: "a container port that is not declared",
        by: SERVICE,
        fits: always,
        make: |app| {
            let endpoint = app.endpoint().as_object_mut().expect("a mapping");
            endpoint.remove("port");
            endpoint.insert("targetPort".to_owned(), json!(9999));
        },
        told: &[(About::Monitor, "PW212")],
        follows: &[],
    },
    Mistake {
        name: "a key that the Secret has not",
        by: SERVICE,
        fits: |app| app.secret.is_some(),
        make: |app| app.endpoint()["basicAuth"]["password"]["key"] = json!("pasword"),
        told: &[(About::Monitor, "PW251")],
        follows: &[(About::Monitor, "PW401")],
    },
    Mistake {
        name: "a timeout above the interval",
        by: BOTH,
        fits: always,
        make: |app| app.endpoint()["scrapeTimeout"] = json!("45s"),
        told: &[(About::Monitor, "PW411")],
        follows: &[],
    },
    Mistake {
        name: "a relabelling that cannot be",
        by: BOTH,
        fits: always,
        make: |app| {
            app.endpoint()["metricRelabelings"] =
                json!([{"action": "drop", "sourceLabels": ["__name__"], "regex": "go_(.*"}]);
        },
        told: &[(About::Monitor, "PW412")],
        follows: &[],
    },
    Mistake {
        name: "a certificate without a key",
        by: SERVICE,
        fits: |app| app.secret.is_some(),
        make: |app| {
            let secret = format!("{}-scrape", app.name);
            let endpoint = app.endpoint();
            endpoint["scheme"] = json!("https");
            endpoint["tlsConfig"] = json!({"cert": {"secret": {"name": secret, "key": "username"}}});
        },
        told: &[(About::Monitor, "PW320")],
        follows: &[],
    },
    Mistake {
        name: "a field that is called otherwise",
        by: BOTH,
        fits: always,
        make: |app| {
            let selector = app.monitor["spec"]["selector"].take();
            app.monitor["spec"]["selektor"] = selector;
            app.monitor["spec"]["selector"] = json!({"matchLabels": {"never": "there"}});
        },
        told: &[(About::Monitor, "PW101")],
        follows: &[(About::Monitor, "PW204")],
    },
    Mistake {
        name: "a port as a number",
        by: BOTH,
        fits: always,
        make: |app| app.endpoint()["port"] = json!(8080),
        told: &[(About::Monitor, "PW102")],
        follows: &[],
    },
    Mistake {
        name: "labels of the workload that its own selector does not fit",
        by: BOTH,
        fits: always,
        make: |app| {
            let labels =
                app.workload["spec"]["template"]["metadata"]["labels"].as_object_mut().expect("a mapping");
            labels.retain(|key, _| key == "tier");
        },
        told: &[(About::Workload, "PW103")],
        follows: &[(About::Service, "PW220"), (About::Monitor, "PW204")],
    },
];
