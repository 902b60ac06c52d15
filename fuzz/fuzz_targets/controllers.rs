//! Any bytes as workloads, Services and their endpoints.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promwire::kubernetes::controllers::fuzz::settled(bytes));
