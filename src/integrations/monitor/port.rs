//! Choosing the port that serves metrics.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use crate::diagnostic::{Code, Diagnostic, Place};

/// Names people give ports that serve metrics, best first.
const METRICS_NAMES: &[&str] =
    &["metrics", "http-metrics", "https-metrics", "prometheus", "prom", "http-prometheus"];

/// A port as the user names it: by name, or by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PortReference(String);

impl FromStr for PortReference {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for PortReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A port of a Service or of a container.
#[derive(Debug, Clone)]
pub(super) struct Port<'d> {
    pub(super) name: Option<&'d str>,
    pub(super) number: u16,
    /// Another number or name it is known by: a Service port's `targetPort`.
    pub(super) target: Option<String>,
    /// What is spoken on it, where the Service says so (`appProtocol`).
    pub(super) protocol: Option<&'d str>,
    pub(super) place: Place,
}

impl Port<'_> {
    /// Whether its name or protocol says that it speaks TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.protocol.is_some_and(|protocol| protocol.eq_ignore_ascii_case("https"))
            || self.name.is_some_and(|name| name.starts_with("https"))
    }

    fn is(&self, wanted: &PortReference) -> bool {
        self.name == Some(wanted.0.as_str()) || self.number.to_string() == wanted.0
    }
}

/// Whether a port's name says that it serves metrics.
pub(super) fn is_for_metrics(name: &str) -> bool {
    METRICS_NAMES.contains(&name) || name.ends_with("-metrics") || name.starts_with("metrics-")
}

/// `http (80)`, or the number alone.
impl fmt::Display for Port<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => write!(f, "{name} ({})", self.number),
            None => write!(f, "{}", self.number),
        }
    }
}

/// The port the user means, or the one that serves metrics by its name, or the only one.
///
/// # Errors
/// When there is none, or several could be meant. `owner` is whose ports they are, for the message.
pub(super) fn choose<'p, 'd>(
    ports: &'p [Port<'d>],
    wanted: Option<&PortReference>,
    owner: &str,
) -> Result<&'p Port<'d>, Box<Diagnostic>> {
    let list = || ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if ports.is_empty() {
        return Err(Box::new(Diagnostic::new(Code::NO_SUCH_PORT, format!("{owner} declares no TCP port"))));
    }
    if let Some(wanted) = wanted {
        let by_target = |port: &&Port<'_>| port.target.as_ref() == Some(&wanted.0);
        if let Some(found) =
            ports.iter().find(|port| port.is(wanted)).or_else(|| ports.iter().find(by_target))
        {
            return Ok(found);
        }
        let message = format!("{owner} has no port `{wanted}`");
        let mut finding =
            Diagnostic::new(Code::NO_SUCH_PORT, message).note(format!("its ports are {}", list()));
        let close = |port: &&Port<'_>| {
            port.name.is_some_and(|name| strsim::damerau_levenshtein(name, &wanted.0) <= 2)
        };
        if let Some(name) = ports.iter().find(close).and_then(|port| port.name) {
            finding = finding.help(format!("did you mean --port {name}?"));
        }
        return Err(Box::new(finding.at(ports[0].place.clone(), "the ports are here")));
    }
    if let [only] = ports {
        return Ok(only);
    }
    let by_rank = METRICS_NAMES.iter().find_map(|name| ports.iter().find(|port| port.name == Some(name)));
    let for_metrics: Vec<&Port<'_>> =
        ports.iter().filter(|port| port.name.is_some_and(is_for_metrics)).collect();
    match (by_rank, for_metrics.as_slice()) {
        (Some(found), _) => Ok(found),
        (None, [only]) => Ok(only),
        _ => Err(Box::new(
            Diagnostic::new(
                Code::NO_SUCH_PORT,
                format!("{owner} has several ports, and none says that it serves metrics"),
            )
            .at(ports[0].place.clone(), "the ports are here")
            .note(format!("its ports are {}", list()))
            .help("say which with --port NAME"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Span, TextFile};

    fn chosen(ports: &[(Option<&'static str>, u16)], wanted: Option<&str>) -> Result<u16, String> {
        let file = Arc::new(TextFile::new("x", ""));
        let ports: Vec<Port<'_>> = ports
            .iter()
            .map(|(name, number)| Port {
                name: *name,
                number: *number,
                target: Some("8080".to_owned()),
                protocol: None,
                place: Place::new(file.clone(), Span::default()),
            })
            .collect();
        let wanted = wanted.map(|text| PortReference(text.to_owned()));
        choose(&ports, wanted.as_ref(), "service/x")
            .map(|port| port.number)
            .map_err(|finding| finding.message)
    }

    #[test]
    fn the_only_one_or_the_one_that_says_so() {
        assert_eq!(chosen(&[(None, 80)], None), Ok(80));
        assert_eq!(chosen(&[(Some("http"), 80), (Some("metrics"), 90)], None), Ok(90));
        assert_eq!(chosen(&[(Some("app-metrics"), 80), (Some("http-metrics"), 90)], None), Ok(90));
        assert_eq!(chosen(&[(Some("http"), 80), (Some("app-metrics"), 90)], None), Ok(90));
        assert!(chosen(&[(Some("http"), 80), (Some("grpc"), 90)], None).is_err());
        assert!(chosen(&[], None).is_err());
    }

    #[test]
    fn by_name_number_or_target() {
        let ports = [(Some("http"), 80), (Some("grpc"), 90)];
        assert_eq!(chosen(&ports, Some("grpc")), Ok(90));
        assert_eq!(chosen(&ports, Some("90")), Ok(90));
        assert_eq!(chosen(&ports, Some("8080")), Ok(80));
        assert_eq!(chosen(&ports, Some("gprc")), Err("service/x has no port `gprc`".to_owned()));
    }
}
