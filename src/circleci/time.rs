//! Times that HTTP's headers tell (RFC 9110 5.6.7, 10.2.3).

use std::time::{Duration, SystemTime};

use jiff::{Timestamp, fmt::rfc2822};

/// CircleCI's clock beside this machine's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// CircleCI's time (RFC 3339).
    pub at: String,
    /// How many seconds this machine's clock is ahead; negative where it is behind.
    pub ahead_seconds: i64,
}

/// The `Date` header, beside this machine's clock.
pub(super) fn seen(date: &str, here: SystemTime) -> Option<Seen> {
    let at = http_date(date)?;
    let here = Timestamp::try_from(here).ok()?;
    Some(Seen { at: at.to_string(), ahead_seconds: here.as_second() - at.as_second() })
}

/// The `Retry-After` header: seconds, or a date by the clock that the `Date` header beside it shows.
pub(super) fn wait(text: &str, date: Option<&str>, here: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = date.and_then(http_date).or_else(|| Timestamp::try_from(here).ok())?;
    let left = http_date(text)?.as_second() - now.as_second();
    Some(Duration::from_secs(u64::try_from(left).unwrap_or_default()))
}

/// The seconds from one time of the API (RFC 3339) to another; a damaged time is none.
pub(super) fn between(earlier: Option<&str>, later: Option<&str>) -> Option<i64> {
    let seconds = |text: &str| text.trim().parse::<Timestamp>().ok().map(Timestamp::as_second);
    Some(seconds(later?)? - seconds(earlier?)?)
}

fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn the_date_header_tells_circlecis_clock() {
        let seen = seen("Sun, 06 Nov 1994 08:49:37 GMT", here(784_111_777 + 90)).expect("a date");
        assert_eq!((seen.at.as_str(), seen.ahead_seconds), ("1994-11-06T08:49:37Z", 90));
        assert_eq!(super::seen("yesterday", here(0)), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(wait(" 7 ", None, here(0)), Some(Duration::from_secs(7)));
        assert_eq!(wait(date, None, here(784_111_770)), Some(Duration::from_secs(7)));
        assert_eq!(wait(date, None, here(784_111_790)), Some(Duration::ZERO));
        assert_eq!(wait("soon", Some(date), here(0)), None);
    }

    #[test]
    fn a_wrong_clock_of_this_machine_does_not_change_the_wait() {
        let (date, later) = (Some("Sun, 06 Nov 1994 08:49:37 GMT"), "Sun, 06 Nov 1994 08:49:40 GMT");
        for clock in [0, 784_111_777, 784_198_177] {
            assert_eq!(wait(later, date, here(clock)), Some(Duration::from_secs(3)));
        }
        assert_eq!(wait(later, Some("?"), here(784_111_779)), Some(Duration::from_secs(1)));
    }
}
