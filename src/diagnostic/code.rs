//! The codes of all findings, in one table.

use super::Level;

/// The code of a finding, `PW` and three digits. The first digit is the family:
/// 0 reading, 1 structure, 2 the chain from Prometheus to target, 3 certificates and keys, 4 the operator, 5 Prometheus,
/// 7 configuration, 8 generating, 9 the command line and clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static Entry);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Entry {
    id: &'static str,
    name: &'static str,
    summary: &'static str,
    level: Level,
}

impl Code {
    /// `PW001`.
    pub const fn id(self) -> &'static str {
        self.0.id
    }

    /// The bad pattern in a few words: `unreadable-file`.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// What it means, in a sentence or two.
    pub const fn summary(self) -> &'static str {
        self.0.summary
    }

    /// The level findings of this code have unless something says otherwise.
    pub const fn level(self) -> Level {
        self.0.level
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $constant:ident = $id:literal $name:literal $level:ident;)*) => {
        impl Code {
            $($(#[doc = $doc])* pub const $constant: Self =
                Self(&Entry { id: $id, name: $name, summary: concat!($($doc),*), level: Level::$level });)*

            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$constant),*];
        }
    };
}

codes! {
    /// A file, folder or stream that cannot be read at all.
    UNREADABLE = "PW001" "unreadable-input" Error;
    /// A document that is not YAML as Kubernetes reads it.
    SYNTAX = "PW002" "syntax-error" Error;
    /// A file above the size limit, refused unread, or one with more values or documents than its size justifies.
    TOO_LARGE = "PW003" "input-too-large" Error;
    /// A document that looks like a Helm template that was not rendered.
    TEMPLATE = "PW004" "unrendered-template" Error;
    /// A key that stands twice in one mapping: the last one wins.
    DUPLICATE_KEY = "PW005" "duplicate-key" Warning;
    /// A YAML 1.1 word (`yes`, `off`, …) read as a boolean.
    BOOLEAN_WORD = "PW006" "yaml-1.1-boolean" Warning;
    /// A document that is no Kubernetes object.
    NOT_AN_OBJECT = "PW007" "not-an-object" Info;
    /// One identity with two contents in the input.
    DUPLICATE_OBJECT = "PW008" "duplicate-object" Warning;
    /// Content after the end of a document, which Kubernetes does not read.
    IGNORED_CONTENT = "PW009" "ignored-content" Warning;
    /// A heredoc in Markdown in which the shell replaces what is meant for Prometheus.
    SHELL_EXPANSION = "PW010" "shell-expansion" Warning;
    /// Something a kustomization does that is not done here, so that its objects may be others.
    KUSTOMIZE_NOT_APPLIED = "PW011" "kustomize-not-applied" Info;
    /// A file or folder a kustomization names and that is not there.
    KUSTOMIZE_MISSING_FILE = "PW012" "kustomize-missing-file" Error;
    /// A patch of a kustomization that fits nothing.
    KUSTOMIZE_PATCH = "PW013" "kustomize-patch" Error;
    /// A field the schema does not know.
    UNKNOWN_FIELD = "PW101" "unknown-field" Error;
    /// A value of another type than the schema's.
    WRONG_TYPE = "PW102" "wrong-type" Error;
    /// A value outside the schema's enumeration, pattern or bounds.
    INVALID_VALUE = "PW103" "invalid-value" Error;
    /// A field the schema requires and the object lacks.
    MISSING_FIELD = "PW104" "missing-field" Error;
    /// Two items of a list with the same key.
    DUPLICATE_ITEM = "PW105" "duplicate-item" Error;
    /// A label selector that the schema accepts and nothing can evaluate.
    INVALID_SELECTOR = "PW106" "invalid-selector" Error;
    /// A monitor whose labels no Prometheus asks for.
    MONITOR_NOT_SELECTED = "PW201" "monitor-not-selected" Warning;
    /// A monitor in a namespace that no Prometheus looks into.
    MONITOR_NAMESPACE = "PW202" "monitor-in-unselected-namespace" Warning;
    /// A kind of monitor that no Prometheus has a selector for.
    KIND_NOT_SELECTED = "PW203" "kind-of-monitor-not-selected" Warning;
    /// A monitor that finds nothing, and nearly finds something.
    SELECTS_NOTHING = "PW204" "selector-selects-nothing" Warning;
    /// A monitor that finds nothing where it looks, and would in another namespace.
    TARGETS_ELSEWHERE = "PW205" "targets-in-another-namespace" Warning;
    /// A `ServiceMonitor` that asks for labels of pods, or for the name of a Service, as labels of Services.
    LABELS_OF_PODS = "PW206" "selector-of-pod-labels" Warning;
    /// An endpoint that names a port which nothing has that the monitor finds.
    NO_SUCH_TARGET_PORT = "PW210" "no-such-port-of-targets" Error;
    /// A port of a Service without a name, which no `ServiceMonitor` can ask for.
    PORT_WITHOUT_NAME = "PW211" "port-without-name" Warning;
    /// An endpoint that asks for a container's port which no container declares.
    UNDECLARED_PORT = "PW212" "undeclared-container-port" Error;
    /// An endpoint with both `port` and `targetPort`.
    PORT_TWICE = "PW213" "port-and-target-port" Warning;
    /// An endpoint that names no port, so that every port is scraped.
    EVERY_PORT = "PW214" "endpoint-of-every-port" Warning;
    /// A Service whose selector selects no pods, and nearly selects some.
    SERVICE_WITHOUT_PODS = "PW220" "service-selects-no-pods" Warning;
    /// A port of a Service that leads to a container's port which none of its pods declares.
    UNRESOLVED_TARGET_PORT = "PW221" "unresolved-target-port" Error;
    /// A `ServiceMonitor` that finds an `ExternalName` Service, which has no endpoints.
    EXTERNAL_NAME = "PW222" "external-name-service" Error;
    /// Addresses that are written down for no Service, beside a Service without any.
    ENDPOINTS_OF_NO_SERVICE = "PW223" "endpoints-of-no-service" Warning;
    /// Addresses of a Service in objects that its Prometheus does not discover.
    SLICES_NOT_DISCOVERED = "PW224" "endpoints-not-discovered" Error;
    /// A monitor that finds the same pods through two Services.
    TWO_SERVICES = "PW230" "scraped-through-two-services" Warning;
    /// Two monitors of one Prometheus that scrape the same port of the same pods.
    TWO_MONITORS = "PW231" "scraped-by-two-monitors" Warning;
    /// A Prometheus whose account may not discover what its monitors need.
    MISSING_RIGHT = "PW240" "missing-right" Warning;
    /// A Prometheus whose account is there and has no rights at all.
    ACCOUNT_WITHOUT_RIGHTS = "PW241" "account-without-rights" Warning;
    /// Pods whose `NetworkPolicies` do not let the Prometheus in that scrapes them.
    INGRESS_DENIED = "PW245" "ingress-denied" Warning;
    /// A Prometheus whose `NetworkPolicies` do not let it reach what it scrapes.
    EGRESS_DENIED = "PW246" "egress-denied" Warning;
    /// A Secret or `ConfigMap` that is not in the namespace of the monitor that refers to it.
    SECRET_NOT_FOUND = "PW250" "secret-not-found" Warning;
    /// A key that a Secret or `ConfigMap` lacks, and that a monitor refers to.
    NO_SUCH_KEY = "PW251" "no-such-key" Error;
    /// A file of a Secret or `ConfigMap` that a Prometheus does not mount, and that a monitor names.
    FILE_NOT_MOUNTED = "PW252" "file-not-mounted" Error;
    /// A file that is not in the pods of a Prometheus, and that a monitor names.
    FILE_OF_THE_NODE = "PW253" "file-of-the-node" Error;
    /// A value of a selector that, as a regular expression, matches other values, too.
    SELECTOR_VALUE_IS_PATTERN = "PW260" "selector-value-is-pattern" Warning;
    /// A monitor with an empty selector, which selects everything.
    SELECTS_EVERYTHING = "PW261" "selector-selects-everything" Info;
    /// A key of a selector that Prometheus cannot tell from another one.
    SELECTOR_KEYS_COLLIDE = "PW262" "selector-keys-collide" Warning;
    /// Addresses without the labels that a `RoleSelector` asks of them, too.
    ROLE_SELECTOR_LOSES = "PW263" "role-selector-loses-endpoints" Error;
    /// A namespace selector that names namespaces, and takes any.
    ANY_BESIDE_NAMES = "PW264" "any-beside-match-names" Warning;
    /// A namespace selector of a monitor that its Prometheus ignores.
    IGNORED_NAMESPACE_SELECTOR = "PW265" "namespace-selector-ignored" Warning;
    /// Addresses that are written down for another name of a port than their Service has.
    ENDPOINT_PORT_NAMES = "PW267" "port-name-of-addresses" Warning;
    /// A port of a Service that leads to another number than the port of the pods with its name.
    OTHER_PORT_NUMBER = "PW268" "target-port-of-another-number" Warning;
    /// Targets in a mesh that refuses what comes without its certificates.
    STRICT_MESH = "PW269" "strict-mutual-tls" Warning;
    /// An endpoint that speaks HTTP to a port called `https`.
    HTTP_TO_HTTPS_PORT = "PW270" "http-to-https-port" Warning;
    /// An address that is no address of a target.
    UNREACHABLE_ADDRESS = "PW273" "unreachable-address" Error;
    /// Addresses of a Service in Endpoints and in EndpointSlices.
    ADDRESSES_TWICE = "PW274" "addresses-written-twice" Warning;
    /// A written EndpointSlice that names a controller of Kubernetes as its maker.
    RESERVED_MANAGER = "PW275" "reserved-manager-of-slice" Warning;
    /// A monitor that looks into every namespace.
    ANY_NAMESPACE = "PW277" "any-namespace" Info;
    /// A name of a port that says nothing.
    MEANINGLESS_PORT_NAME = "PW278" "meaningless-port-name" Info;
    /// A prober or a target that is named as a Service, which is not there.
    NAMED_SERVICE_MISSING = "PW280" "named-service-not-found" Warning;
    /// A prober or a target that is a Service, at a port which that does not have.
    NAMED_SERVICE_PORT = "PW281" "no-such-port-of-named-service" Error;
    /// A Prometheus whose account may not ask a component for its metrics.
    METRICS_RIGHT = "PW282" "no-right-to-metrics" Warning;
    /// A file that is to hold a certificate or a key and holds something else.
    UNUSABLE_CERTIFICATE = "PW300" "unusable-certificate" Error;
    /// A private key that is not the certificate's.
    KEY_MISMATCH = "PW301" "key-mismatch" Error;
    /// A certificate that has expired, or is not valid yet.
    NOT_VALID_NOW = "PW302" "not-valid-now" Error;
    /// A certificate that may not be used for what it is meant for.
    WRONG_USAGE = "PW303" "wrong-key-usage" Error;
    /// An authority that did not sign the certificate it is to vouch for.
    WRONG_AUTHORITY = "PW304" "wrong-authority" Error;
    /// A server's certificate that is not for the name or address it is reached by.
    WRONG_SERVER_NAME = "PW305" "wrong-server-name" Error;
    /// A key that is weaker than it should be today.
    WEAK_KEY = "PW306" "weak-key" Warning;
    /// A client's certificate of another authority than the servers'.
    OTHER_CLIENT_AUTHORITY = "PW307" "other-client-authority" Info;
    /// A certificate that expires soon.
    EXPIRES_SOON = "PW308" "expires-soon" Warning;
    /// TLS without verification of the server.
    UNVERIFIED_TLS = "PW309" "unverified-tls" Warning;
    /// An endpoint with settings for TLS that does not speak TLS.
    TLS_WITHOUT_HTTPS = "PW310" "tls-without-https" Warning;
    /// TLS of which a part is missing, or is there twice.
    INCOMPLETE_TLS = "PW320" "incomplete-tls" Error;
    /// A scrape class whose TLS files do not exist for monitors of other namespaces.
    FOREIGN_TLS = "PW322" "tls-secret-of-another-namespace" Error;
    /// A Secret or ConfigMap with nothing where a certificate should be.
    EMPTY_TLS_MATERIAL = "PW323" "empty-tls-material" Error;
    /// A monitor that the operator does not take for its configuration.
    REJECTED = "PW401" "rejected-monitor" Warning;
    /// A Prometheus the operator cannot write a configuration for.
    RECONCILIATION_FAILS = "PW402" "reconciliation-fails" Error;
    /// A Prometheus that makes the operator's process die, again after every start.
    OPERATOR_CRASHES = "PW403" "operator-crashes" Error;
    /// A Prometheus whose configuration the operator leaves to the user.
    UNMANAGED = "PW404" "unmanaged-configuration" Info;
    /// A Prometheus the operator does not handle.
    NOT_HANDLED = "PW405" "not-handled" Warning;
    /// A Prometheus that gets its configuration, and something goes wrong after that.
    FAILS_LATER = "PW406" "reconciliation-fails-later" Warning;
    /// A monitor or Prometheus where the operator of the input does not look.
    OUTSIDE_OF_OPERATOR = "PW407" "outside-of-the-operator" Warning;
    /// A monitor that several Prometheuses select.
    SELECTED_BY_SEVERAL = "PW408" "selected-by-several" Info;
    /// A Secret that the operator does not watch.
    UNWATCHED_REFERENCE = "PW409" "unwatched-reference" Info;
    /// A ServiceMonitor that reads files, which its Prometheus forbids.
    FILE_ACCESS = "PW410" "file-access-denied" Error;
    /// A timeout above the interval of its scrapes.
    TIMEOUT_ABOVE_INTERVAL = "PW411" "timeout-above-interval" Error;
    /// A relabel rule that the operator does not take.
    INVALID_RELABELING = "PW412" "invalid-relabeling" Error;
    /// An endpoint with several ways of authentication.
    SEVERAL_AUTHENTICATIONS = "PW413" "several-authentications" Error;
    /// A monitor of a scrape class that its Prometheus does not have.
    UNKNOWN_SCRAPE_CLASS = "PW414" "unknown-scrape-class" Error;
    /// An address of a prober that is a URL.
    PROBER_URL = "PW415" "prober-url" Error;
    /// A Probe that names nothing to probe.
    PROBE_WITHOUT_TARGETS = "PW416" "probe-without-targets" Error;
    /// Targets of other namespaces that get the namespace of their monitor.
    ENFORCED_NAMESPACE = "PW417" "enforced-namespace-of-the-monitor" Warning;
    /// A Prometheus whose data does not survive its pod.
    NO_STORAGE = "PW418" "no-storage" Info;
    /// Jobs that an enforced label does not reach.
    ESCAPES_ENFORCEMENT = "PW419" "escapes-enforced-label" Warning;
    /// Additional jobs that the operator reads otherwise than they are written.
    ADDITIONAL_CHANGED = "PW420" "additional-config-changed" Warning;
    /// A configuration that Prometheus refuses as a whole.
    PROMETHEUS_REFUSES = "PW501" "refused-configuration" Error;
    /// A job Prometheus makes no scrape pool for, because its client cannot be made.
    POOL_LOST = "PW502" "no-scrape-pool" Error;
    /// A discovery that cannot be created, because its client cannot be made.
    DISCOVERY_LOST = "PW503" "no-discovery" Error;
    /// A discovery whose answer is not part of the input.
    UNKNOWN_DISCOVERY = "PW504" "unknown-discovery" Info;
    /// Objects a Prometheus may not list, so that nothing is discovered there.
    DISCOVERY_DENIED = "PW505" "denied-discovery" Error;
    /// A target Prometheus cannot make of what is discovered.
    TARGET_FAILS = "PW506" "failing-target" Error;
    /// More targets than the limit of the job, so that every scrape of it fails.
    TARGET_LIMIT = "PW507" "target-limit" Error;
    /// Several ways of authentication that the operator takes, and Prometheus refuses.
    AUTHENTICATION_TWICE = "PW541" "authentication-twice" Error;
    /// A name of a port that is no regular expression.
    PORT_IS_NO_PATTERN = "PW542" "port-is-no-pattern" Error;
    /// The name of a label that this version of Prometheus does not take.
    LABEL_NAME_REFUSED = "PW543" "label-name-refused" Error;
    /// A rule that compares labels, and has a regex besides.
    COMPARISON_WITH_REGEX = "PW544" "comparison-with-regex" Error;
    /// Options of a Kubernetes client without the address of the API server.
    CLIENT_WITHOUT_SERVER = "PW546" "client-without-api-server" Error;
    /// An empty text where Prometheus needs one.
    EMPTY_SETTING = "PW547" "empty-setting" Error;
    /// A static target that is a URL.
    STATIC_TARGET_IS_URL = "PW548" "static-target-is-url" Error;
    /// A text of a monitor that the config-reloader replaces.
    ENVIRONMENT_NAME = "PW549" "environment-name-in-text" Warning;
    /// Targets that no shard takes, because they have no zone.
    LOST_BY_ZONE = "PW550" "lost-by-topology-sharding" Error;
    /// An interval or timeout of nothing, which is not what is used.
    ZERO_INTERVAL = "PW551" "zero-interval" Warning;
    /// A path of a prober that is empty.
    EMPTY_PROBER_PATH = "PW552" "empty-prober-path" Warning;
    /// A relabel rule that reads a label which discovery never sets.
    UNKNOWN_META_LABEL = "PW553" "unknown-meta-label" Warning;
    /// A rule for samples that reads a label which only targets have.
    META_LABEL_OF_SAMPLES = "PW554" "meta-label-in-metric-relabelings" Warning;
    /// A rule that drops every target, or every sample.
    DROPS_EVERYTHING = "PW555" "relabeling-drops-everything" Error;
    /// A replacement of a rule that replaces nothing.
    IDLE_REPLACEMENT = "PW556" "replacement-without-effect" Info;
    /// A path with a `?` in it.
    QUERY_IN_PATH = "PW557" "query-in-path" Warning;
    /// A source of metrics about others, without `honorLabels`.
    LABELS_RENAMED = "PW558" "labels-renamed" Warning;
    /// A label of a target that the exporter has, too.
    LABEL_OF_EXPORTER = "PW559" "label-of-the-exporter" Warning;
    /// A regex that Prometheus takes for null, and makes the one of all rules that have none.
    REGEX_OF_ALL = "PW560" "regex-becomes-that-of-all" Error;
    /// A key of the Stack that means nothing.
    UNKNOWN_KEY = "PW701" "unknown-key" Error;
    /// A value of the Stack that is of the wrong type or not accepted.
    INVALID_SETTING = "PW702" "invalid-setting" Error;
    /// More than one Stack for one run.
    SEVERAL_STACKS = "PW703" "several-stacks" Error;
    /// Neither the command line nor a Stack says what to generate.
    NOTHING_TO_GENERATE = "PW704" "nothing-to-generate" Error;
    /// A comment or annotation that is meant to suppress findings, and says nothing that can be read.
    MALFORMED_SUPPRESSION = "PW720" "malformed-suppression" Warning;
    /// A suppression that does not say why; it suppresses nothing.
    SUPPRESSION_WITHOUT_REASON = "PW721" "suppression-without-reason" Warning;
    /// A suppression of a code that there is not.
    UNKNOWN_SUPPRESSED_CODE = "PW722" "suppression-of-unknown-code" Warning;
    /// A suppression of what is not found where it stands.
    UNUSED_SUPPRESSION = "PW723" "unused-suppression" Warning;
    /// A repair of a text that is not written to.
    FIX_NOT_WRITTEN = "PW730" "fix-not-written" Info;
    /// Nothing in the input is what the user named.
    NO_SUCH_OBJECT = "PW801" "no-such-object" Error;
    /// Several objects in the input are what the user named.
    AMBIGUOUS_OBJECT = "PW802" "ambiguous-object" Error;
    /// A port without a name, which a monitor cannot refer to.
    UNNAMED_PORT = "PW803" "unnamed-port" Error;
    /// No port, or no single one, is what the user asked for.
    NO_SUCH_PORT = "PW804" "no-such-port" Error;
    /// No selector tells an object from its neighbours.
    INDISTINCT_LABELS = "PW805" "indistinct-labels" Error;
    /// No labels satisfy the selector of a Prometheus.
    IMPOSSIBLE_SELECTOR = "PW806" "impossible-selector" Error;
    /// A Prometheus does not look into the namespace a monitor has to be in.
    NAMESPACE_NOT_SELECTED = "PW807" "namespace-not-selected" Error;
    /// Options that exclude each other.
    CONTRADICTORY_OPTIONS = "PW808" "contradictory-options" Error;
    /// A port of the node that something in the input already uses.
    PORT_CLASH = "PW809" "port-clash" Error;
    /// What was generated does not pass its own check; nothing was written.
    GENERATED_BROKEN = "PW810" "generated-broken" Error;
    /// Something without authentication would be reachable from outside.
    EXPOSED = "PW811" "exposed-without-authentication" Warning;
    /// Data that does not survive a restart.
    EPHEMERAL_STORAGE = "PW812" "ephemeral-storage" Warning;
    /// A choice made for the user, and how to make another.
    CHOICE = "PW813" "choice-made" Info;
    /// Something the input does not show and the result depends on.
    UNKNOWN_DEPENDENCY = "PW814" "unknown-dependency" Warning;
    /// An object of the input that a generated one would replace.
    WOULD_REPLACE = "PW815" "would-replace-object" Error;
    /// A namespace whose pod security level refuses the generated pods.
    POD_SECURITY = "PW816" "pod-security-level" Warning;
    /// Targets that something in the input scrapes already.
    ALREADY_MONITORED = "PW817" "already-monitored" Warning;
    /// Endpoints that two objects write down, so that targets are there twice.
    DUPLICATE_ENDPOINTS = "PW820" "duplicate-endpoints" Error;
    /// A setting that what is monitored needs, and only its owner can change.
    SETTING_NEEDED = "PW821" "setting-needed" Info;
    /// A Secret that is needed and was not written, and how to make it.
    SECRET_NOT_WRITTEN = "PW822" "secret-not-written" Info;
    /// A Secret that a monitor expects as files and its Prometheus does not mount.
    NOT_MOUNTED = "PW823" "secret-not-mounted" Warning;
    /// A system that needs no monitoring of ours, or allows none.
    NOT_OURS = "PW824" "not-ours-to-monitor" Info;
    /// A key that opens much more than metrics.
    POWERFUL_KEY = "PW825" "powerful-key" Warning;
    /// Addresses written down where a selector would follow the pods.
    STATIC_ADDRESS = "PW826" "static-address" Warning;
    /// A job that the rules and dashboards of a system do not look at.
    UNEXPECTED_JOB = "PW827" "unexpected-job" Warning;
    /// An object of a kind that Kubernetes is about to leave behind.
    DEPRECATED_API = "PW828" "deprecated-api" Info;
    /// A setting of a component that its owner has to change.
    SETTING_OF_OTHERS = "PW850" "setting-of-others" Info;
    /// A policy in the cluster that drops scrapes.
    SCRAPE_DENIED = "PW851" "scrape-denied" Warning;
    /// A variant of a system for which nothing is generated yet.
    UNSUPPORTED = "PW852" "unsupported-variant" Error;
    /// A monitor that speaks HTTP to the client port of etcd.
    ETCD_WITHOUT_TLS = "PW860" "etcd-without-tls" Warning;
    /// A monitor of etcd that listens on its own node only.
    ETCD_ON_LOOPBACK = "PW861" "etcd-metrics-on-loopback" Error;
    /// A monitor of a component that listens on its own node only.
    COMPONENT_ON_LOOPBACK = "PW862" "component-on-loopback" Error;
    /// A monitor of kube-proxy, which listens on its own node only.
    KUBE_PROXY_ON_LOOPBACK = "PW863" "kube-proxy-on-loopback" Warning;
    /// A monitor of Felix, whose metrics are switched off.
    FELIX_METRICS_OFF = "PW864" "felix-metrics-off" Warning;
    /// A monitor of Typha, whose metrics are switched off.
    TYPHA_METRICS_OFF = "PW865" "typha-metrics-off" Error;
    /// Two workloads that want the same port of a node.
    NODE_PORT_CLASH = "PW866" "node-port-clash" Warning;
    /// A Service that leads to another port than the component is told to use.
    COMPONENT_PORT = "PW867" "component-on-another-port" Error;
    /// An object of an API version that Kubernetes does not serve any more.
    REMOVED_API = "PW868" "removed-api-version" Error;
    /// A field that is written down as null.
    EXPLICIT_NULL = "PW869" "explicit-null" Info;
    /// An object in the API that Calico keeps for itself.
    CALICO_STORE = "PW871" "calico-store-written-directly" Warning;
    /// An etcd whose client port is open on every address of its node.
    ETCD_PORT_OPEN = "PW872" "etcd-client-port-open" Warning;
    /// A key of a client of etcd in the hands of Prometheus.
    ETCD_CLIENT_KEY = "PW873" "etcd-client-key" Info;
    /// Addresses of etcd that are written down, where its pods could be selected.
    STATIC_NODE_ADDRESSES = "PW874" "static-addresses-of-nodes" Warning;
    /// A node-exporter that sees the network of its own pod only.
    EXPORTER_NETWORK = "PW875" "node-exporter-without-host-network" Warning;
    /// A node-exporter that sees the file system of its own container only.
    EXPORTER_ROOT = "PW876" "node-exporter-without-root" Warning;
    /// A node-exporter that does not run on tainted nodes.
    EXPORTER_TOLERATIONS = "PW877" "node-exporter-without-tolerations" Warning;
    /// Pods that the pod security level of their namespace refuses.
    POD_SECURITY_REFUSES = "PW879" "pod-security-refuses" Error;
    /// A job of another name than the rules ask for.
    JOB_OF_RULES = "PW880" "job-of-no-rule" Warning;
    /// An image without a version.
    UNTAGGED_IMAGE = "PW881" "untagged-image" Warning;
    /// A container without requests and limits.
    NO_RESOURCES = "PW882" "no-resources" Info;
    /// A container with all the rights that its image asks for.
    NO_SECURITY_CONTEXT = "PW883" "no-security-context" Info;
    /// A Pod that nothing makes again.
    BARE_POD = "PW884" "bare-pod" Info;
    /// Data in a volume that goes with the pod.
    EPHEMERAL_STATE = "PW885" "ephemeral-state" Warning;
    /// A Prometheus with less memory than it needs to start.
    SMALL_MEMORY = "PW886" "small-memory" Warning;
    /// A server of metrics that everybody can reach.
    EXPOSED_SERVER = "PW887" "exposed-without-login" Warning;
    /// A Grafana where everybody is an administrator.
    ANONYMOUS_ADMIN = "PW888" "anonymous-admin" Warning;
    /// A system of monitoring that nobody maintains any more.
    LEGACY_STACK = "PW889" "legacy-stack" Warning;
    /// A file that would be overwritten and holds something else.
    WOULD_OVERWRITE = "PW901" "would-overwrite" Error;
    /// A place that cannot be written to.
    UNWRITABLE = "PW902" "unwritable-output" Error;
    /// A cluster is asked for, and there is no kubeconfig to find it by.
    NO_KUBECONFIG = "PW920" "no-kubeconfig" Error;
    /// A kubeconfig that cannot be read, or leads nowhere.
    BAD_KUBECONFIG = "PW921" "unusable-kubeconfig" Error;
    /// A context the kubeconfig does not have.
    UNKNOWN_CONTEXT = "PW922" "unknown-context" Error;
    /// An API server that does not answer.
    UNREACHABLE = "PW923" "unreachable-api-server" Error;
    /// An API server and a client that do not trust each other's certificates.
    UNTRUSTED_SERVER = "PW924" "untrusted-api-server" Error;
    /// An API server that does not know who asks.
    NOT_LOGGED_IN = "PW925" "not-logged-in" Error;
    /// Something that the API server does not allow.
    FORBIDDEN = "PW926" "forbidden-request" Error;
    /// An API server that failed, or answered what nobody can read.
    CLUSTER_FAILED = "PW927" "failed-request" Error;
    /// Objects of a cluster that may not be listed, so that what depends on them is not known.
    NOT_SHOWN = "PW928" "not-shown-by-the-cluster" Info;
    /// An operator of a cluster that cannot be assumed as it is.
    REALITY_UNCERTAIN = "PW929" "uncertain-reality" Info;
    /// A file that is to be assumed, and is no lock of a cluster.
    NO_LOCK = "PW930" "no-lock" Error;
    /// A target that is predicted, and that Prometheus cannot scrape.
    TARGET_NOT_UP = "PW931" "target-not-up" Error;
    /// A target that is predicted, and that Prometheus does not have.
    TARGET_NOT_THERE = "PW932" "target-not-there" Error;
    /// A target that Prometheus has, and that is not predicted.
    TARGET_UNEXPECTED = "PW933" "unexpected-target" Error;
    /// A monitor that is not in the configuration the operator wrote, or one that still is.
    NOT_ACCEPTED = "PW934" "not-accepted-by-the-operator" Error;
    /// A Prometheus that does not answer.
    PROMETHEUS_SILENT = "PW935" "silent-prometheus" Error;
    /// A monitor of the input of which nothing is scraped.
    NOTHING_SCRAPED = "PW936" "nothing-scraped" Error;
    /// A query that Prometheus does not take.
    QUERY_FAILED = "PW937" "failed-query" Error;
    /// An endpoint that cannot be reached, or does not speak TLS.
    NO_HANDSHAKE = "PW940" "no-tls-handshake" Error;
    /// A server that takes no client without a certificate, or not this one.
    CLIENT_REFUSED = "PW941" "client-refused" Error;
    /// A kind that the cluster does not know: its operator or definition is not installed.
    KIND_NOT_SERVED = "PW950" "kind-not-served" Error;
    /// Objects that cannot be applied as they are.
    NOT_APPLICABLE = "PW951" "not-applicable" Error;
    /// Fields that are to be applied and that somebody else has set to other values.
    FIELD_CONFLICT = "PW952" "field-conflict" Error;
    /// An object that is to be made, and is there already as somebody else's.
    FOREIGN_OBJECT = "PW953" "object-of-somebody-else" Error;
    /// An object that the API server refuses.
    REFUSED_OBJECT = "PW954" "refused-object" Error;
    /// Something that changes a cluster, and nobody who confirmed it.
    NOT_CONFIRMED = "PW955" "not-confirmed" Error;
    /// Secrets that are to be applied, and nobody who asked for that.
    SECRETS_NOT_ASKED_FOR = "PW956" "secrets-not-asked-for" Error;
    /// An apply or deletion that was ended before all was done.
    NOT_FINISHED = "PW957" "not-finished" Error;
    /// Mistakes in what is to be applied, which keep it from being applied.
    BROKEN_CHAIN = "PW958" "broken-chain" Error;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique_and_well_formed() {
        let mut ids: Vec<_> = Code::ALL.iter().map(|code| code.id()).collect();
        assert!(ids.is_sorted(), "the table is kept in order");
        assert!(ids.iter().all(|id| {
            id.strip_prefix("PW").is_some_and(|digits| digits.len() == 3 && digits.parse::<u16>().is_ok())
        }));
        ids.dedup();
        assert_eq!(ids.len(), Code::ALL.len());
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
