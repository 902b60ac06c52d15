//! What a Prometheus is predicted to scrape, compared with what it scrapes.

use std::collections::BTreeMap;

use super::{Cluster, Prediction};
use crate::sd::Details;

/// A target a Prometheus has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Observed {
    /// Its job.
    pub job: String,
    /// Where it is scraped.
    pub url: String,
    /// The labels of its series.
    pub labels: BTreeMap<String, String>,
    /// `up`, `down`, or `unknown` before the first scrape.
    pub health: String,
    /// Why the last scrape failed; empty where it did not.
    pub error: String,
}

/// What is otherwise than predicted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deviation {
    /// It is there, and not up.
    NotUp(Observed),
    /// It is there with other labels: name, as predicted, as it is.
    Labels(Observed, Vec<(String, Option<String>, Option<String>)>),
    /// It is not there: job and URL.
    NotThere(String, String),
    /// It is there, and not predicted.
    Unexpected(Observed),
}

/// How many are as predicted, and what is not.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Predicted targets.
    pub predicted: usize,
    /// Those of them that are up.
    pub up: usize,
    /// What is otherwise, by job and URL.
    pub deviations: Vec<Deviation>,
}

/// Job, URL and labels.
type Target = (String, String, BTreeMap<String, String>);

/// Compares one Prometheus. Of jobs that may have more targets than are known, none is unexpected.
pub fn compare_observed(prediction: &Prediction, cluster: &Cluster, observed: Vec<Observed>) -> Comparison {
    let pools = prediction.pools(cluster, Details::default());
    let open: Vec<&str> = pools
        .iter()
        .filter(|pool| !pool.unknown.is_empty())
        .map(|pool| pool.config.job_name.as_str())
        .collect();
    let predicted = pools.iter().flat_map(|pool| {
        pool.active.iter().map(|target| {
            let labels = target.labels.public().map(|(name, value)| (name.to_owned(), value.to_owned()));
            (pool.config.job_name.clone(), target.url.clone(), labels.collect())
        })
    });
    compare(predicted.collect(), observed, &open)
}

fn compare(mut predicted: Vec<Target>, mut observed: Vec<Observed>, open: &[&str]) -> Comparison {
    predicted.sort();
    observed.sort();
    let mut comparison = Comparison { predicted: predicted.len(), ..Comparison::default() };
    let judge = |found: Observed, comparison: &mut Comparison| {
        if found.health == "up" {
            comparison.up += 1;
        } else {
            comparison.deviations.push(Deviation::NotUp(found));
        }
    };
    let is = |found: &Observed, (job, url, _): &Target| found.job == *job && found.url == *url;
    // First those that agree in everything, so that of several with one URL the right ones are compared.
    predicted.retain(|target| {
        let same = observed.iter().position(|found| is(found, target) && found.labels == target.2);
        same.map(|at| judge(observed.remove(at), &mut comparison)).is_none()
    });
    for target in predicted {
        match observed.iter().position(|found| is(found, &target)) {
            Some(at) => {
                let found = observed.remove(at);
                let differences = differences(&target.2, &found.labels);
                comparison.deviations.push(Deviation::Labels(found.clone(), differences));
                judge(found, &mut comparison);
            }
            None => comparison.deviations.push(Deviation::NotThere(target.0, target.1)),
        }
    }
    let unexpected = observed.into_iter().filter(|found| !open.contains(&found.job.as_str()));
    comparison.deviations.extend(unexpected.map(Deviation::Unexpected));
    comparison
}

