//! Any bytes as RBAC objects.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promwire::kubernetes::rbac::fuzz::rights(bytes));
