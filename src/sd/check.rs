//! From relabelled labels to a target: what Prometheus checks and fills in (`PopulateLabels`, Prometheus 3.13).

use std::collections::BTreeMap;

use super::release::Release;
use super::url;
use crate::prom::config::ScrapeConfig;
use crate::prom::duration::nanoseconds;
use crate::prom::quote::quote;
use crate::prom::relabel::Labels;

const PARAMETER: &str = "__param_";

/// The switches of histograms that a label may set.
const SWITCHES: [(&str, &str); 3] = [
    ("__convert_classic_histograms_to_nhcb__", "convert classic histograms to nhcb"),
    ("__always_scrape_classic_histograms__", "always scrape classic histograms"),
    ("__scrape_native_histograms__", "scrape native histograms"),
];

/// Checks labels after relabelling, completes them, and says where the target is scraped.
pub(super) fn complete(
    config: &ScrapeConfig,
    release: &Release,
    labels: &mut Labels,
) -> Result<String, String> {
    if labels.get("__address__").is_empty() {
        return Err("no address".to_owned());
    }
    if !release.three
        && let Some(address) = with_default_port(labels.get("__address__"), labels.get("__scheme__"))?
    {
        labels.set("__address__", &address);
    }
    let address = labels.get("__address__");
    if address.contains('/') {
        return Err(format!("{} is not a valid hostname", quote(address)));
    }
    let duration = |label: &str, name: &str| match nanoseconds(labels.get(label)) {
        Err(error) => Err(format!("error parsing scrape {name}: {error}")),
        Ok(0) => Err(format!("scrape {name} cannot be 0")),
        Ok(value) => Ok(value),
    };
    let interval = duration("__scrape_interval__", "interval")?;
    let timeout = duration("__scrape_timeout__", "timeout")?;
    if timeout > interval {
        return Err(format!(
            "scrape timeout cannot be greater than scrape interval ({} > {})",
            quote(labels.get("__scrape_timeout__")),
            quote(labels.get("__scrape_interval__"))
        ));
    }
    if release.histogram_labels {
        for (label, name) in SWITCHES {
            let value = labels.get(label);
            if !value.is_empty() && !is_boolean(value) {
                let value = quote(value);
                return Err(format!(
                    "error parsing {name}: strconv.ParseBool: parsing {value}: invalid syntax"
                ));
            }
        }
    }
    let address = address.to_owned();
    labels.retain(|name| !name.starts_with("__meta_"));
    if labels.get("instance").is_empty() {
        labels.set("instance", &address);
    }
    Ok(url_of(config, labels))
}

/// `strconv.ParseBool`
fn is_boolean(text: &str) -> bool {
    ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"].contains(&text)
}

/// Prometheus 2 adds a port to an address that has none.
fn with_default_port(address: &str, scheme: &str) -> Result<Option<String>, String> {
    // A bracket ends an IPv6 address; without one, more than one colon is no host with a port.
    let has_port = match address.rfind(']') {
        Some(end) if address.starts_with('[') => address[end + 1..].starts_with(':'),
        _ => address.contains(':'),
    };
    if has_port {
        return Ok(None);
    }
    match scheme {
        "http" | "" => Ok(Some(format!("{address}:80"))),
        "https" => Ok(Some(format!("{address}:443"))),
        other => Err(format!("invalid scheme: {}", quote(other))),
    }
}

fn url_of(config: &ScrapeConfig, labels: &Labels) -> String {
    let parameters = labels.iter().filter_map(|(name, value)| Some((name.strip_prefix(PARAMETER)?, value)));
    let (scheme, host) = (labels.get("__scheme__"), labels.get("__address__"));
    let path = labels.get("__metrics_path__");
    let mut all: BTreeMap<&str, Vec<String>> =
        config.params.iter().map(|(name, values)| (name.as_str(), values.clone())).collect();
    for (name, value) in parameters {
        let values = all.entry(name).or_default();
        match values.first_mut() {
            Some(first) => value.clone_into(first),
            None => values.push(value.to_owned()),
        }
    }
    url::of_target(scheme, host, path, all.iter().map(|(name, values)| (*name, values.as_slice())))
}

#[cfg(test)]
mod tests {
    use super::with_default_port;

    #[test]
    fn prometheus_2_completes_addresses() {
        for (address, scheme, expected) in [
            ("a", "http", Ok(Some("a:80".to_owned()))),
            ("a", "https", Ok(Some("a:443".to_owned()))),
            ("a:1", "http", Ok(None)),
            ("::1", "http", Ok(None)),
            ("[::1]", "", Ok(Some("[::1]:80".to_owned()))),
            ("[::1]:9", "", Ok(None)),
            ("a", "x", Err("invalid scheme: \"x\"".to_owned())),
        ] {
            assert_eq!(with_default_port(address, scheme), expected, "{address}");
        }
    }
}