fn differences(
    predicted: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
) -> Vec<(String, Option<String>, Option<String>)> {
    let mut names: Vec<&String> = predicted.keys().chain(found.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let differing = names.into_iter().filter(|name| predicted.get(*name) != found.get(*name));
    differing.map(|name| (name.clone(), predicted.get(name).cloned(), found.get(name).cloned())).collect()
}

/// What the error of a scrape (Prometheus 3.x, Go 1.26) means for who reads it.
pub fn meaning(error: &str) -> Option<&'static str> {
    const MEANINGS: &[(&str, &str)] = &[
        (
            "connection refused",
            "nothing listens on that port at that address: is it bound to 127.0.0.1, or is the port another?",
        ),
        ("server gave HTTP response to HTTPS client", "it does not speak TLS: `scheme: http`"),
        ("client sent an HTTP request to an HTTPS server", "it speaks TLS: `scheme: https`"),
        ("HTTP status 400", "does it speak TLS? Then `scheme: https`"),
        (
            "HTTP status 401",
            "it asks for credentials: `authorization`, `basicAuth`, or a certificate in `tlsConfig`",
        ),
        ("HTTP status 403", "the credentials of the monitor do not allow it"),
        ("HTTP status 404", "its metrics have another `path`"),
        ("certificate signed by unknown authority", "`tlsConfig.ca` is not the authority of its certificate"),
        ("certificate has expired", "its certificate has expired"),
        ("certificate is valid for", "its certificate is for other names: `tlsConfig.serverName`"),
        ("cannot validate certificate for", "its certificate has no addresses: `tlsConfig.serverName`"),
        ("certificate required", "it asks for a client certificate: `tlsConfig.cert` and `keySecret`"),
        ("bad certificate", "it does not take the client certificate of `tlsConfig`"),
        ("no such host", "nobody has that name"),
        ("no route to host", "no network leads there"),
        (
            "context deadline exceeded",
            "no answer in time: does a NetworkPolicy or a firewall drop it, or is it slow (`scrapeTimeout`)?",
        ),
        ("i/o timeout", "no answer in time: does a NetworkPolicy or a firewall drop it?"),
        ("unsupported Content-Type", "what is there is no page of metrics: another `path` or port"),
        ("expected a valid start token", "what is there is no page of metrics: another `path` or port"),
        ("sample limit exceeded", "it has more samples than `sampleLimit`"),
        ("body size limit exceeded", "its page is larger than `bodySizeLimit`"),
    ];
    MEANINGS.iter().find(|(part, _)| error.contains(part)).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str, labels: &[(&str, &str)]) -> Target {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        ("j".to_owned(), url.to_owned(), labels.collect())
    }

    fn observed(url: &str, labels: &[(&str, &str)], health: &str) -> Observed {
        let (job, url, labels) = target(url, labels);
        Observed { job, url, labels, health: health.to_owned(), error: String::new() }
    }

    #[test]
    fn every_deviation_is_told_once() {
        let predicted =
            vec![target("a", &[("x", "1")]), target("a", &[("x", "2")]), target("b", &[]), target("c", &[])];
        let seen = vec![
            observed("a", &[("x", "2")], "up"),
            observed("a", &[("x", "3")], "up"),
            observed("b", &[], "down"),
            observed("d", &[], "up"),
        ];
        let found = compare(predicted.clone(), seen.clone(), &[]);
        assert_eq!((found.predicted, found.up, found.deviations.len()), (4, 2, 4));
        assert!(matches!(&found.deviations[0], Deviation::NotUp(seen) if seen.url == "b"));
        let changed = vec![("x".to_owned(), Some("1".to_owned()), Some("3".to_owned()))];
        assert!(matches!(&found.deviations[1], Deviation::Labels(_, differences) if *differences == changed));
        assert_eq!(found.deviations[2], Deviation::NotThere("j".to_owned(), "c".to_owned()));
        assert!(matches!(&found.deviations[3], Deviation::Unexpected(seen) if seen.url == "d"));
        assert_eq!(compare(predicted, seen, &["j"]).deviations.len(), 3, "an open job may have more");
    }

    #[test]
    fn errors_of_scrapes_have_a_meaning() {
        let error = r#"Get "https://10.0.0.1:2379/metrics": tls: failed to verify certificate: x509: certificate signed by unknown authority"#;
        assert!(meaning(error).is_some_and(|meaning| meaning.contains("tlsConfig.ca")));
        assert_eq!(meaning("something else"), None);
    }
}
