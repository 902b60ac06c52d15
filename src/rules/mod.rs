//! The rules: what is wrong with a chain, one file each.
//!
//! A rule is data (its code with name, level and summary, its status, what it needs), a page for users, and a function that
//! finds. The doc comment inside [`rule!`](rule) is the page: what the rule does, `## Why it matters`, `## Example` (manifests
//! that the rule complains about) and `## Use instead` (manifests nothing complains about). `tests` runs both, and writes
//! `docs/rules/`.
//!
//! Which rule tells what is a table, `tests/fixtures/rules/coverage.tsv`, of which a test makes `docs/rules/coverage.md`: what
//! users report, what guides get wrong, and what the operator takes and Prometheus takes otherwise. Rows that no rule tells say
//! why.
//!
//! To add a rule: a code in `diagnostic/code.rs`, a file in the folder of its family, and a line in [`ALL`].

mod chain;
mod hazards;
mod operator;
mod page;
mod parts;
mod prometheus;
mod systems;
mod tls;
mod verdicts;

use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};

/// A kind of mistake, and how it is found.
#[derive(Debug)]
pub struct Rule {
    /// Its code, which has name, level and summary.
    pub code: Code,
    /// How settled it is.
    pub status: Status,
    /// What has to be there for it to find anything.
    pub needs: Needs,
    /// Its page as Markdown, every line with the blank that stands before it in the source.
    page: &'static str,
    /// Everything it finds, in the order of the objects.
    pub check: fn(&Chain<'_>) -> Vec<Diagnostic>,
}

/// How settled a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It stays, and so do its code and name.
    Stable,
    /// It may change.
    Preview,
}

/// What a rule needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Manifests.
    Files,
}

impl Status {
    /// As lists spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Preview => "preview",
        }
    }
}

impl Needs {
    /// As lists spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Files => "files",
        }
    }
}

