//! End-to-end tests: what promwire generates runs in the rig.
fn main() {}
