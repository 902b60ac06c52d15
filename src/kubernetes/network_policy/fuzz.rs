//! What must hold for every input: called by the fuzz target `network_policy` in `fuzz/` and by `tests/fuzz_replay.rs`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::{Direction, NamedPort, Party, Policies, Port, Verdict};
use crate::diagnostic::TextFile;
use crate::model::inventory::Inventory;

/// Takes the bytes for manifests, and panics where a promise of this module is broken.
pub fn policies(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let reading = crate::source::read(Arc::new(TextFile::new("policies.yaml", text)));
    let (inventory, _) = Inventory::builder().documents(reading.documents).build();
    let policies = Policies::of(&inventory);
    let labels = [("app", "x")];
    let labels: &[(&str, &str)] = &labels;
    let ports = [NamedPort { name: "http", number: 80, protocol: "TCP" }];
    let addresses = [IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    for namespace in [None, Some("a"), Some("b")] {
        for count in 0..=addresses.len() {
            let party = |namespace, host_network| Party {
                namespace,
                name: None,
                labels: &labels,
                addresses: &addresses[..count],
                host_network,
                ports: &ports,
            };
            let (from, to) = (party(Some("a"), count == 1), party(namespace, false));
            for (direction, own) in [(Direction::Ingress, &to), (Direction::Egress, &from)] {
                let port = Port { number: 80, protocol: "TCP" };
                let verdict = match direction {
                    Direction::Ingress => policies.ingress(&from, &to, port),
                    Direction::Egress => policies.egress(&from, &to, port),
                };
                let selecting = policies.selecting(own.namespace, own.labels, direction).count();
                match verdict {
                    Verdict::Allowed(admission) => assert!(!admission.to_string().is_empty()),
                    Verdict::Denied(refusals) => {
                        assert_eq!(refusals.len(), selecting, "every policy has its reason");
                        assert!(refusals.iter().all(|refusal| !refusal.to_string().is_empty()));
                    }
                    Verdict::Unknown(open) => {
                        assert!(selecting > 0 && !open.is_empty());
                        assert!(open.iter().all(|open| !open.to_string().is_empty()));
                    }
                }
            }
        }
    }
}
