//! Until when the gateway's own certificates are good: a gauge, and a warning in time.
//!
//! It looks at once and once a day, so that a renewal that somebody forgot is in the log a month before nodes stay away. It
//! neither fetches nor renews anything. Before: door/tls.rs and the configuration of the broker. Next: http/metrics.rs.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::door::Tls;
use crate::gateway::{Phase, reached};

/// How long before its end a certificate is warned of: authorities that last 90 days renew with a third left.
const SOON: Duration = Duration::from_secs(30 * DAY_S);
/// Between two looks.
const EVERY: Duration = Duration::from_secs(DAY_S);
const DAY_S: u64 = 24 * 3_600;

/// The gateway's own certificates. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Certificates {
    pub(crate) door: Option<Tls>,
    /// Until when the one that the broker is shown is good, in seconds since 1970.
    pub(crate) broker: Option<u64>,
}

impl Certificates {
    /// What each is for, and its end in seconds since 1970.
    pub(crate) fn ends(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let door = self.door.as_ref().and_then(Tls::ends);
        door.map(|end| ("door", end)).into_iter().chain(self.broker.map(|end| ("broker", end)))
    }

    /// Warns until the gateway drains.
    pub(crate) async fn look_after(self, mut phase: watch::Receiver<Phase>) {
        let mut day = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                _ = day.tick() => self.ends().for_each(|(what, end)| warn(what, end, SystemTime::now())),
                _ = reached(&mut phase, Phase::Draining) => return,
            }
        }
    }
}

/// Until when the first certificate of a PEM file is good; `None` when it cannot be read.
pub(crate) fn end_of_file(path: &Path) -> Option<u64> {
    CertificateDer::from_pem_file(path).ok().and_then(|certificate| end(&certificate))
}

/// Until when a certificate is good, in seconds since 1970.
pub(crate) fn end(certificate: &[u8]) -> Option<u64> {
    let certificate = Certificate::from_der(certificate).ok()?;
    Some(certificate.tbs_certificate().validity().not_after.to_unix_duration().as_secs())
}

/// Days until an end that is near; 0 when it is past.
fn days_left(end: u64, now: SystemTime) -> Option<u64> {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let left = end.saturating_sub(now);
    (left < SOON.as_secs()).then_some(left / DAY_S)
}

fn warn(what: &str, end: u64, now: SystemTime) {
    match days_left(end, now) {
        Some(0) => tracing::error!(certificate = what, "a certificate has run out, or does so within a day"),
        Some(days) => tracing::warn!(certificate = what, days, "a certificate runs out soon"),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_within_a_month_is_near() {
        let now = UNIX_EPOCH + Duration::from_secs(100 * DAY_S);
        for (end, left) in
            [(131, None), (130, None), (129, Some(29)), (101, Some(1)), (100, Some(0)), (7, Some(0))]
        {
            assert_eq!(days_left(end * DAY_S, now), left, "{end}");
        }
    }

    #[test]
    fn the_end_is_read_from_the_certificate() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["door".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(2030, 1, 2);
        let certificate = params.self_signed(&key).unwrap();
        assert_eq!(end(certificate.der()), Some(1_893_542_400));
        assert_eq!(end(b"none"), None);
    }
}
