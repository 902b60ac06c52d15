//! Which part of a certificate is wrong, as Go names it.

use super::der::Fields;

/// What Go's `x509.ParseCertificate` (1.26) says of DER that is no certificate, without the `x509: ` before it. It says more of
/// names, times, keys and extensions; what is wrong inside of these is `malformed certificate` here.
pub(super) fn part(der: &[u8]) -> &'static str {
    let Some((mut certificate, rest)) = Fields::of(der) else { return "malformed certificate" };
    match structure(&mut certificate) {
        Err(part) => part,
        Ok(()) if !rest.is_empty() => "trailing data",
        Ok(()) => "malformed certificate",
    }
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

/// In Go's order.
fn structure(certificate: &mut Fields<'_>) -> Result<(), &'static str> {
    let mut tbs = certificate.sequence().ok_or("malformed tbs certificate")?;
    if tbs.enter(0).ok_or("malformed version")? {
        match tbs.version() {
            Some(0..=2) => {}
            Some(3..) => return Err("invalid version"),
            _ => return Err("malformed version"),
        }
    }
    match tbs.any() {
        Some((INTEGER, [0x80..=0xff, ..])) => return Err("negative serial number"),
        Some((INTEGER, [_, ..])) => {}
        _ => return Err("malformed serial number"),
    }
    let sequence = |fields: &mut Fields<'_>, part| match fields.any() {
        Some((SEQUENCE, content)) => Ok(content.to_vec()),
        _ => Err(part),
    };
    let inner = sequence(&mut tbs, "malformed signature algorithm identifier")?;
    if sequence(certificate, "malformed algorithm identifier")? != inner {
        return Err("inner and outer signature algorithm identifiers don't match");
    }
    for part in ["malformed issuer", "malformed validity", "malformed issuer", "malformed spki"] {
        sequence(&mut tbs, part)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_gos_names() {
        assert_eq!(part(b""), "malformed certificate");
        assert_eq!(part(b"\x30\x05\x02"), "malformed certificate");
        // What a PKCS#8 key begins with.
        assert_eq!(part(b"\x30\x05\x02\x01\x00\x30\x00"), "malformed tbs certificate");
        assert_eq!(part(b"\x30\x07\x30\x05\xa0\x03\x02\x01\x07"), "invalid version");
        assert_eq!(part(b"\x30\x05\x30\x03\x02\x01\x80"), "negative serial number");
        assert_eq!(part(b"\x30\x05\x30\x03\x02\x01\x01"), "malformed signature algorithm identifier");
    }
}
