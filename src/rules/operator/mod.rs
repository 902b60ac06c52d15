//! Rules about what the operator takes, changes and leaves alone.

pub(super) mod additional;
pub(super) mod authentication;
pub(super) mod enforced;
pub(super) mod escapes;
pub(super) mod fails_later;
pub(super) mod file_access;
pub(super) mod no_storage;
pub(super) mod no_targets;
pub(super) mod not_handled;
pub(super) mod operator_crashes;
pub(super) mod outside;
pub(super) mod prober;
pub(super) mod reconciliation_fails;
pub(super) mod rejected;
pub(super) mod relabeling;
pub(super) mod scrape_class;
pub(super) mod several;
pub(super) mod timeout;
pub(super) mod unmanaged;
pub(super) mod unwatched;
