//! Times as CircleCI writes them, and durations as people say them. A damaged time is no time.

use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The seconds from one time (RFC 3339) to another; negative where the other is earlier.
pub fn between(earlier: Option<&str>, later: Option<&str>) -> Option<i64> {
    let seconds = |text: &str| text.trim().parse::<Timestamp>().ok().map(Timestamp::as_second);
    Some(seconds(later?)? - seconds(earlier?)?)
}

/// `12 minutes`, `1 hour 20 minutes`, `3 days`, `less than a minute`.
pub fn words(seconds: i64) -> String {
    let of = |number: i64, unit: &str| format!("{number} {unit}{}", if number == 1 { "" } else { "s" });
    match seconds {
        ..MINUTE => "less than a minute".to_owned(),
        MINUTE..HOUR => of(seconds / MINUTE, "minute"),
        HOUR..DAY if seconds % HOUR < MINUTE => of(seconds / HOUR, "hour"),
        HOUR..DAY => format!("{} {}", of(seconds / HOUR, "hour"), of(seconds % HOUR / MINUTE, "minute")),
        _ => of(seconds / DAY, "day"),
    }
}

/// The same where seconds matter: `3 seconds`, `12 minutes`.
pub fn exact_words(seconds: i64) -> String {
    match seconds {
        0 => "less than a second".to_owned(),
        1 => "1 second".to_owned(),
        2..MINUTE => format!("{seconds} seconds"),
        _ => words(seconds),
    }
}

/// The time of day of a time (RFC 3339): `10:05 UTC`.
pub fn of_day(time: &str) -> Option<String> {
    let time = time.trim().parse::<Timestamp>().ok()?.to_string();
    Some(format!("{} UTC", time.get(11..16)?))
}

/// The seconds of a duration as Go prints it: `2h0m0s`, `10m0s`.
pub fn go(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut number: Option<i64> = None;
    for letter in text.trim().chars() {
        let unit = match letter {
            'h' => HOUR,
            'm' => MINUTE,
            's' => 1,
            _ => {
                let digit = i64::from(letter.to_digit(10)?);
                number = Some(number.unwrap_or_default().checked_mul(10)?.checked_add(digit)?);
                continue;
            }
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    (number.is_none() && !text.trim().is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_words() {
        for (seconds, said) in [
            (-5, "less than a minute"),
            (0, "less than a minute"),
            (59, "less than a minute"),
            (60, "1 minute"),
            (12 * 60 + 59, "12 minutes"),
            (3600, "1 hour"),
            (4859, "1 hour 20 minutes"),
            (7259, "2 hours"),
            (86_400, "1 day"),
            (200_000, "2 days"),
        ] {
            assert_eq!(words(seconds), said);
        }
    }

    #[test]
    fn times_and_damaged_times() {
        let from = Some("2026-11-22T10:00:00Z");
        assert_eq!(between(from, Some("2026-11-22T10:12:00.500Z")), Some(720));
        assert_eq!(between(from, Some("2026-11-22T11:12:00+01:00")), Some(720));
        assert_eq!(between(from, Some("2026-11-22T09:59:00Z")), Some(-60));
        for damaged in ["", "yesterday", "2026-11-22", "2026-13-45T10:00:00Z", "99999-01-01T00:00:00Z"] {
            assert_eq!(between(from, Some(damaged)), None, "{damaged}");
        }
        assert_eq!(between(None, from), None);
    }

    #[test]
    fn the_time_of_day() {
        assert_eq!(of_day("2026-11-22T11:05:59.5+01:00").as_deref(), Some("10:05 UTC"));
        assert_eq!(of_day("10:05"), None);
    }

    #[test]
    fn durations_of_go() {
        for (text, seconds) in [
            ("2h0m0s", Some(7200)),
            ("10m0s", Some(600)),
            ("45s", Some(45)),
            ("", None),
            ("10", None),
            ("h", None),
            ("ten minutes", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(go(text), seconds, "{text}");
        }
    }
}
