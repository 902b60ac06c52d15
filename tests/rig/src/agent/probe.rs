//! Probes, asked from the node as the kubelet does (`httpGet`, `tcpSocket`).

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use ureq::tls::{TlsConfig, TlsProvider};

use crate::network::Host;

/// A question with a yes or no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    address: SocketAddr,
    timeout: Duration,
    http: Option<Http>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Http {
    url: String,
    headers: Vec<(String, String)>,
}

/// What a probe asks; nothing where the rig cannot ask (`exec`, `grpc`), which counts as yes.
///
/// # Errors
///
/// A port that the container does not declare, or an address that is none.
pub(super) fn question(
    probe: &Probe,
    container: &Container,
    pod_address: IpAddr,
) -> Result<Option<Question>, String> {
    let timeout = Duration::from_secs(u64::try_from(probe.timeout_seconds.unwrap_or(1)).unwrap_or(1).max(1));
    let address = |host: Option<&String>, wanted: &IntOrString| {
        let host = match host.filter(|host| !host.is_empty()) {
            Some(host) if host == "localhost" => IpAddr::from([127, 0, 0, 1]),
            Some(host) => host.parse().map_err(|_| format!("probe host `{host}` is not an address"))?,
            None => pod_address,
        };
        Ok::<_, String>(SocketAddr::new(host, port(container, wanted)?))
    };
    if let Some(get) = &probe.http_get {
        let path = get.path.as_deref().unwrap_or_default();
        let scheme = if get.scheme.as_deref() == Some("HTTPS") { "https" } else { "http" };
        let address = address(get.host.as_ref(), &get.port)?;
        let headers = get.http_headers.iter().flatten();
        return Ok(Some(Question {
            address,
            timeout,
            http: Some(Http {
                url: format!("{scheme}://{address}/{}", path.trim_start_matches('/')),
                headers: headers.map(|header| (header.name.clone(), header.value.clone())).collect(),
            }),
        }));
    }
    if let Some(socket) = &probe.tcp_socket {
        return Ok(Some(Question {
            address: address(socket.host.as_ref(), &socket.port)?,
            timeout,
            http: None,
        }));
    }
    Ok(None)
}

fn port(container: &Container, wanted: &IntOrString) -> Result<u16, String> {
    let number = match wanted {
        IntOrString::Int(number) => Some(*number),
        IntOrString::String(name) => container
            .ports
            .iter()
            .flatten()
            .find(|port| port.name.as_deref() == Some(name))
            .map(|port| port.container_port)
            .or_else(|| name.parse().ok()),
    };
    number
        .and_then(|number| u16::try_from(number).ok())
        .ok_or_else(|| format!("no port {wanted:?} for a probe"))
}

impl Question {
    /// Asks from a host; an answer with a status of 200 to 399 is a yes.
    pub(super) async fn ask(&self, from: &Host) -> bool {
        let question = self.clone();
        from.inside(move || question.answer()).await.unwrap_or(false)
    }

    /// On the thread whose network namespace the question is asked from.
    fn answer(&self) -> bool {
        match &self.http {
            Some(http) => http.get(self.timeout).is_ok_and(|status| (200..400).contains(&status)),
            None => TcpStream::connect_timeout(&self.address, self.timeout).is_ok(),
        }
    }
}

impl Http {
    fn get(&self, timeout: Duration) -> Result<u16, ureq::Error> {
        let crypto = Arc::new(rustls::crypto::ring::default_provider());
        // The kubelet does not look at the certificate either.
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(crypto)
            .disable_verification(true)
            .build();
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent("kube-probe/1.36")
            .proxy(None)
            .tls_config(tls)
            .build()
            .into();
        let mut request = agent.get(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        Ok(request.call()?.status().as_u16())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn made(probe: Value) -> Result<Option<Question>, String> {
        let probe: Probe = serde_json::from_value(probe).expect("it is a probe");
        let ports = json!([{"name": "web", "containerPort": 9090}]);
        let container =
            serde_json::from_value(json!({"name": "a", "ports": ports})).expect("it is a container");
        question(&probe, &container, IpAddr::from([10, 77, 8, 1]))
    }

    #[test]
    fn ports_have_names() {
        let asked = made(json!({"httpGet": {"path": "/-/ready", "port": "web"}, "timeoutSeconds": 3}));
        let asked = asked.expect("it can be asked").expect("it is a question");
        assert_eq!(asked.http.expect("it is HTTP").url, "http://10.77.8.1:9090/-/ready");
        assert_eq!(asked.timeout, Duration::from_secs(3));
        let asked = made(json!({"httpGet": {"scheme": "HTTPS", "host": "127.0.0.1", "port": 2381}}));
        let asked = asked.expect("it can be asked").expect("it is a question");
        assert_eq!(asked.http.expect("it is HTTP").url, "https://127.0.0.1:2381/");
        assert!(made(json!({"tcpSocket": {"port": "metrics"}})).is_err());
        assert_eq!(made(json!({"exec": {"command": ["true"]}})), Ok(None));
    }
}
