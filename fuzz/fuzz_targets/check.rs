//! Any bytes as manifests to check and explain.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promwire::engine::fuzz::checked(bytes));
