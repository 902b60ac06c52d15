//! Scrape classes: what a Prometheus completes its monitors with.
//!
//! The Secrets of a class are loaded in the namespace of the Prometheus and used in that of the monitor.

use super::Generator;
use super::http::{Authorization, Tls};
use crate::operator::admit::{http, relabel};
use crate::operator::fields::Fields;
use crate::operator::refusal::{Check, Context, refuse};
use crate::prom::version::Version;

/// Checks the classes of a Prometheus (`getScrapeClassConfig`) and gives the name of the default one, which may be empty.
pub(super) fn check<'a>(version: &Version, prometheus: Fields<'a>) -> Check<&'a str> {
    let mut default = "";
    for (index, class) in prometheus.items("scrapeClasses").enumerate() {
        let name = class.str("name");
        let path = format!("scrapeClasses.{index}");
        relabel::check_all(version, class, "relabelings")
            .under(format_args!("invalid relabelings for scrapeClass {name}: "))
            .within(&path)?;
        relabel::check_all(version, class, "metricRelabelings")
            .under(format_args!("invalid metric relabelings for scrapeClass {name}: "))
            .within(&path)?;
        http::validate_tls(class.opt("tlsConfig"))
            .under(format_args!("invalid TLS config for scrapeClass {name}: "))
            .within(&path)?;
        http::validate_authorization(class.opt("authorization"))
            .under(format_args!("invalid authorization for scrapeClass {name}: "))
            .within(&path)?;
        if class.is_true("default") {
            if !default.is_empty() {
                return refuse("multiple default scrape classes defined").within(&path);
            }
            default = name;
        }
    }
    Ok(default)
}

/// Whether nothing of a `SafeTLSConfig` is set.
fn is_zero_tls(tls: Fields<'_>) -> bool {
    tls.lacks(&["keySecret", "serverName", "insecureSkipVerify", "minVersion", "maxVersion"])
        && ["ca", "cert"].iter().all(|part| tls.at(part).lacks(&["secret", "configMap"]))
}

impl<'a> Generator<'a> {
    /// The class of a monitor: the one it names, else the default one, else one without any field.
    pub(super) fn scrape_class(&self, monitor: Fields<'_>) -> Fields<'a> {
        // Of several with one name the last counts.
        let named = |name: &str| {
            let classes: Vec<Fields<'a>> = self.prometheus.items("scrapeClasses").collect();
            classes.into_iter().rev().find(|class| class.str("name") == name)
        };
        let own = monitor.opt_str("scrapeClass").and_then(named);
        own.or_else(|| if self.default_class.is_empty() { None } else { named(self.default_class) })
            .unwrap_or_default()
    }

    /// The TLS settings of a `ServiceMonitor`, completed.
    pub(super) fn merged_tls<'m>(&self, tls: Option<Fields<'m>>, class: Fields<'m>) -> Option<Tls<'m>> {
        let _ = self;
        let of_class = class.opt("tlsConfig").map(Tls::of);
        let Some(mut own) = tls.map(Tls::of) else { return of_class };
        if let Some(class) = of_class {
            let lacks = |part: &str| own.safe.at(part).lacks(&["secret", "configMap"]);
            if own.ca_file.is_empty() && lacks("ca") {
                own.ca_file = class.ca_file;
            }
            if own.cert_file.is_empty() && lacks("cert") {
                own.cert_file = class.cert_file;
            }
            if own.key_file.is_empty() && !own.safe.has("keySecret") {
                own.key_file = class.key_file;
            }
        }
        Some(own)
    }

    /// The TLS settings of the other kinds, which have no files of their own; nothing set is as good as absent.
    pub(super) fn merged_safe_tls<'m>(&self, tls: Option<Fields<'m>>, class: Fields<'m>) -> Option<Tls<'m>> {
        let own = tls.filter(|tls| !is_zero_tls(*tls));
        let Some(own) = own else { return self.merged_tls(None, class) };
        let merged = self.merged_tls(Some(own), class)?;
        // A field the schema does not know cannot name a file.
        let of_class = class.opt("tlsConfig").map(Tls::of);
        let file = |own: &'m str, class: Option<&'m str>| if class == Some(own) { own } else { "" };
        Some(Tls {
            safe: merged.safe,
            ca_file: file(merged.ca_file, of_class.map(|class| class.ca_file)),
            cert_file: file(merged.cert_file, of_class.map(|class| class.cert_file)),
            key_file: file(merged.key_file, of_class.map(|class| class.key_file)),
        })
    }

    /// The authorization of a monitor, completed. Other ways of authentication do not matter.
    pub(super) fn merged_authorization<'m>(
        &self,
        own: Option<Fields<'m>>,
        class: Fields<'m>,
    ) -> Option<Authorization<'m>> {
        let _ = self;
        let of_class = class.opt("authorization").map(Authorization::of);
        let own = own.filter(|own| !own.str("type").is_empty() || own.has("credentials"));
        let Some(own) = own else { return of_class };
        let mut merged = Authorization { credentials_file: "", ..Authorization::of(own) };
        if let Some(class) = of_class
            && merged.credentials.is_none()
        {
            merged.credentials = class.credentials;
            if merged.credentials.is_none() {
                merged.credentials_file = class.credentials_file;
            }
        }
        Some(merged)
    }
}
