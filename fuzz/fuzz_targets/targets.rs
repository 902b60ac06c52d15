//! Any bytes as a configuration and manifests.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promwire::sd::fuzz::targets(bytes));
