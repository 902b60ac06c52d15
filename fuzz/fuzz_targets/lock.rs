//! Any bytes as a lock of a cluster.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promwire::engine::lock::fuzz::lock(bytes));
