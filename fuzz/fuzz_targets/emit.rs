//! Any JSON, emitted and read back.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promwire::source::fuzz::emit_json(bytes));
