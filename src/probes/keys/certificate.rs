//! Certificates beside keys, and their dates.

use std::{path::Path, time::SystemTime};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

use crate::{
    facts::{self, Fact},
    probes::text,
    ssh::{
        certificate::{Certificate, CertificateKind},
        public_key::PublicKey,
    },
    system::System,
};

/// Bytes read of a certificate or public file.
pub(super) const CAP: u64 = 64 * 1024;

/// Reads a certificate; `None` when the file is not there or is none.
pub(super) fn read(system: &dyn System, path: &Path) -> Option<facts::Certificate> {
    let bytes = system.read(path, CAP).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let (public, certificate) = text.lines().find_map(|line| {
        let public = PublicKey::from_line(line).ok()?;
        let certificate = Certificate::from_key(&public).ok()?;
        Some((public, certificate))
    })?;
    Some(facts(system, path, &public, &certificate))
}

/// The certificate that a blob of the agent's is, under the comment it has there.
pub(in crate::probes) fn held(system: &dyn System, comment: &str, blob: &[u8]) -> Option<facts::Certificate> {
    let public = PublicKey::from_blob(blob).ok()?;
    let certificate = Certificate::from_key(&public).ok()?;
    Some(facts(system, Path::new(comment), &public, &certificate))
}

fn facts(system: &dyn System, path: &Path, public: &PublicKey, certificate: &Certificate) -> facts::Certificate {
    let now = system.now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    facts::Certificate {
        path: text::path(path),
        id: text::clean(&certificate.key_id),
        serial: certificate.serial,
        principals: certificate.principals.iter().map(text::clean).collect(),
        valid_from: certificate.valid_after.map_or_else(|| "always".to_owned(), date),
        valid_to: certificate.valid_before.map_or_else(|| "forever".to_owned(), date),
        expired: certificate.valid_before.is_some_and(|end| now >= end),
        not_yet_valid: certificate.valid_after.is_some_and(|start| now < start),
        matches: Fact::unknown("the key beside it does not show its public half"),
        for_hosts: certificate.kind != CertificateKind::User,
        algorithm: text::clean(&certificate.algorithm),
        bits: public.bits,
        key: certificate.key.to_string(),
        blob: BASE64.encode(&public.blob),
        configured: false,
        authority: certificate.authority.to_string(),
        critical_options: certificate.critical_options.iter().map(text::clean).collect(),
        signature: text::clean(&certificate.signature),
    }
}

/// Seconds since 1970 as `2026-11-22 16:00 UTC`.
fn date(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // The civil calendar from a day count, by eras of 400 years that begin on 1 March.
    let days = days.saturating_add(719_468);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", rest / 3600, rest / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_become_dates() {
        assert_eq!(date(0), "1970-01-01 00:00 UTC");
        assert_eq!(date(951_782_399), "2000-02-28 23:59 UTC");
        assert_eq!(date(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(date(1_795_305_600), "2026-11-22 00:00 UTC");
        assert_eq!(date(4_102_444_740), "2099-12-31 23:59 UTC");
    }
}
