//! The `promwire` command.
fn main() {}
