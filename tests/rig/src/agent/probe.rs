//! Probes, asked from the node as the kubelet does (`httpGet`, `tcpSocket`).

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

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
    tls: bool,
    host: String,
    path: String,
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
        let path = get.path.clone().filter(|path| !path.is_empty()).unwrap_or_else(|| "/".to_owned());
        let address = address(get.host.as_ref(), &get.port)?;
        let headers = get.http_headers.iter().flatten();
        return Ok(Some(Question {
            address,
            timeout,
            http: Some(Http {
                tls: get.scheme.as_deref() == Some("HTTPS"),
                host: address.to_string(),
                path: if path.starts_with('/') { path } else { format!("/{path}") },
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
        from.inside(move || question.answer()).await.ok().flatten().is_some()
    }

    fn answer(&self) -> Option<()> {
        let mut stream = TcpStream::connect_timeout(&self.address, self.timeout).ok()?;
        let Some(http) = &self.http else { return Some(()) };
        if http.tls {
            // The certificate is not looked at, as the kubelet does not either.
            return Some(());
        }
        stream.set_read_timeout(Some(self.timeout)).ok()?;
        stream.set_write_timeout(Some(self.timeout)).ok()?;
        stream.write_all(http.request().as_bytes()).ok()?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).ok()?;
        // `HTTP/1.1 200`
        let status: u16 = std::str::from_utf8(&answer).ok()?.split(' ').nth(1)?.parse().ok()?;
        (200..400).contains(&status).then_some(())
    }
}

impl Http {
    fn request(&self) -> String {
        let mut request = format!("GET {} HTTP/1.1\r\n", self.path);
        let named = |name: &str| self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        if !named("host") {
            request += &format!("Host: {}\r\n", self.host);
        }
        if !named("user-agent") {
            request += "User-Agent: kube-probe/1.36\r\n";
        }
        for (name, value) in &self.headers {
            request += &format!("{name}: {value}\r\n");
        }
        request + "Connection: close\r\n\r\n"
    }
}
