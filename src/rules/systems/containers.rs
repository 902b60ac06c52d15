//! Containers of workloads, as far as rules about systems look at them.

use crate::chain::listening::Listening;
use crate::chain::services::Backing;
use crate::chain::{Chain, Container};
use crate::model::object::Object;
use crate::source::Node;

/// Every container of the input.
pub(super) fn containers<'w>(chain: &Chain<'w>) -> impl Iterator<Item = Container<'w>> {
    chain.workloads.containers().iter().copied()
}

/// A port of a Service that a monitor scrapes.
pub(super) struct Scraped<'c, 'w> {
    /// The monitor.
    pub(super) monitor: Object<'w>,
    /// The endpoint of it.
    pub(super) endpoint: Node<'w>,
    /// The Service, and what is behind it.
    pub(super) backing: &'c Backing<'w>,
    /// The number of the port where the targets listen.
    pub(super) number: i64,
}

/// The ports of Services that `ServiceMonitors` name, as far as their numbers are known.
pub(super) fn scraped<'c, 'w>(chain: &'c Chain<'w>) -> impl Iterator<Item = Scraped<'c, 'w>> {
    chain.listening.iter().filter_map(|Listening { monitor, endpoint, service, number }| {
        let backing = chain.backings.get(*service)?;
        Some(Scraped { monitor: *monitor, endpoint: *endpoint, backing, number: *number })
    })
}

/// Whether an address is of the loopback: `127.0.0.1:2381`, `[::1]:2381`, `localhost`.
pub(super) fn is_loopback(address: &str) -> bool {
    let address = address.split("//").last().unwrap_or_default();
    ["127.", "localhost", "[::1]", "::1"].iter().any(|start| address.starts_with(start))
}
