//! Any bytes as NetworkPolicies.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promwire::kubernetes::network_policy::fuzz::policies(bytes));
