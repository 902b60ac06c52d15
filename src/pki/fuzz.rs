//! What must hold for every input: called by the fuzz target `pki` in `fuzz/` and by `tests/fuzz_replay.rs`.

use super::{Certificate, Moment, PrivateKey, Usage, blocks, pair_matches};

/// Reads the bytes as whatever there is and judges what was read; panics where a promise of this room is broken.
pub fn read(bytes: &[u8]) {
    let size: usize = blocks(bytes).map(|block| block.size()).sum();
    assert!(size <= bytes.len(), "blocks are smaller than their base64");
    let key = PrivateKey::from_pem(bytes);
    if let (Ok(key), Ok(text)) = (&key, std::str::from_utf8(bytes)) {
        let shown = format!("{key:?}");
        assert!(shown.len() < 20 && shown.starts_with("PrivateKey("), "a key is shown in {text}");
    }
    // What is no pair to begin with is none in either order.
    let pair = pair_matches(bytes, bytes);
    assert!(pair.is_err() || (key.is_ok() && Certificate::first_from_pem(bytes).is_ok()));
    let certificates = Certificate::pool_from_pem(bytes);
    for certificate in certificates.iter().chain(&Certificate::from_der(bytes)) {
        for host in certificate.dns_names().iter().filter(|name| !matches!(name.as_str(), "" | ".")) {
            assert!(
                certificate.is_valid_for(host).is_ok()
                    || host.parse::<std::net::IpAddr>().is_ok()
                    || host.starts_with('['),
                "it is for {host:?}, and then not"
            );
        }
        for address in certificate.ip_addresses() {
            assert!(
                certificate.is_valid_for(&address.to_string()).is_ok(),
                "it is for {address}, and then not"
            );
        }
        let now: Moment = certificate.not_after();
        let again: Result<Moment, String> = now.to_string().parse();
        assert!(again.is_err() || again == Ok(now), "a moment reads back as another");
        let _ = certificate.is_trusted(&certificates, &certificates, Usage::Client, now);
        let _ = certificate.public_key().weakness();
    }
    let _ = Certificate::from_first_block(bytes);
}
