//! The namespaces of a world, and what its objects can refer to.

use super::random::Random;

/// Names that selectors, labels and monitors of all worlds are made of.
pub(super) const TEAMS: &[&str] = &["shop", "infra", "a.b", "x"];
pub(super) const APPS: &[&str] = &["api", "web", "db", "etcd", "a-b"];
pub(super) const PORTS: &[&str] = &["metrics", "web", "http", "telemetry", "grpc"];
/// Keys of labels: some become one name when they are sanitised.
pub(super) const KEYS: &[&str] =
    &["app", "team", "tier", "app.kubernetes.io/name", "a.b", "a-b", "a/b", "0start", "zone"];
pub(super) const TIERS: &[&str] = &["front", "back", "a.b", "1", "true", ""];

/// What a key of a Secret or ConfigMap holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Any text: a user's name, a password, a token.
    Text,
    /// A certificate of an authority.
    Authority,
    /// The certificate of a pair, by the pair's number.
    Certificate(usize),
    /// The key of a pair.
    Key(usize),
    /// Nothing at all.
    Empty,
    /// Text that looks like PEM and is not.
    Broken,
    /// A list of scrape configurations.
    ScrapeConfigs,
    /// Text where such a list is expected.
    NoScrapeConfigs,
}

/// A key that can be referred to.
#[derive(Debug, Clone)]
pub(super) struct Credential {
    pub(super) namespace: usize,
    pub(super) in_secret: bool,
    pub(super) name: String,
    pub(super) key: String,
    pub(super) content: Content,
}

/// A namespace.
#[derive(Debug, Clone)]
pub(super) struct Namespace {
    pub(super) name: String,
    pub(super) labels: Vec<(String, String)>,
}

/// Everything a world's objects can refer to.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    /// `w17`: what its names begin with, and the value of the label `world` of its namespaces.
    pub(super) prefix: String,
    pub(super) namespaces: Vec<Namespace>,
    pub(super) credentials: Vec<Credential>,
    /// Scrape classes that some Prometheus of the world has.
    pub(super) classes: Vec<String>,
}

impl Setting {
    pub(super) fn new(seed: u64, random: &mut Random) -> Self {
        let prefix = format!("w{seed}");
        let suffixes = random.several(&["mon", "app", "app-x", "app-x-y", "db", "0"], 3);
        let namespaces = suffixes
            .iter()
            .map(|suffix| {
                let mut labels = vec![("world".to_owned(), prefix.clone())];
                if random.chance(70) {
                    labels.push(("team".to_owned(), (*random.pick(TEAMS)).to_owned()));
                }
                if random.chance(40) {
                    labels.push(("tier".to_owned(), (*random.pick(TIERS)).to_owned()));
                }
                Namespace { name: format!("{prefix}-{suffix}"), labels }
            })
            .collect();
        Self {
            prefix,
            namespaces,
            credentials: Vec::new(),
            classes: vec!["plain".into(), "secure".into(), "a.b".into()],
        }
    }

    /// What can be referred to from a namespace.
    pub(super) fn of_namespace(
        &self,
        namespace: usize,
        fits: impl Fn(&Credential) -> bool,
    ) -> Vec<&Credential> {
        self.credentials.iter().filter(|one| one.namespace == namespace && fits(one)).collect()
    }
}
