//! Any bytes as certificates and keys.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promwire::pki::fuzz::read(bytes));