/// A rule whose page is the doc comment in it.
macro_rules! rule {
    ($(#[doc = $doc:literal])* $code:ident, $status:ident, $needs:ident, $check:expr) => {
        pub(in crate::rules) const RULE: $crate::rules::Rule = $crate::rules::Rule {
            code: $crate::diagnostic::Code::$code,
            status: $crate::rules::Status::$status,
            needs: $crate::rules::Needs::$needs,
            page: concat!($($doc, "\n"),*),
            check: $check,
        };
    };
}
use rule;

/// Every rule, by code.
pub const ALL: &[&Rule] = &[
    &chain::monitor_not_selected::RULE,
    &chain::monitor_namespace::RULE,
    &chain::kind_not_selected::RULE,
    &chain::selects_nothing::RULE,
    &chain::targets_elsewhere::RULE,
    &chain::labels_of_pods::RULE,
    &chain::no_such_port::RULE,
    &chain::port_without_name::RULE,
    &chain::undeclared_port::RULE,
    &chain::port_twice::RULE,
    &chain::every_port::RULE,
    &chain::service_without_pods::RULE,
    &chain::unresolved_target_port::RULE,
    &chain::external_name::RULE,
    &chain::endpoints_of_no_service::RULE,
    &chain::slices_not_discovered::RULE,
    &chain::scraped_through_two_services::RULE,
    &chain::scraped_by_two_monitors::RULE,
    &chain::missing_right::RULE,
    &chain::account_without_rights::RULE,
    &chain::ingress_denied::RULE,
    &chain::egress_denied::RULE,
    &chain::secret_not_found::RULE,
    &chain::no_such_key::RULE,
    &chain::file_not_mounted::RULE,
    &chain::file_of_the_node::RULE,
    &hazards::value_pattern::RULE,
    &hazards::everything::RULE,
    &hazards::keys_collide::RULE,
    &hazards::role_selector::RULE,
    &hazards::any_beside_names::RULE,
    &hazards::ignored_namespaces::RULE,
    &hazards::endpoint_ports::RULE,
    &hazards::other_number::RULE,
    &hazards::strict_mesh::RULE,
    &hazards::https_port::RULE,
    &hazards::address::RULE,
    &hazards::written_twice::RULE,
    &hazards::managed_slice::RULE,
    &hazards::any_namespace::RULE,
    &hazards::port_name::RULE,
    &chain::named_service::RULE,
    &chain::named_service_port::RULE,
    &chain::metrics_right::RULE,
    &tls::unusable_certificate::RULE,
    &tls::key_mismatch::RULE,
    &tls::not_valid_now::RULE,
    &tls::wrong_usage::RULE,
    &tls::wrong_authority::RULE,
    &tls::wrong_server_name::RULE,
    &tls::expires_soon::RULE,
    &tls::unverified::RULE,
    &tls::tls_without_https::RULE,
    &tls::incomplete_tls::RULE,
    &tls::foreign_class::RULE,
    &tls::empty_material::RULE,
    &operator::rejected::RULE,
    &operator::reconciliation_fails::RULE,
    &operator::operator_crashes::RULE,
    &operator::unmanaged::RULE,
    &operator::not_handled::RULE,
    &operator::fails_later::RULE,
    &operator::outside::RULE,
    &operator::several::RULE,
    &operator::unwatched::RULE,
    &operator::file_access::RULE,
    &operator::timeout::RULE,
    &operator::relabeling::RULE,
    &operator::authentication::RULE,
    &operator::scrape_class::RULE,
    &operator::prober::RULE,
    &operator::no_targets::RULE,
    &operator::enforced::RULE,
    &operator::no_storage::RULE,
    &operator::escapes::RULE,
    &operator::additional::RULE,
    &prometheus::refused::RULE,
    &prometheus::authentication_twice::RULE,
    &prometheus::port_pattern::RULE,
    &prometheus::label_name::RULE,
    &prometheus::comparison::RULE,
    &prometheus::client_without_server::RULE,
    &prometheus::empty_setting::RULE,
    &prometheus::static_url::RULE,
    &prometheus::environment_name::RULE,
    &prometheus::lost_by_zone::RULE,
    &prometheus::zero_interval::RULE,
    &prometheus::empty_path::RULE,
    &prometheus::meta_label::RULE,
    &prometheus::meta_label_late::RULE,
    &prometheus::drops_everything::RULE,
    &prometheus::idle_replacement::RULE,
    &prometheus::query_in_path::RULE,
    &prometheus::labels_renamed::RULE,
    &prometheus::label_of_exporter::RULE,
    &systems::calico_tier::RULE,
    &systems::etcd_without_tls::RULE,
    &systems::etcd_loopback::RULE,
    &systems::component_loopback::RULE,
    &systems::kube_proxy::RULE,
    &systems::felix_off::RULE,
    &systems::typha_off::RULE,
    &systems::port_clash::RULE,
    &systems::component_port::RULE,
    &systems::removed_api::RULE,
    &systems::explicit_null::RULE,
    &systems::calico_store::RULE,
    &systems::etcd_open::RULE,
    &systems::etcd_key::RULE,
    &systems::static_etcd::RULE,
    &systems::exporter_network::RULE,
    &systems::exporter_root::RULE,
    &systems::exporter_tolerations::RULE,
    &systems::pod_security::RULE,
    &systems::job_of_rules::RULE,
    &systems::untagged::RULE,
    &systems::unlimited::RULE,
    &systems::unconfined::RULE,
    &systems::bare_pod::RULE,
    &systems::ephemeral::RULE,
    &systems::small_memory::RULE,
    &systems::exposed::RULE,
    &systems::anonymous_admin::RULE,
    &systems::legacy::RULE,
];

/// The rule with this code or name.
pub fn find(text: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.code.id().eq_ignore_ascii_case(text) || rule.code.name() == text)
}

#[cfg(test)]
mod tests;
