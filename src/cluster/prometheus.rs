//! Asking a running Prometheus over its HTTP interface (3.x): through the API server's proxy, or where a URL says.

use std::collections::BTreeMap;

use http::Request;
use http::header::ACCEPT;
use kube::{Client, Config};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::client::Connection;
use crate::diagnostic::{Code, Diagnostic};

/// Where a Prometheus answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrometheusAt {
    /// At a URL, to which nobody's credentials are sent.
    Url(String),
    /// In a pod, by way of the API server.
    Pod {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// Whether it speaks TLS.
        is_https: bool,
        /// What its paths begin with (`routePrefix`).
        prefix: String,
    },
}

/// The port of the web interface: the operator (0.93) knows no other.
const PORT: u16 = 9090;

/// A Prometheus that can be asked.
#[derive(Clone)]
pub struct PrometheusApi {
    client: Client,
    path: String,
    name: String,
}

/// A target that a Prometheus scrapes, as `/api/v1/targets` has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActiveTarget {
    /// The labels of its series.
    pub labels: BTreeMap<String, String>,
    /// Its job.
    pub scrape_pool: String,
    /// Where it is scraped.
    pub scrape_url: String,
    /// Why the last scrape failed; empty where it did not.
    pub last_error: String,
    /// `up`, `down`, or `unknown` before the first scrape.
    pub health: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Targets {
    active_targets: Vec<ActiveTarget>,
}

/// What a query comes to.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
pub enum Answer {
    /// Series with one value each.
    Vector(Vec<Sample>),
    /// Series with values over time.
    Matrix(Vec<Series>),
    /// One number.
    Scalar(Point),
    /// One text.
    String(Point),
}

/// A time in seconds since 1970, and a value as Prometheus writes it.
pub type Point = (f64, String);

/// A series with one value.
#[derive(Debug, Clone, Deserialize)]
pub struct Sample {
    /// Its labels, `__name__` among them.
    #[serde(default)]
    pub metric: BTreeMap<String, String>,
    /// The value; a histogram has none.
    #[serde(default)]
    pub value: Option<Point>,
}

/// A series with values over time.
#[derive(Debug, Clone, Deserialize)]
pub struct Series {
    /// Its labels, `__name__` among them.
    #[serde(default)]
    pub metric: BTreeMap<String, String>,
    /// The values, in order; histograms are left out.
    #[serde(default)]
    pub values: Vec<Point>,
}

/// What every answer of Prometheus is wrapped in.
#[derive(Deserialize)]
struct Wrapped<T> {
    data: Option<T>,
    #[serde(default)]
    error: String,
}

impl Connection {
    /// A Prometheus to ask.
    ///
    /// # Errors
    /// What is no URL.
    pub fn prometheus(&self, at: &PrometheusAt) -> Result<PrometheusApi, Box<Diagnostic>> {
        match at {
            PrometheusAt::Url(url) => {
                let wrong = |why: String| Diagnostic::new(Code::PROMETHEUS_SILENT, format!("`{url}`: {why}"));
                let parsed = url.parse::<http::Uri>().map_err(|error| wrong(error.to_string()))?;
                if parsed.scheme().is_none() {
                    return Err(Box::new(wrong("it is no URL".to_owned()).help("write http://HOST:PORT")));
                }
                let client = self.other(Config::new(parsed))?;
                Ok(PrometheusApi { client, path: String::new(), name: url.clone() })
            }
            PrometheusAt::Pod { namespace, name, is_https, prefix } => {
                let scheme = if *is_https { "https:" } else { "" };
                let prefix = prefix.trim_matches('/');
                let slash = if prefix.is_empty() { "" } else { "/" };
                Ok(PrometheusApi {
                    client: self.client(),
                    path: format!(
                        "/api/v1/namespaces/{namespace}/pods/{scheme}{name}:{PORT}/proxy{slash}{prefix}"
                    ),
                    name: format!("pod {namespace}/{name}"),
                })
            }
        }
    }

    /// What a Prometheus scrapes.
    ///
    /// # Errors
    /// It does not answer.
    pub fn active_targets(&self, api: &PrometheusApi) -> Result<Vec<ActiveTarget>, Box<Diagnostic>> {
        let targets: Targets = self.wait(api.ask("/api/v1/targets?state=active"))?;
        Ok(targets.active_targets)
    }

    /// What a query comes to now.
    ///
    /// # Errors
    /// It does not answer, or does not take the query.
    pub fn query(&self, api: &PrometheusApi, query: &str) -> Result<Answer, Box<Diagnostic>> {
        self.wait(api.ask(&format!("/api/v1/query?query={}", encode(query))))
    }

    /// What a query comes to over a time, in seconds since 1970.
    ///
    /// # Errors
    /// It does not answer, or does not take the query.
    pub fn query_range(
        &self,
        api: &PrometheusApi,
        query: &str,
        (start, end): (f64, f64),
        step: f64,
    ) -> Result<Answer, Box<Diagnostic>> {
        let query = encode(query);
        let path = format!("/api/v1/query_range?query={query}&start={start}&end={end}&step={step}");
        self.wait(api.ask(&path))
    }
}

impl PrometheusApi {
    /// What it is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    async fn ask<T: DeserializeOwned>(&self, path: &str) -> Result<T, Box<Diagnostic>> {
        let silent = |why: &str| {
            let message = format!("the Prometheus at {} does not answer: {why}", self.name);
            Box::new(Diagnostic::new(Code::PROMETHEUS_SILENT, message))
        };
        let request = Request::get(format!("{}{path}", self.path))
            .header(ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|error| silent(&error.to_string()))?;
        let text = match self.client.request_text(request).await {
            Ok(text) => text,
            Err(kube::Error::Api(status)) => {
                // What is no answer of Kubernetes is one of Prometheus.
                if let Ok(Wrapped::<()> { error, .. }) = serde_json::from_str(&status.message)
                    && !error.is_empty()
                {
                    return Err(Box::new(Diagnostic::new(Code::QUERY_FAILED, error)));
                }
                let line = status.message.lines().next().unwrap_or_default();
                let finding = silent(&format!("{line} ({})", status.code));
                return Err(match status.code {
                    403 => Box::new(finding.help(
                        "to ask it through the API server takes the right to get `pods/proxy`; or say --prometheus-url",
                    )),
                    _ => finding,
                });
            }
            Err(error) => return Err(Box::new(super::failure::of(&error, &self.name, "ask a Prometheus"))),
        };
        let answer: Wrapped<T> = serde_json::from_str(&text).map_err(|error| silent(&error.to_string()))?;
        answer.data.ok_or_else(|| silent(&answer.error))
    }
}

/// A text as part of a query of a URL.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.push('%');
            for digit in [byte >> 4, byte & 15] {
                encoded.push(char::from_digit(digit.into(), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_url_cannot_hold_is_encoded() {
        assert_eq!(encode("rate(a{b=\"ä\"}[5m])"), "rate%28a%7Bb%3D%22%C3%A4%22%7D%5B5m%5D%29");
    }

    #[test]
    fn answers_are_told_apart_by_their_type() {
        let text = r#"{"resultType":"vector","result":[{"metric":{"job":"a"},"value":[1.5,"NaN"]}]}"#;
        let Ok(Answer::Vector(samples)) = serde_json::from_str(text) else { panic!("a vector") };
        assert_eq!(samples[0].value, Some((1.5, "NaN".to_owned())));
        let text = r#"{"resultType":"scalar","result":[1,"2"]}"#;
        assert!(matches!(serde_json::from_str(text), Ok(Answer::Scalar((_, text))) if text == "2"));
    }
}
