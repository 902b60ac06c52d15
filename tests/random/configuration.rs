//! Configurations of Prometheus: as people and the operator write them, with mistakes, and with what is easy to get wrong.

use promwire::source::{Mapping, Ordered};

use super::{Random, patterns, relabelling};

type Made = Ordered;

/// The name of a field, and how it is made.
type Field = (&'static str, fn(&mut Random) -> Made);

fn text(value: impl Into<String>) -> Made {
    Ordered::from(value.into())
}

fn one(random: &mut Random, values: &[&str]) -> Made {
    text(random.pick(values))
}

/// Mostly what is right.
/// A list that is rarely empty.
fn filled(random: &mut Random, most: usize, item: impl FnMut(&mut Random) -> Made) -> Made {
    let most = if random.one_in(50) { 0 } else { most };
    let mut item = item;
    Ordered::List((0..most.min(1 + random.below(most + 1))).map(|_| item(random)).collect())
}

fn mostly(random: &mut Random, right: &[&str], wrong: &[&str]) -> Made {
    if random.one_in(60) { one(random, wrong) } else { one(random, right) }
}

fn list(random: &mut Random, most: usize, mut item: impl FnMut(&mut Random) -> Made) -> Made {
    Ordered::List((0..random.below(most + 1)).map(|_| item(random)).collect())
}

const DURATIONS: &[&str] = &["30s", "1m", "15s", "10s", "1m30s", "5s", "0s", "0", "2h", "500ms", "1d", "90d"];
const ODD_DURATIONS: &[&str] = &["", "5", "1x", "1s1m", "-1s", "1.5m", "300y", " 5s"];
const URLS: &[&str] = &[
    "http://api:8080",
    "https://10.0.0.1:6443/x",
    "http://user:secret@host/",
    "unix:///var/run/docker.sock",
    "http://a/b?c=d",
];
const ODD_URLS: &[&str] = &["", ":a", "http://a b", "http://a:b", "1:2", "ftp://x", "http://", "host"];
const NAMES: &[&str] = &["a", "b", "job", "team", "__x", "__address__", "env", "_"];
const ODD_NAMES: &[&str] = &["", "9a", "a-b", "é", "a.b"];
const SELECTORS: &[&str] = &["", "a=b", "app in (x,y)", "!a", "a", "app.kubernetes.io/name=x"];
const ODD_SELECTORS: &[&str] = &["a in b", "=a", "a=b c"];
const FIELD_SELECTORS: &[&str] = &["", "metadata.name=x", "spec.nodeName=$(NODE_NAME)"];
const ODD_FIELD_SELECTORS: &[&str] = &["abc", "a=b=c", "a=\\x"];

fn duration(random: &mut Random) -> Made {
    if random.one_in(60) { one(random, ODD_DURATIONS) } else { one(random, DURATIONS) }
}

fn url(random: &mut Random) -> Made {
    if random.one_in(40) { one(random, ODD_URLS) } else { one(random, URLS) }
}

fn number(random: &mut Random) -> Made {
    Ordered::Int(i64::try_from(random.below(5000)).unwrap())
}

fn flag(random: &mut Random) -> Made {
    Ordered::Bool(random.one_in(2))
}

fn label_name(random: &mut Random) -> String {
    if random.one_in(300) { random.pick(ODD_NAMES) } else { random.pick(NAMES) }.to_owned()
}

fn map(random: &mut Random, most: usize, value: impl Fn(&mut Random) -> Made) -> Made {
    let mut map = Mapping::new();
    for _ in 0..random.below(most + 1) {
        let name = label_name(random);
        if map.get(&name).is_none() || random.one_in(20) {
            let value = value(random);
            map.push(name, value);
        }
    }
    map.into()
}

/// Adds some fields, each rarely.
fn some(random: &mut Random, to: &mut Mapping, fields: &[Field], rarity: usize) {
    for (name, make) in fields {
        if random.one_in(rarity) {
            let made = make(random);
            to.push(*name, made);
        }
    }
}

fn path(random: &mut Random) -> Made {
    one(random, &["/etc/prometheus/certs/0_a_tls_ca.crt", "/a/b", "x.pem", ""])
}

fn tls(random: &mut Random) -> Made {
    let mut tls = Mapping::new();
    some(
        random,
        &mut tls,
        &[
            ("ca_file", path),
            ("insecure_skip_verify", flag),
            ("server_name", |random| one(random, &["api", ""])),
            ("min_version", |random| mostly(random, &["TLS12", "TLS13"], &["TLS9", "1.2"])),
        ],
        3,
    );
    if random.one_in(3) {
        tls.push("cert_file", path(random));
        tls.push("key_file", path(random));
    }
    some(random, &mut tls, &[("ca", path), ("cert", path), ("key", path), ("key_ref", path)], 60);
    tls.into()
}

fn basic_auth(random: &mut Random) -> Made {
    let mut auth = Mapping::new();
    some(random, &mut auth, &[("username", path), ("password", path)], 2);
    some(
        random,
        &mut auth,
        &[("username_file", path), ("password_file", path), ("password_ref", path), ("user", path)],
        60,
    );
    auth.into()
}

fn authorization(random: &mut Random) -> Made {
    let mut auth = Mapping::new();
    some(
        random,
        &mut auth,
        &[
            ("type", |random| mostly(random, &["Bearer", "", "Token"], &["Basic", " basic "])),
            ("credentials", path),
        ],
        2,
    );
    some(random, &mut auth, &[("credentials_file", path), ("credentials_ref", path)], 12);
    auth.into()
}

fn oauth2(random: &mut Random) -> Made {
    let mut auth = Mapping::new();
    auth.push("client_id", path(random));
    if !random.one_in(12) {
        auth.push("token_url", url(random));
    }
    some(
        random,
        &mut auth,
        &[
            ("client_secret", path),
            ("scopes", |random| list(random, 2, path)),
            ("endpoint_params", |random| map(random, 2, path)),
            ("tls_config", tls),
        ],
        3,
    );
    some(
        random,
        &mut auth,
        &[
            ("client_secret_file", path),
            ("grant_type", |random| {
                one(random, &["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"])
            }),
            ("signature_algorithm", |random| one(random, &["RS256", "HS1"])),
            ("proxy_url", url),
            ("no_proxy", path),
        ],
        10,
    );
    auth.into()
}

fn http(random: &mut Random, to: &mut Mapping, rarity: usize) {
    some(
        random,
        to,
        &[
            ("tls_config", tls),
            ("follow_redirects", flag),
            ("enable_http2", flag),
            ("basic_auth", basic_auth),
            ("authorization", authorization),
            ("oauth2", oauth2),
            ("bearer_token", path),
            ("bearer_token_file", path),
            ("proxy_url", url),
            ("no_proxy", path),
            ("proxy_from_environment", flag),
            ("proxy_connect_header", |random| map(random, 1, |random| list(random, 2, path))),
        ],
        rarity,
    );
    if random.one_in(rarity * 3) {
        let name = random.pick(&["X-Tenant", "x", "X-B", "authorization", "HOST", "a b", "x-amz-date"]);
        let header = Mapping::new().with("values", vec![text("x")]);
        to.push("http_headers", Mapping::new().with(name.to_owned(), header));
    }
}

fn rule(random: &mut Random) -> Made {
    if random.one_in(300) {
        return Ordered::Null;
    }
    let config = if random.one_in(15) {
        relabelling::config(random)
    } else {
        // One that is right.
        let mut config = promwire::prom::relabel::Config {
            source_labels: Some(vec![random.pick(&["__address__", "job", "a"]).to_owned()]),
            target_label: Some(random.pick(&["instance", "x", "${1}_y"]).to_owned()),
            ..Default::default()
        };
        if random.one_in(3) {
            config.regex = Some(patterns::real(random).to_owned());
        }
        config
    };
    let mut rule = Mapping::new();
    let names = |names: Vec<String>| Ordered::List(names.into_iter().map(Ordered::from).collect());
    rule.push_some("source_labels", config.source_labels.map(names));
    rule.push_some("separator", config.separator);
    rule.push_some("target_label", config.target_label);
    rule.push_some("regex", config.regex);
    if config.modulus != 0 {
        rule.push("modulus", Ordered::Uint(config.modulus));
    }
    rule.push_some("replacement", config.replacement);
    rule.push_some("action", config.action);
    rule.into()
}

fn rules(random: &mut Random) -> Made {
    list(random, 3, rule)
}

fn static_config(random: &mut Random) -> Made {
    let mut group = Mapping::new();
    if !random.one_in(10) {
        group.push(
            "targets",
            list(random, 3, |random| {
                mostly(random, &["a:80", "10.0.0.1", "[::1]:9100", "localhost:9090", ""], &["http://x/y"])
            }),
        );
    }
    some(random, &mut group, &[("labels", |random| map(random, 3, path))], 2);
    group.into()
}

const ROLES: &[&str] = &["pod", "service", "endpoints", "endpointslice", "node", "ingress"];

fn role(random: &mut Random) -> Made {
    if random.one_in(30) { one(random, &["", "Pod", "endpoint"]) } else { one(random, ROLES) }
}

fn kubernetes(random: &mut Random) -> Made {
    let mut sd = Mapping::new();
    if !random.one_in(30) {
        sd.push("role", role(random));
    }
    some(
        random,
        &mut sd,
        &[
            ("namespaces", |random| {
                let mut names = Mapping::new();
                some(
                    random,
                    &mut names,
                    &[("names", |random| list(random, 3, path)), ("own_namespace", flag)],
                    2,
                );
                names.into()
            }),
            ("selectors", |random| {
                let most = if random.one_in(8) { 2 } else { 1 };
                list(random, most, |random| {
                    let of = if random.one_in(4) { role(random) } else { one(random, &["pod"]) };
                    let mut selector = Mapping::new().with("role", of);
                    some(
                        random,
                        &mut selector,
                        &[
                            ("label", |random| mostly(random, SELECTORS, ODD_SELECTORS)),
                            ("field", |random| mostly(random, FIELD_SELECTORS, ODD_FIELD_SELECTORS)),
                        ],
                        2,
                    );
                    selector.into()
                })
            }),
            ("attach_metadata", |random| {
                let mut attach = Mapping::new();
                some(
                    random,
                    &mut attach,
                    &[
                        ("node", flag),
                        ("namespace", flag),
                        ("deployment", flag),
                        ("job", flag),
                        ("cronjob", flag),
                    ],
                    3,
                );
                attach.into()
            }),
        ],
        3,
    );
    some(random, &mut sd, &[("api_server", url)], 15);
    some(random, &mut sd, &[("kubeconfig_file", path)], 60);
    http(random, &mut sd, 400);
    sd.into()
}

fn http_sd(random: &mut Random) -> Made {
    let mut sd = Mapping::new();
    if !random.one_in(20) {
        sd.push("url", url(random));
    }
    some(random, &mut sd, &[("refresh_interval", duration)], 3);
    http(random, &mut sd, 60);
    sd.into()
}

fn file_sd(random: &mut Random) -> Made {
    let files = filled(random, 3, |random| {
        mostly(random, &["a.json", "/x/*.yml", "*.YAML", "x*y*.json"], &["a/*/b.json", "a.txt"])
    });
    Mapping::new().with("files", files).into()
}

/// A discovery of some other mechanism: the fields it needs, and now and then one less or one more.
fn other(random: &mut Random, to: &mut Mapping) {
    const MECHANISMS: &[(&str, &[(&str, &str)])] = &[
        ("consul_sd_configs", &[("server", "a:8500"), ("token", ""), ("datacenter", "x")]),
        ("dns_sd_configs", &[("names", "[]"), ("type", "A"), ("port", "80")]),
        ("ec2_sd_configs", &[("region", "eu"), ("port", "80"), ("access_key", "x")]),
        ("azure_sd_configs", &[("subscription_id", "x"), ("authentication_method", "ManagedIdentity")]),
        ("gce_sd_configs", &[("project", "x"), ("zone", "y")]),
        ("openstack_sd_configs", &[("role", "instance"), ("region", "x"), ("availability", "public")]),
        ("digitalocean_sd_configs", &[("port", "80")]),
        ("kuma_sd_configs", &[("server", "http://x:1")]),
        ("eureka_sd_configs", &[("server", "http://x:1")]),
        ("docker_sd_configs", &[("host", "unix:///x"), ("match_first_network", "true")]),
        ("dockerswarm_sd_configs", &[("host", "unix:///x"), ("role", "nodes")]),
        ("linode_sd_configs", &[("region", "x")]),
        ("hetzner_sd_configs", &[("role", "robot")]),
        ("nomad_sd_configs", &[("server", "http://x"), ("allow_stale", "false")]),
        ("puppetdb_sd_configs", &[("url", "http://x"), ("query", "y")]),
        ("lightsail_sd_configs", &[("region", "x")]),
        (
            "ovhcloud_sd_configs",
            &[
                ("application_key", "a"),
                ("application_secret", "b"),
                ("consumer_key", "c"),
                ("service", "vps"),
            ],
        ),
        ("ionos_sd_configs", &[("datacenter_id", "x")]),
        ("marathon_sd_configs", &[("servers", "[]"), ("auth_token", "x")]),
        ("serverset_sd_configs", &[("servers", "[]"), ("paths", "[]")]),
        ("nerve_sd_configs", &[("servers", "[]"), ("paths", "[]")]),
        ("triton_sd_configs", &[("account", "a"), ("dns_suffix", "b"), ("endpoint", "c"), ("role", "cn")]),
        ("uyuni_sd_configs", &[("server", "http://x"), ("username", "a"), ("password", "b")]),
        ("vultr_sd_configs", &[("port", "80")]),
        ("stackit_sd_configs", &[("project", "x"), ("region", "y")]),
        ("outscale_sd_configs", &[("region", "x"), ("access_key", "a"), ("secret_key", "b")]),
        ("aws_sd_configs", &[("role", "ec2"), ("region", "x")]),
        ("ecs_sd_configs", &[("region", "x")]),
        ("rds_sd_configs", &[("region", "x")]),
    ];
    let (field, needed) = MECHANISMS[random.below(MECHANISMS.len())];
    let mut sd = Mapping::new();
    for (name, value) in needed {
        // Without a region Amazon's own service is asked.
        if random.one_in(80) && *name != "region" {
            continue;
        }
        let value = match *value {
            "[]" => filled(random, 2, |random| mostly(random, &["/a", "/_x._tcp.y"], &["b"])),
            "80" => number(random),
            "true" | "false" => flag(random),
            _ if random.one_in(80) && *name != "region" => {
                one(random, &["", "x", "http://", ":a", "unknown"])
            }
            value => text(value),
        };
        sd.push((*name).to_owned(), value);
    }
    some(random, &mut sd, &[("refresh_interval", duration)], 5);
    http(random, &mut sd, 100);
    to.push(field, vec![Ordered::from(sd)]);
}

fn protocols(random: &mut Random) -> Made {
    list(random, 3, |random| {
        mostly(
            random,
            &["PrometheusProto", "OpenMetricsText1.0.0", "PrometheusText0.0.4", "OpenMetricsText0.0.1"],
            &["prometheusproto", "x"],
        )
    })
}

const LIMITS: &[Field] = &[
    ("body_size_limit", |random| {
        mostly(random, &["15MB", "1.5GiB", "0", "10B", "-1KB"], &["5", "x", "1kB", "9999999999999999999B"])
    }),
    ("sample_limit", number),
    ("target_limit", number),
    ("label_limit", number),
    ("label_name_length_limit", number),
    ("label_value_length_limit", number),
    ("keep_dropped_targets", number),
];

const NAMING: &[Field] = &[
    ("metric_name_validation_scheme", |random| mostly(random, &["legacy", "utf8", ""], &["Legacy"])),
    ("metric_name_escaping_scheme", |random| {
        mostly(random, &["allow-utf-8", "underscores", "dots", "values", ""], &["x"])
    }),
];

const HISTOGRAMS: &[Field] = &[
    ("scrape_native_histograms", flag),
    ("convert_classic_histograms_to_nhcb", flag),
    ("always_scrape_classic_histograms", flag),
];

fn job(random: &mut Random, index: usize) -> Made {
    if random.one_in(200) {
        return Ordered::Null;
    }
    let mut job = Mapping::new();
    if !random.one_in(100) {
        let name = if random.one_in(60) { "job-0".to_owned() } else { format!("job-{index}") };
        job.push("job_name", text(name));
    }
    some(random, &mut job, &[("scrape_interval", duration), ("scrape_timeout", duration)], 4);
    some(
        random,
        &mut job,
        &[
            ("honor_labels", flag),
            ("honor_timestamps", flag),
            ("metrics_path", |random| one(random, &["/metrics", "", "/federate?x=y"])),
            ("scheme", |random| one(random, &["http", "https", "", "x"])),
            ("params", |random| {
                map(random, 2, |random| list(random, 2, |random| one(random, &["a", "", "{job=\"x\"}"])))
            }),
            ("track_timestamps_staleness", flag),
            ("enable_compression", flag),
        ],
        5,
    );
    some(random, &mut job, LIMITS, 10);
    some(random, &mut job, NAMING, 25);
    some(random, &mut job, HISTOGRAMS, 12);
    some(
        random,
        &mut job,
        &[
            ("scrape_protocols", protocols),
            ("fallback_scrape_protocol", |random| mostly(random, &["PrometheusText0.0.4", ""], &["x"])),
            ("native_histogram_bucket_limit", number),
            ("native_histogram_min_bucket_factor", |random| {
                Ordered::from(0.5 + f64::from(u8::try_from(random.below(9)).unwrap()))
            }),
        ],
        20,
    );
    http(random, &mut job, 120);
    some(
        random,
        &mut job,
        &[
            ("static_configs", |random| list(random, 2, static_config)),
            ("kubernetes_sd_configs", |random| list(random, 2, kubernetes)),
        ],
        2,
    );
    some(
        random,
        &mut job,
        &[
            ("http_sd_configs", |random| list(random, 2, http_sd)),
            ("file_sd_configs", |random| list(random, 2, file_sd)),
        ],
        10,
    );
    if random.one_in(5) {
        other(random, &mut job);
    }
    some(random, &mut job, &[("relabel_configs", rules), ("metric_relabel_configs", rules)], 3);
    job.into()
}

fn global(random: &mut Random) -> Made {
    let mut global = Mapping::new();
    some(
        random,
        &mut global,
        &[
            ("scrape_interval", duration),
            ("scrape_timeout", duration),
            ("evaluation_interval", duration),
            ("external_labels", |random| map(random, 3, path)),
        ],
        3,
    );
    some(random, &mut global, LIMITS, 20);
    some(random, &mut global, NAMING, 20);
    some(random, &mut global, HISTOGRAMS, 12);
    some(random, &mut global, &[("scrape_protocols", protocols), ("query_log_file", path)], 20);
    global.into()
}

fn alerting(random: &mut Random) -> Made {
    let mut alerting = Mapping::new();
    some(random, &mut alerting, &[("alert_relabel_configs", rules)], 3);
    let alertmanagers = list(random, 2, |random| {
        let mut alertmanager = Mapping::new();
        some(
            random,
            &mut alertmanager,
            &[
                ("scheme", |random| one(random, &["http", "https"])),
                ("path_prefix", path),
                ("timeout", duration),
                ("api_version", |random| mostly(random, &["v2"], &["v1"])),
                ("relabel_configs", rules),
                ("static_configs", |random| list(random, 2, static_config)),
                ("kubernetes_sd_configs", |random| list(random, 1, kubernetes)),
            ],
            4,
        );
        http(random, &mut alertmanager, 20);
        alertmanager.into()
    });
    alerting.push("alertmanagers", alertmanagers);
    alerting.into()
}

fn remote(random: &mut Random, is_write: bool) -> Made {
    let mut remote = Mapping::new();
    if !random.one_in(25) {
        remote.push("url", url(random));
    }
    some(
        random,
        &mut remote,
        &[
            ("name", |random| one(random, &["a", "b", ""])),
            ("remote_timeout", duration),
            ("headers", |random| {
                let name = random.pick(&["X-A", "Authorization", "Host", "x"]);
                Mapping::new().with(name.to_owned(), text("y")).into()
            }),
        ],
        4,
    );
    if is_write {
        some(
            random,
            &mut remote,
            &[
                ("write_relabel_configs", rules),
                ("send_exemplars", flag),
                ("queue_config", |random| {
                    let mut queue = Mapping::new();
                    some(
                        random,
                        &mut queue,
                        &[
                            ("capacity", number),
                            ("max_shards", number),
                            ("min_shards", number),
                            ("min_backoff", duration),
                            ("max_backoff", duration),
                        ],
                        3,
                    );
                    queue.into()
                }),
            ],
            5,
        );
        some(
            random,
            &mut remote,
            &[
                ("protobuf_message", |random| one(random, &["prometheus.WriteRequest", "x"])),
                ("sigv4", |random| {
                    let mut sigv4 = Mapping::new();
                    some(
                        random,
                        &mut sigv4,
                        &[("region", path), ("access_key", path), ("secret_key", path), ("role_arn", path)],
                        2,
                    );
                    sigv4.into()
                }),
                ("azuread", |random| {
                    let client = one(random, &["00000000-0000-0000-0000-000000000000", "x", ""]);
                    let mut azure = Mapping::new();
                    azure.push("cloud", one(random, &["AzurePublic", ""]));
                    let method = random.pick(&["managed_identity", "sdk", "oauth"]).to_owned();
                    azure.push(method, Mapping::new().with("client_id", client));
                    azure.into()
                }),
            ],
            15,
        );
    } else {
        some(
            random,
            &mut remote,
            &[("read_recent", flag), ("required_matchers", |random| map(random, 2, path))],
            4,
        );
    }
    http(random, &mut remote, 20);
    remote.into()
}

/// A whole configuration; about half of them have a mistake.
pub(crate) fn configuration(random: &mut Random) -> String {
    let mut config = Mapping::new();
    some(random, &mut config, &[("global", global)], 2);
    let jobs = (0..random.below(5)).map(|index| job(random, index)).collect();
    config.push("scrape_configs", Ordered::List(jobs));
    some(
        random,
        &mut config,
        &[
            ("alerting", alerting),
            ("remote_write", |random| list(random, 2, |random| remote(random, true))),
            ("remote_read", |random| list(random, 2, |random| remote(random, false))),
            ("rule_files", |random| list(random, 2, |random| one(random, &["a.yml", "/x/*.yaml", "*/x"]))),
            ("storage", |random| {
                let size = one(random, &["1GB", "x"]);
                let retention = Mapping::new().with("time", duration(random)).with("size", size);
                Mapping::new().with("tsdb", Mapping::new().with("retention", retention)).into()
            }),
            ("otlp", |random| {
                let attributes = list(random, 3, |random| one(random, &["a", "b", " a ", ""]));
                let mut otlp = Mapping::new().with("promote_resource_attributes", attributes);
                some(
                    random,
                    &mut otlp,
                    &[("translation_strategy", |random| one(random, &["NoTranslation", "x", ""]))],
                    3,
                );
                otlp.into()
            }),
            ("tracing", |random| {
                let mut tracing = Mapping::new().with("endpoint", path(random));
                some(
                    random,
                    &mut tracing,
                    &[
                        ("client_type", |random| one(random, &["http", "grpc", "x"])),
                        ("sampling_fraction", number),
                        ("compression", |random| one(random, &["gzip", "x", ""])),
                    ],
                    3,
                );
                tracing.into()
            }),
            ("runtime", |random| Mapping::new().with("gogc", number(random)).into()),
        ],
        12,
    );
    let mut config = Ordered::from(config);
    for _ in 0..[0, 0, 0, 0, 0, 0, 0, 1, 1, 2][random.below(10)] {
        mutate(random, &mut config);
    }
    spelled(random, config.to_yaml())
}

/// Changes one thing somewhere.
fn mutate(random: &mut Random, value: &mut Ordered) {
    // Deep places are as likely as others.
    if !random.one_in(4) {
        match value {
            Ordered::List(items) if !items.is_empty() => {
                let at = random.below(items.len());
                return mutate(random, &mut items[at]);
            }
            Ordered::Map(map) if !map.is_empty() => {
                let keys: Vec<String> = map.entries().map(|(key, _)| key.to_owned()).collect();
                let key = &keys[random.below(keys.len())];
                // What AWS has to be asked is not for a test.
                if key != "region"
                    && let Some(value) = map.get_mut(key)
                {
                    return mutate(random, value);
                }
            }
            _ => {}
        }
    }
    let entries = match value {
        Ordered::Map(map) => map.entries().map(|(key, value)| (key.to_owned(), value.clone())).collect(),
        _ => Vec::new(),
    };
    match random.below(8) {
        0 if !entries.is_empty() => {
            let keep = random.below(entries.len());
            let kept = entries.into_iter().enumerate();
            let kept = kept.filter(|(at, (key, _))| *at != keep || key == "region").map(|(_, entry)| entry);
            *value = Ordered::Map(kept.collect());
        }
        1 | 2 if !entries.is_empty() => {
            let twice = entries[random.below(entries.len())].clone();
            *value = Ordered::Map(entries.into_iter().chain([twice]).collect());
        }
        3 | 4 if matches!(value, Ordered::Map(_)) => {
            let name = random.pick(&["nonsense", "scrape_intervall", "Role", "targets", "yes", "8080", "~"]);
            let more = (name.to_owned(), text("x"));
            *value = Ordered::Map(entries.into_iter().chain([more]).collect());
        }
        _ => *value = odd(random),
    }
}

/// A value that fits few fields.
fn odd(random: &mut Random) -> Ordered {
    match random.below(10) {
        0 | 1 => Ordered::Null,
        2 => Ordered::Bool(random.one_in(2)),
        3 => number(random),
        4 => Ordered::Int(-1),
        5 => Ordered::from(1.5),
        6 => Ordered::List(vec![text("x")]),
        7 => Mapping::new().with("x", text("y")).into(),
        8 => Ordered::List(Vec::new()),
        _ => one(random, &["", "x", "a longer text", "é", "1e3"]),
    }
}

/// Scalars in other spellings, which Go reads otherwise than other YAML.
fn spelled(random: &mut Random, yaml: String) -> String {
    if !random.one_in(4) {
        return yaml;
    }
    let spellings: &[(&str, &str)] = &[
        (": true\n", ": yes\n"),
        (": false\n", ": off\n"),
        (": null\n", ": ~\n"),
        (": null\n", ":\n"),
        (": x\n", ": 'x'\n"),
        (": 1m\n", ": \"1m\"\n"),
        (": 0\n", ": 00\n"),
        (": 1\n", ": 0x10\n"),
        (": 30s\n", ": 30\n"),
        (": a\n", ": 0123\n"),
        (": web\n", ": 1e3\n"),
        (": b\n", ": 12:30\n"),
        ("- a\n", "- on\n"),
        (": {}\n", ":\n"),
    ];
    let (from, to) = spellings[random.below(spellings.len())];
    yaml.replace(from, to)
}
