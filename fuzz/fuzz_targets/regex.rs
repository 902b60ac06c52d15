//! Any bytes as a pattern, a template and texts.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promwire::prom::regex::fuzz::pattern(bytes));
