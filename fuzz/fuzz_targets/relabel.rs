//! Any bytes as relabel rules and labels.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promwire::prom::relabel::fuzz::rules(bytes));
