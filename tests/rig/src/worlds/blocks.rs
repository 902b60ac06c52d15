//! Blocks whose properties belong together: references, TLS, who one is, proxies, selectors.

use std::collections::BTreeSet;

use generated_crds::schema::Node;
use serde_json::{Map, Value, json};

use super::maker::{Maker, name_of};
use super::setting::{APPS, Content, Credential, KEYS, TEAMS, TIERS};

/// Ways to say who one is, of which a target takes one.
const IDENTITIES: &[&str] = &[
    "authorization",
    "basicAuth",
    "bearerTokenSecret",
    "oauth2",
    "sigv4",
    "azureAd",
    "bearerTokenFile",
    "bearerToken",
];

fn has(node: &Node, names: &[&str]) -> bool {
    names.iter().all(|name| node.properties.contains_key(*name))
}

impl Maker<'_> {
    /// An object: by what its properties say together, or property by property.
    pub(super) fn block(&mut self, node: &'static Node, path: &str) -> Value {
        if has(node, &["key", "name", "optional"]) {
            return self.reference(path);
        }
        if has(node, &["matchExpressions", "matchLabels"]) {
            return self.selector(path);
        }
        if has(node, &["sourceLabels", "targetLabel", "action"]) {
            return self.rule(path);
        }
        let mut chosen = self.choose(node, path);
        if node.properties.len() == 2 && has(node, &["secret", "configMap"]) {
            if chosen.is_empty() {
                chosen.insert(if self.random.chance(50) { "secret" } else { "configMap" });
            }
            if !self.mistake("secret and ConfigMap") {
                self.only_one(&mut chosen, path, &["secret", "configMap"]);
            }
        }
        if has(node, &["insecureSkipVerify"]) {
            return self.tls(node, path, chosen);
        }
        self.belonging(node, path, &mut chosen);
        let mut made = self.filled(node, path, &chosen);
        self.consistent(path, &mut made);
        Value::Object(made)
    }

    /// Takes out what excludes each other, and adds what something needs.
    fn belonging(&mut self, node: &'static Node, path: &str, chosen: &mut BTreeSet<&'static str>) {
        let demanded = IDENTITIES.iter().find(|name| node.required.iter().any(|required| required == *name));
        if let Some(demanded) = demanded {
            chosen.retain(|name| {
                name == demanded || !IDENTITIES.contains(name) || self.is_wanted(&format!("{path}.{name}"))
            });
        } else if path == "spec" && has(node, &["staticConfigs"]) {
            // Of a ScrapeConfig the API server refuses two.
            self.only_one(chosen, path, IDENTITIES);
        } else if !self.mistake("two identities") {
            self.only_one(chosen, path, IDENTITIES);
        }
        if has(node, &["proxyUrl", "proxyFromEnvironment"]) && !self.mistake("proxy settings that do not fit")
        {
            let from_environment = chosen.contains("proxyFromEnvironment") && self.random.chance(60);
            let wants_url =
                ["proxyUrl", "noProxy"].iter().any(|name| self.is_wanted(&format!("{path}.{name}")));
            if from_environment && !wants_url {
                chosen.remove("proxyUrl");
                chosen.remove("noProxy");
            } else if ["noProxy", "proxyConnectHeader", "proxyFromEnvironment"]
                .iter()
                .any(|name| chosen.contains(name))
            {
                chosen.insert("proxyUrl");
            }
        }
        if has(node, &["externalId", "roleArn"]) && chosen.contains("externalId") {
            chosen.insert("roleArn");
        }
        if has(node, &["authenticationMethod", "tenantID"]) && !self.mistake("Azure without identity") {
            chosen.extend(["tenantID", "clientID", "clientSecret"]);
        }
        if has(node, &["names", "refreshInterval", "type", "port"]) && !self.mistake("DNS without port") {
            chosen.insert("port");
        }
        if name_of(path) == "authorization" && !self.mistake("authorization without credentials") {
            let by_file = chosen.contains("credentialsFile") && !self.mistake("credentials twice");
            if by_file && !self.is_wanted(&format!("{path}.credentials")) {
                chosen.remove("credentials");
            } else {
                chosen.remove("credentialsFile");
                chosen.insert("credentials");
            }
        }
        if name_of(path) == "basicAuth" && !self.mistake("basicAuth by half") {
            chosen.extend(["username", "password"]);
        }
        if has(node, &["accessKey", "secretKey"])
            && (chosen.contains("accessKey") || chosen.contains("secretKey"))
        {
            chosen.extend(["accessKey", "secretKey"]);
        }
        if has(node, &["apiServer", "role"]) {
            // Prometheus wants to know the server where it is told how to reach it.
            let settings = ["basicAuth", "authorization", "oauth2", "tlsConfig", "proxyUrl"];
            if settings.iter().any(|name| chosen.contains(name)) && self.random.chance(80) {
                chosen.insert("apiServer");
            }
        }
    }

    /// Makes values that are there agree with each other.
    fn consistent(&mut self, path: &str, made: &mut Map<String, Value>) {
        if made.get("proxyFromEnvironment").is_some_and(|value| value == true)
            && made.contains_key("proxyUrl")
            && !self.mistake("proxy of both")
        {
            made.insert("proxyFromEnvironment".to_owned(), json!(false));
        }
        let own_namespace =
            made.get("namespaces").is_some_and(|namespaces| namespaces["ownNamespace"] == true);
        if own_namespace && made.contains_key("apiServer") && !self.mistake("own namespace of another server")
        {
            made["namespaces"]["ownNamespace"] = json!(false);
        }
        if let (Some(role), Some(selectors)) = (made.get("role").cloned(), made.get_mut("selectors"))
            && path.ends_with("kubernetesSDConfigs[]")
        {
            self.fitting_roles(&role, selectors);
        }
    }

    /// Selectors of a discovery are of roles that its role allows.
    fn fitting_roles(&mut self, role: &Value, selectors: &mut Value) {
        if self.mistake("selector of another role") {
            return;
        }
        let roles: &[&str] = match role.as_str().unwrap_or_default() {
            "Endpoints" => &["Pod", "Service", "Endpoints"],
            "EndpointSlice" => &["Pod", "Service", "EndpointSlice"],
            own => &[own],
        };
        let items = selectors.as_array_mut().map(std::mem::take).unwrap_or_default();
        let mut kept: Vec<Value> = Vec::new();
        for mut item in items {
            item["role"] = json!(self.random.pick(roles));
            if !kept.iter().any(|other| other["role"] == item["role"]) {
                kept.push(item);
            }
        }
        *selectors = Value::Array(kept);
    }

    /// A key of a Secret or ConfigMap.
    fn reference(&mut self, path: &str) -> Value {
        let in_secret = name_of(path) != "configMap";
        let owner = path.strip_suffix(".secret").or_else(|| path.strip_suffix(".configMap")).unwrap_or(path);
        let content = match name_of(owner) {
            "ca" => Content::Authority,
            "cert" => Content::Certificate(self.pair),
            "keySecret" => Content::Key(self.pair),
            "additionalScrapeConfigs" if self.mistake("no list of scrape configurations") => {
                Content::NoScrapeConfigs
            }
            "additionalScrapeConfigs" => Content::ScrapeConfigs,
            _ => Content::Text,
        };
        let is_tls = !matches!(content, Content::Text | Content::ScrapeConfigs | Content::NoScrapeConfigs);
        let wrong: Option<fn(&Credential) -> bool> = if is_tls && self.mistake("empty content") {
            Some(|one| one.content == Content::Empty)
        } else if is_tls && self.mistake("broken PEM") {
            Some(|one| one.content == Content::Broken)
        } else if is_tls && self.mistake("key of another pair") {
            Some(|one| matches!(one.content, Content::Key(_) | Content::Certificate(_)))
        } else {
            None
        };
        let setting = self.setting;
        let namespace = self.namespace;
        let fitting = setting.of_namespace(namespace, |one| {
            one.in_secret == in_secret && wrong.map_or(one.content == content, |wrong| wrong(one))
        });
        let elsewhere = || {
            setting
                .credentials
                .iter()
                .filter(|one| one.in_secret == in_secret && one.content == content)
                .collect()
        };
        let candidates: Vec<&Credential> = if fitting.is_empty() { elsewhere() } else { fitting };
        let (mut name, mut key) = match candidates.as_slice() {
            [] => ("absent".to_owned(), "key".to_owned()),
            some => {
                let one = self.random.pick(some);
                (one.name.clone(), one.key.clone())
            }
        };
        if self.mistake("missing object") {
            "absent".clone_into(&mut name);
        } else if self.mistake("missing key") {
            key.push('x');
        }
        let mut made = Map::new();
        made.insert("key".to_owned(), json!(key));
        // Without a name it is the empty one, which nothing has.
        if !self.mistake("reference without a name") {
            made.insert("name".to_owned(), json!(name));
        }
        if self.is_wanted(&format!("{path}.optional")) || self.random.chance(10) {
            made.insert("optional".to_owned(), json!(self.random.chance(50)));
        }
        Value::Object(made)
    }

    fn tls(&mut self, node: &'static Node, path: &str, mut chosen: BTreeSet<&'static str>) -> Value {
        let has_second =
            !self.setting.of_namespace(self.namespace, |one| one.content == Content::Key(1)).is_empty();
        self.pair = usize::from(has_second && self.random.chance(40));
        if !self.mistake("TLS settings that do not fit") {
            self.only_one(&mut chosen, path, &["ca", "caFile"]);
            self.only_one(&mut chosen, path, &["cert", "certFile"]);
            self.only_one(&mut chosen, path, &["keySecret", "keyFile"]);
            let by_file = node.properties.contains_key("keyFile") && self.random.chance(30);
            let has_key = chosen.contains("keySecret") || chosen.contains("keyFile");
            let has_certificate = chosen.contains("cert") || chosen.contains("certFile");
            if has_certificate && !has_key {
                chosen.insert(if by_file { "keyFile" } else { "keySecret" });
            }
            if has_key && !has_certificate {
                chosen.insert(if by_file { "certFile" } else { "cert" });
            }
        }
        let mut made = self.filled(node, path, &chosen);
        let version =
            |made: &Map<String, Value>, name: &str| made.get(name).and_then(Value::as_str).map(str::to_owned);
        if let (Some(least), Some(most)) = (version(&made, "minVersion"), version(&made, "maxVersion"))
            && most < least
            && !self.mistake("TLS versions the wrong way round")
        {
            made.insert("minVersion".to_owned(), json!(most));
            made.insert("maxVersion".to_owned(), json!(least));
        }
        Value::Object(made)
    }

    /// A label selector: of monitors, namespaces, or what is discovered.
    fn selector(&mut self, path: &str) -> Value {
        let name = name_of(path);
        if name.ends_with("NamespaceSelector") {
            return self.namespace_selector(path);
        }
        let mut made = Map::new();
        let wants = |maker: &Self, part: &str| maker.is_wanted(&format!("{path}.{part}"));
        if wants(self, "matchLabels") || self.random.chance(60) {
            let (key, value) = self.label();
            let mut labels = Map::from_iter([(key, json!(value))]);
            if self.random.chance(15) {
                let (key, value) = self.label();
                labels.insert(key, json!(value));
            }
            made.insert("matchLabels".to_owned(), Value::Object(labels));
        }
        if wants(self, "matchExpressions") || self.random.chance(20) {
            let count = self.random.between(1, 2);
            let expressions = (0..count).map(|_| self.expression(path)).collect();
            made.insert("matchExpressions".to_owned(), Value::Array(expressions));
        }
        Value::Object(made)
    }

    /// Mostly of this world: a Prometheus that looks everywhere has the monitors of all worlds on the server.
    fn namespace_selector(&mut self, path: &str) -> Value {
        if self.random.chance(3) {
            return json!({});
        }
        let mut made = Map::new();
        let world = json!(self.setting.prefix);
        let wants = |maker: &Self, part: &str| maker.is_wanted(&format!("{path}.{part}"));
        let by_expression = wants(self, "matchExpressions") || self.random.chance(25);
        if wants(self, "matchLabels") || !by_expression {
            made.insert("matchLabels".to_owned(), json!({"world": world}));
        }
        if by_expression {
            let mut expressions = vec![json!({"key": "world", "operator": "In", "values": [world]})];
            if self.random.chance(50) {
                let operator = *self.random.pick(&["Exists", "DoesNotExist"]);
                expressions.push(json!({"key": self.random.pick(&["team", "tier"]), "operator": operator}));
            }
            if self.random.chance(30) {
                let namespace = &self.random.pick(&self.setting.namespaces).name;
                expressions.push(
                    json!({"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": [namespace]}),
                );
            }
            made.insert("matchExpressions".to_owned(), Value::Array(expressions));
        }
        Value::Object(made)
    }

    fn expression(&mut self, path: &str) -> Value {
        let operators: &[&str] = if self.is_wanted(&format!("{path}.matchExpressions[].values")) {
            &["In", "NotIn"]
        } else {
            &["In", "NotIn", "Exists", "DoesNotExist"]
        };
        let (key, first) = self.label();
        if self.mistake("selector nobody can evaluate") {
            return match self.random.below(5) {
                0 => json!({"key": key, "operator": "Equals", "values": [first]}),
                1 => json!({"key": key, "operator": "In", "values": []}),
                2 => json!({"key": key, "operator": "Exists", "values": ["a"]}),
                3 => json!({"key": "not a key", "operator": "Exists"}),
                _ => json!({"key": key, "operator": "In", "values": ["not a value"]}),
            };
        }
        match *self.random.pick(operators) {
            operator @ ("In" | "NotIn") => {
                let mut values = vec![first];
                if self.random.chance(50) {
                    values.push(self.label().1);
                }
                json!({"key": key, "operator": operator, "values": values})
            }
            operator => json!({"key": key, "operator": operator}),
        }
    }

    /// A label that objects of the worlds may have.
    pub(super) fn label(&mut self) -> (String, String) {
        let key = *self.random.pick(&KEYS[..7]);
        let values: &[&str] = match key {
            "team" => TEAMS,
            "tier" => TIERS,
            _ => APPS,
        };
        (key.to_owned(), (*self.random.pick(values)).to_owned())
    }
}
