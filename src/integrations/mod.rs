//! Systems promwire knows how to monitor: intent to objects.

pub mod distinguish;
pub mod solve;
