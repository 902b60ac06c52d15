//! Remote write and remote read.

use super::http::{Authorization, Tls};
use super::limits::push_filled;
use super::{Generator, relabel};
use crate::operator::fields::Fields;
use crate::source::{Mapping, Ordered};

impl Generator<'_> {
    pub(super) fn remote_write(&self, config: &mut Mapping) {
        let made: Vec<Mapping> =
            self.prometheus.items("remoteWrite").map(|spec| self.remote_writer(spec)).collect();
        if !made.is_empty() {
            config.push("remote_write", made);
        }
    }

    fn remote_writer(&self, spec: Fields<'_>) -> Mapping {
        let namespace = self.subject.namespace;
        let mut made = Mapping::new().with("url", spec.str("url").to_owned());
        super::copy(spec, &mut made, &[("remoteTimeout", "remote_timeout")]);
        if self.since(2, 15, 0) {
            push_map(&mut made, spec, "headers", "headers");
            push_filled(&mut made, spec, "name", "name");
        }
        if self.since(2, 54, 0)
            && let Some(version) = spec.opt_str("messageVersion")
        {
            let message = match version {
                "V2.0" => "io.prometheus.write.v2.Request",
                _ => "prometheus.WriteRequest",
            };
            made.push("protobuf_message", message);
        }
        if self.since(2, 27, 0) {
            super::copy(spec, &mut made, &[("sendExemplars", "send_exemplars")]);
        }
        if self.since(2, 40, 0) {
            super::copy(spec, &mut made, &[("sendNativeHistograms", "send_native_histograms")]);
        }
        let rules: Vec<Ordered> = relabel::of_resource(spec, "writeRelabelConfigs").collect();
        if !rules.is_empty() {
            made.push("write_relabel_configs", rules);
        }
        self.remote_client(&mut made, spec);
        self.proxy(&mut made, namespace, spec);
        if self.since(2, 26, 0) {
            self.sigv4(&mut made, spec.opt("sigv4"));
        }
        if let Some(azure) = spec.opt("azureAd")
            && self.since(2, 45, 0)
        {
            made.push("azuread", self.azure(azure));
        }
        if self.since(2, 26, 0) {
            super::copy(spec, &mut made, &[("followRedirects", "follow_redirects")]);
        }
        if self.since(2, 35, 0) {
            super::copy(spec, &mut made, &[("enableHTTP2", "enable_http2")]);
        }
        if let Some(queue) = spec.opt("queueConfig") {
            made.push("queue_config", self.queue(queue));
        }
        if let Some(metadata) = spec.opt("metadataConfig")
            && self.since(2, 23, 0)
        {
            // The second version of the protocol sends metadata with the samples.
            let send = spec.str("messageVersion") != "V2.0" && metadata.is_true("send");
            let mut settings = Mapping::new().with("send", send);
            push_filled(&mut settings, metadata, "sendInterval", "send_interval");
            if self.since(2, 29, 0) {
                super::copy(metadata, &mut settings, &[("maxSamplesPerSend", "max_samples_per_send")]);
            }
            made.push("metadata_config", settings);
        }
        if self.since(3, 1, 0) {
            super::copy(spec, &mut made, &[("roundRobinDNS", "round_robin_dns")]);
        }
        made
    }

    /// What remote write and read authenticate with.
    fn remote_client(&self, made: &mut Mapping, spec: Fields<'_>) {
        let namespace = self.subject.namespace;
        self.basic_auth(made, namespace, spec.opt("basicAuth"));
        let token = spec.str("bearerToken");
        if !token.is_empty() {
            made.push("bearer_token", Ordered::from(token.to_owned()).secret());
        }
        push_filled(made, spec, "bearerTokenFile", "bearer_token_file");
        self.oauth2(made, namespace, spec.opt("oauth2"));
        self.tls(made, namespace, spec.opt("tlsConfig").map(Tls::of));
        self.authorization(made, namespace, spec.opt("authorization").map(Authorization::of));
    }

    pub(super) fn sigv4(&self, to: &mut Mapping, sigv4: Option<Fields<'_>>) {
        let Some(sigv4) = sigv4 else { return };
        let namespace = self.subject.namespace;
        let mut made = Mapping::new();
        push_filled(&mut made, sigv4, "region", "region");
        if let (Some(access), Some(secret)) = (sigv4.opt("accessKey"), sigv4.opt("secretKey"))
            && let (Ok(access), Ok(secret)) = (self.secret(namespace, access), self.secret(namespace, secret))
            && access != Ordered::from("").secret()
            && secret != Ordered::from("").secret()
        {
            made.push("access_key", access);
            made.push("secret_key", secret);
        }
        push_filled(&mut made, sigv4, "profile", "profile");
        push_filled(&mut made, sigv4, "roleArn", "role_arn");
        if self.since(3, 11, 0) {
            push_filled(&mut made, sigv4, "externalId", "external_id");
        }
        if self.since(2, 54, 0) {
            super::copy(sigv4, &mut made, &[("useFIPSSTSEndpoint", "use_fips_sts_endpoint")]);
        }
        to.push("sigv4", made);
    }

    fn azure(&self, azure: Fields<'_>) -> Mapping {
        let text = |owner: Fields<'_>, field: &str| owner.str(field).to_owned();
        let mut made = Mapping::new();
        if let Some(identity) = azure.opt("managedIdentity") {
            let mut managed = Mapping::new();
            push_filled(&mut managed, identity, "clientId", "client_id");
            made.push("managed_identity", managed);
        }
        if let Some(oauth) = azure.opt("oauth")
            && let Ok(secret) = self.secret(self.subject.namespace, oauth.at("clientSecret"))
            && self.since(2, 48, 0)
        {
            let oauth = Mapping::new()
                .with("client_id", text(oauth, "clientId"))
                .with("client_secret", secret)
                .with("tenant_id", text(oauth, "tenantId"));
            made.push("oauth", oauth);
        }
        if let Some(sdk) = azure.opt("sdk")
            && self.since(2, 52, 0)
        {
            made.push("sdk", Mapping::new().with("tenant_id", text(sdk, "tenantId")));
        }
        if let Some(identity) = azure.opt("workloadIdentity")
            && self.since(3, 7, 0)
        {
            let identity = Mapping::new()
                .with("client_id", text(identity, "clientId"))
                .with("tenant_id", text(identity, "tenantId"));
            made.push("workload_identity", identity);
        }
        super::copy(azure, &mut made, &[("cloud", "cloud")]);
        if self.since(3, 9, 0) {
            push_filled(&mut made, azure, "scope", "scope");
        }
        made
    }

    fn queue(&self, queue: Fields<'_>) -> Mapping {
        let mut made = Mapping::new();
        let number = |made: &mut Mapping, field: &str, key: &'static str| {
            made.push_some(key, queue.int(field).filter(|number| *number != 0));
        };
        number(&mut made, "capacity", "capacity");
        if self.since(2, 6, 0) {
            number(&mut made, "minShards", "min_shards");
        }
        number(&mut made, "maxShards", "max_shards");
        number(&mut made, "maxSamplesPerSend", "max_samples_per_send");
        super::copy(queue, &mut made, &[("batchSendDeadline", "batch_send_deadline")]);
        if !self.since(2, 11, 0) {
            number(&mut made, "maxRetries", "max_retries");
        }
        super::copy(queue, &mut made, &[("minBackoff", "min_backoff"), ("maxBackoff", "max_backoff")]);
        if queue.is_true("retryOnRateLimit") && self.since(2, 26, 0) {
            made.push("retry_on_http_429", true);
        }
        if self.since(2, 50, 0) {
            super::copy(queue, &mut made, &[("sampleAgeLimit", "sample_age_limit")]);
        }
        made
    }

    pub(super) fn remote_read(&self, config: &mut Mapping) {
        let made: Vec<Mapping> =
            self.prometheus.items("remoteRead").map(|spec| self.remote_reader(spec)).collect();
        if !made.is_empty() {
            config.push("remote_read", made);
        }
    }

    fn remote_reader(&self, spec: Fields<'_>) -> Mapping {
        let mut made = Mapping::new().with("url", spec.str("url").to_owned());
        super::copy(spec, &mut made, &[("remoteTimeout", "remote_timeout")]);
        if self.since(2, 26, 0) {
            push_map(&mut made, spec, "headers", "headers");
        }
        if self.since(2, 15, 0) {
            push_filled(&mut made, spec, "name", "name");
        }
        push_map(&mut made, spec, "requiredMatchers", "required_matchers");
        if spec.is_true("readRecent") {
            made.push("read_recent", true);
        }
        self.remote_client(&mut made, spec);
        self.proxy(&mut made, self.subject.namespace, spec);
        if self.since(2, 26, 0) {
            super::copy(spec, &mut made, &[("followRedirects", "follow_redirects")]);
        }
        if self.since(2, 34, 0) {
            super::copy(spec, &mut made, &[("filterExternalLabels", "filter_external_labels")]);
        }
        made
    }
}

/// A map that is not empty, sorted by its keys.
fn push_map(to: &mut Mapping, owner: Fields<'_>, field: &str, key: &'static str) {
    let map: Mapping =
        owner.entries(field).map(|(name, value)| (name.to_owned(), Ordered::from(value))).collect();
    if !map.is_empty() {
        to.push(key, map);
    }
}
