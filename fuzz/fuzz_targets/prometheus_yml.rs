//! Any bytes as a configuration of Prometheus.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promwire::prom::config::fuzz::load(bytes));
