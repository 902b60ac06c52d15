//! Any bytes as a Stack.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promwire::config::fuzz::stack(bytes));
