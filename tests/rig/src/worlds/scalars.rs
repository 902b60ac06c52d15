//! Strings, numbers and names, by what their property means.

use generated_crds::schema::{Node, Type};
use serde_json::{Value, json};

use super::credentials::TEXTS;
use super::maker::{Maker, name_of};
use super::setting::{APPS, KEYS, PORTS, TEAMS};

const LONG: &[&str] = &["30s", "1m", "90s", "2m", "5m", "1h", "1m30s", "60s", "45000ms"];
const SHORT: &[&str] = &["1s", "5s", "10s", "15s", "500ms", "2s500ms"];
const SIZES: &[&str] = &["10MB", "1GiB", "512KB", "0", "1.5GB", "64MiB", "100B", "2KiB", ".5MB"];
const QUANTITIES: &[&str] = &["1.5", "2", "500m", "1.1", "0.1", "1e-1", "3"];
const PATHS: &[&str] = &["/metrics", "/federate", "metrics", "/a/b?c=d", "/ü", "/$(POD_NAME)", "/metrics/"];
const ADDRESSES: &[&str] = &[
    "10.0.0.1:9100",
    "host.example",
    "[fd00::1]:80",
    "a:1",
    "http://x/y",
    "10.0.0.2",
    "web.shop.svc:8080",
    "x:$(SHARD)",
];

