//! What is tried again, how long that takes, and what never is.

use super::*;

#[test]
fn what_may_pass_is_tried_again() {
    let fault = |fault| move |system: Recorded| system.http_fault(ME, fault);
    let status = |status| move |system: Recorded| system.http(ME, status, &[], "");
    for (number, twice) in [fault(HttpFault::Connect), fault(HttpFault::Broken), fault(HttpFault::Timeout)]
        .map(|add| add(add(cloud())))
        .into_iter()
        .chain([500, 502, 503, 504, 529].map(|code| status(code)(status(code)(cloud()))))
        .enumerate()
    {
        let system = me(twice);
        assert_eq!(patient(&system).me(), ana(), "{number}");
        assert_eq!(system.asked().len(), 3, "{number}");
        assert_eq!(system.paused(), [PAUSE, PAUSE * 2], "{number}");
    }
}

#[test]
fn what_does_not_pass_is_told_after_so_many_tries() {
    let system = cloud().http(ME, 503, &[], "<html>");
    assert_eq!(patient(&system).me(), Err(ApiError::Down(503)));
    assert_eq!(system.asked().len(), TRIES as usize);
}

#[test]
fn what_another_try_does_not_mend_is_asked_once() {
    for fault in [HttpFault::Resolve, HttpFault::Certificate, HttpFault::Tls, HttpFault::Proxy, HttpFault::Other] {
        let system = cloud().http_fault(ME, fault);
        assert!(matches!(patient(&system).me(), Err(ApiError::Unreachable { .. })), "{fault:?}");
        assert_eq!(system.asked().len(), 1, "{fault:?}");
    }
    for status in [301, 400, 401, 403, 404, 407, 410, 451, 511] {
        let system = cloud().http(ME, status, &[], r#"{"message": "no"}"#);
        assert!(patient(&system).me().is_err(), "{status}");
        assert_eq!(system.asked().len(), 1, "{status}");
    }
}

#[test]
fn what_changes_something_is_sent_once() {
    let wrong = [HttpFault::Connect, HttpFault::Broken, HttpFault::Timeout];
    let faults = wrong.map(|fault| cloud().http_fault(RERUN, fault));
    for system in faults.into_iter().chain([500, 503].map(|status| cloud().http(RERUN, status, &[], ""))) {
        assert!(patient(&system).rerun_with_ssh("w", "j").is_err());
        assert_eq!(system.asked().len(), 1);
    }
}

#[test]
fn what_changes_something_and_was_turned_away_is_sent_again() {
    let system = cloud().http(RERUN, 429, &[("retry-after", "0")], r#"{"message": "later"}"#).http(
        RERUN,
        202,
        &[],
        r#"{"workflow_id": "new"}"#,
    );
    assert_eq!(patient(&system).rerun_with_ssh("w", "j").as_deref(), Ok("new"));
    assert_eq!(system.asked().len(), 2);
}

#[test]
fn the_wait_is_as_long_as_circleci_says() {
    for (header, wait) in [(Some("1"), 1000), (Some("0"), 250), (None, 250), (Some("soon"), 250)] {
        let headers: Vec<(&str, &str)> = header.map(|value| ("retry-after", value)).into_iter().collect();
        let system = me(cloud().http(ME, 429, &headers, "Too many requests"));
        assert_eq!(patient(&system).me(), ana(), "{header:?}");
        assert_eq!(system.paused(), [Duration::from_millis(wait)], "{header:?}");
    }
}

#[test]
fn a_wait_that_is_too_long_is_none() {
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    let later = ("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT");
    for (headers, wait) in [
        (&[("retry-after", "60")][..], 60),
        (&[date, later], 60),
        (&[("retry-after", "99999999999999")], 99_999_999_999_999),
    ] {
        let system = cloud().http(ME, 429, headers, "");
        let start = Instant::now();
        assert_eq!(patient(&system).me(), Err(ApiError::Limited(Some(Duration::from_secs(wait)))));
        assert!(start.elapsed() < Duration::from_secs(5));
        assert_eq!(system.asked().len(), 1);
    }
}

#[test]
fn the_time_holds_for_everything_together() {
    let system = cloud().http(ME, 503, &[], "");
    let client = client(&system, Duration::from_millis(400));
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(client.me(), Err(ApiError::Down(503))));
        }
    });
    assert_eq!(client.me(), Err(ApiError::Down(503)));
    thread::sleep(client.left());
    let asked = system.asked().len();
    assert_eq!(client.me(), Err(ApiError::TooLate));
    assert_eq!(system.asked().len(), asked, "nothing is sent when the time is up");
    assert!(start.elapsed() < Duration::from_secs(2));
}
