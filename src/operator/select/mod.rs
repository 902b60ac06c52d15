//! Which Prometheus resources the operator handles, and which monitors they select.

mod managed;
mod monitors;

pub(super) use managed::why_unmanaged;
pub use monitors::NotSelected;
pub(super) use monitors::select;