impl Maker<'_> {
    pub(super) fn scalar(&mut self, node: &Node, path: &str) -> Value {
        let choices: Vec<&Value> = node.enumeration.iter().filter(|value| **value != "").collect();
        if !choices.is_empty() {
            return (*self.random.pick(&choices)).clone();
        }
        if node.int_or_string {
            return self.integer_or_string(node, path);
        }
        match node.r#type {
            Some(Type::Boolean) => json!(self.random.chance(50)),
            Some(Type::Integer) => json!(self.integer(node, path)),
            Some(Type::Number) => json!(0.5),
            _ => json!(self.string(node, path)),
        }
    }

    fn integer_or_string(&mut self, node: &Node, path: &str) -> Value {
        if node.pattern.is_some() {
            let text = *self.random.pick(QUANTITIES);
            return match text.parse::<u32>() {
                Ok(number) if self.random.chance(50) => json!(number),
                _ => json!(text),
            };
        }
        let is_port = name_of(path).to_lowercase().ends_with("port");
        if is_port && self.random.chance(50) {
            return json!(self.random.pick(&[8080, 9100, 80, 0, 2379]));
        }
        json!(self.random.pick(PORTS))
    }

    fn integer(&mut self, node: &Node, path: &str) -> i64 {
        let name = name_of(path);
        let chosen = match name {
            "port" | "portNumber" => *self.random.pick(&[80, 8080, 9100, 65535]),
            "goGC" => *self.random.pick(&[50, 100, -1]),
            _ => *self.random.pick(&[0, 1, 3, 10, 64, 1000, 100_000]),
        };
        #[expect(clippy::cast_possible_truncation, reason = "bounds of schemas are small")]
        let bounded = chosen
            .max(node.minimum.map_or(i64::MIN, |least| least as i64))
            .min(node.maximum.map_or(i64::MAX, |most| most as i64));
        bounded
    }

    fn string(&mut self, node: &Node, path: &str) -> String {
        if let Some(pattern) = &node.pattern {
            return self.of_pattern(pattern, path);
        }
        let choices: &[&str] = match name_of(path) {
            "scrapeClass" => return self.scrape_class(),
            "targetLabels" | "podTargetLabels" | "jobLabel" => {
                if self.random.chance(90) {
                    &KEYS[..7]
                } else {
                    KEYS
                }
            }
            "matchNames" => return self.namespace_name(),
            "names" if path.contains("namespaces.") => return self.namespace_name(),
            "names" => &["web.example", "_http._tcp.web.example"],
            "namespace" if path.contains("excludedFromEnforcement") => return self.namespace_name(),
            "port" => {
                if self.mistake("port that is no regex") {
                    &["("]
                } else {
                    PORTS
                }
            }
            "path" | "metricsPath" => PATHS,
            "type" => {
                if self.mistake("authorization of type basic") {
                    &["Basic", " basic "]
                } else {
                    &["Bearer", "Custom", " Token "]
                }
            }
            "url" => {
                if self.mistake("prober that is no address") {
                    &["http://prober:9115", "a/b", "x:0", "-a:1"]
                } else {
                    &["prober:9115", "10.0.0.9:9115", "[::1]:9115", "prober.mon.svc", "a_b:1"]
                }
            }
            "server" | "host" => &["consul.example:8500", "https://kubernetes.example:6443", "10.0.0.1"],
            "apiServer" => &["https://kubernetes.example:6443", "https://10.0.0.1"],
            "static" | "targets" => ADDRESSES,
            "field" => {
                if self.mistake("field selector nobody can read") {
                    &["a", "a=b=c,"]
                } else {
                    &["metadata.name=api", "spec.nodeName!=x", "status.phase=Running,metadata.namespace==y"]
                }
            }
            "label" if path.contains("selectors") => {
                if self.mistake("label selector nobody can read") {
                    &["a in (", "a=b c", "!!"]
                } else {
                    &["app=api", "app in (api,web),!tier", "team!=x", "a.b", "tier notin (front)"]
                }
            }
            "noProxy" => &["localhost,.svc", "10.0.0.0/8", "*"],
            "environment" => &["AzurePublicCloud", "AzureChinaCloud"],
            "lookbackDelta" | "forGracePeriod" | "forOutageTolerance" | "resendDelay" => LONG,
            "bearerTokenFile" | "credentialsFile" => &[
                "/var/run/secrets/kubernetes.io/serviceaccount/token",
                "/etc/prometheus/secrets/login/token",
            ],
            "caFile" | "certFile" | "keyFile" => &[
                "/etc/prometheus/secrets/tls/ca.crt",
                "/etc/prometheus/configmaps/public/tls.crt",
                "relative.crt",
            ],
            "serverName" => &["api.example", "localhost", "*.example"],
            "module" | "jobName" => &["http_2xx", "icmp", "yes", "0123", "a b", "ü"],
            "enforcedNamespaceLabel" => &["namespace", "ns", "a.b"],
            "prometheusExternalLabelName" | "replicaExternalLabelName" | "externalLabelName" => {
                &["", "cluster", "prometheus", "replica-name"]
            }
            "queryLogFile" | "scrapeFailureLogFile" => &["query.log", "/var/log/x.log", "logs/failures.log"],
            "externalUrl" => &["https://prometheus.example/x"],
            "topologyKey" => &["topology.kubernetes.io/zone"],
            "values" if path.contains("topology") => &["zone-a", "zone-b"],
            "name" if path.contains("excludedFromEnforcement") => APPS,
            "name" if path.contains("scrapeClasses") => {
                return self.random.pick(&self.setting.classes).clone();
            }
            "accessKey" | "profile" | "region" | "clientID" | "tenantID" | "subscriptionID" => {
                &["abc", "eu-west-1", "0123", "yes"]
            }
            _ => TEXTS,
        };
        let text = *self.random.pick(choices);
        let least = usize::try_from(node.min_length.unwrap_or(0)).unwrap_or(0);
        if text.chars().count() < least { "x".repeat(least) } else { text.to_owned() }
    }

    /// Patterns are few in these kinds: durations, sizes, URLs, names of files.
    fn of_pattern(&mut self, pattern: &str, path: &str) -> String {
        let choices: &[&str] = if pattern.contains("ms)?") {
            if name_of(path).to_lowercase().contains("timeout") && !self.mistake("timeout above the interval")
            {
                SHORT
            } else if name_of(path).to_lowercase().contains("timeout") {
                LONG
            } else if self.random.chance(3) {
                &["0", "0s", ""]
            } else {
                LONG
            }
        } else if pattern.contains("[.])?[0-9]+((K|M") {
            SIZES
        } else if pattern.contains("socks5") {
            &["http://proxy.example:3128", "socks5://proxy:1080", "https://user@proxy.example/x"]
        } else if pattern.contains("json") {
            &["/etc/prometheus/targets/*.json", "targets.yml", "/x/a*.yaml"]
        } else if pattern.starts_with("^[a-zA-Z]") {
            &["tcp://docker.example:2375", "unix:///var/run/docker.sock", "http://docker:2375"]
        } else if pattern.contains("://") {
            if self.mistake("URL nobody can read") {
                &["http://a b", "http://[::1", "https://%zz"]
            } else {
                &["http://service.example:8080/path", "https://service.example", "http://10.0.0.1:80"]
            }
        } else {
            &["abc-1"]
        };
        (*self.random.pick(choices)).to_owned()
    }

    fn scrape_class(&mut self) -> String {
        if self.mistake("scrape class nobody has") {
            return "nobody".to_owned();
        }
        self.random.pick(&self.setting.classes).clone()
    }

    fn namespace_name(&mut self) -> String {
        match self.random.below(8) {
            0 => "elsewhere".to_owned(),
            _ => self.random.pick(&self.setting.namespaces).name.clone(),
        }
    }

    /// Keys of a map.
    pub(super) fn map_keys(&mut self, path: &str) -> Vec<String> {
        let names: &[&str] = match name_of(path) {
            "labels" | "externalLabels" if self.mistake("label that is no name") => &["a-b", "1a", "\u{fc}"],
            "labels" => &["team", "namespace", "job", "x1"],
            "externalLabels" => &["cluster", "prometheus", "region", "replica"],
            "params" | "endpointParams" => &["module", "target", "match[]"],
            "proxyConnectHeader" | "headers" => &["Proxy-Authorization", "X-A"],
            "nodeMeta" => &["rack", "0123", "yes"],
            _ => TEAMS,
        };
        names.iter().map(ToString::to_string).collect()
    }
}
