use proptest::prelude::*;

use super::*;

fn shown(text: &str) -> Result<String, HostError> {
    Host::parse(text).map(|host| host.to_string())
}

#[test]
fn every_way_to_write_the_cloud_is_the_cloud() {
    for text in [
        "https://circleci.com",
        "circleci.com",
        " https://circleci.com/ \n",
        "HTTPS://CircleCI.com:443",
        "https://circleci.com.",
        "https://app.circleci.com",
        "app.circleci.com:443/",
        "https://circleci.com/graphql-unstable",
        "https://circleci.com/api/v2",
        "https://circleci.com/api/v1.1/",
    ] {
        let host = Host::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(host.is_cloud(), "{text}");
        assert_eq!(host, Host::cloud());
        assert_eq!(host.base(), "https://circleci.com");
        assert_eq!(host.web(), "https://app.circleci.com");
        assert_eq!(host.settings_page(), "https://app.circleci.com/settings/user/job-ssh-keys");
    }
}

#[test]
fn servers_keep_their_name_and_port() {
    for (text, is) in [
        ("https://ci.example.org:8443/", "https://ci.example.org:8443"),
        ("ci.example.org", "https://ci.example.org"),
        ("https://CI.example.org./api/v2", "https://ci.example.org"),
        ("https://10.0.0.7:443", "https://10.0.0.7"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.8.9.10:80/", "http://127.8.9.10"),
        ("http://[::1]:9", "http://[::1]:9"),
        ("https://circleci.com:8443", "https://circleci.com:8443"),
    ] {
        assert_eq!(shown(text).as_deref(), Ok(is), "{text}");
        let host = Host::parse(text).expect("was read");
        assert!(!host.is_cloud(), "{text}");
        assert_eq!(host.web(), is);
    }
}

#[test]
fn what_a_token_must_not_be_sent_to_is_refused() {
    use HostError as E;
    for (text, error) in [
        ("", E::Empty),
        (" \t\n", E::Empty),
        ("http://circleci.com", E::PlainHttp),
        ("http://app.circleci.com", E::PlainHttp),
        ("http://localhost.example.org", E::PlainHttp),
        ("http://128.0.0.1", E::PlainHttp),
        ("http://[::ffff:127.0.0.1]", E::PlainHttp),
        ("ftp://circleci.com", E::Scheme),
        ("file:///etc/passwd", E::Scheme),
        ("https://ana:secret@circleci.com", E::UserInfo),
        ("https://circleci.com@evil.example", E::UserInfo),
        ("https://circleci.com\\@evil.example", E::Character),
        ("https://circleci.com evil.example", E::Character),
        ("https://circle\u{1b}[2Jci.com", E::Character),
        ("https://circleci.com\r\nHost: evil.example", E::Character),
        ("https://c\u{456}rcleci.com", E::NotAscii),
        ("https://circleci\u{3002}com", E::NotAscii),
        ("https://circleci.com/pipelines/gh/acme/web", E::Path),
        ("https://circleci.com/api/v2/../x", E::Path),
        ("https://circleci.com?x=1", E::Path),
        ("https://circleci.com/api/v2#x", E::Path),
        ("https://circleci.com:", E::Port),
        ("https://circleci.com:0", E::Port),
        ("https://circleci.com:+443", E::Port),
        ("https://circleci.com:65536", E::Port),
        ("https://circleci.com:443:443", E::Port),
        ("https://", E::Name),
        ("https://.", E::Name),
        ("https://circleci.com..", E::Name),
        ("https://circleci%2ecom", E::Name),
        ("https://127.1", E::Name),
        ("https://0x7f000001", E::Name),
        ("https://2130706433", E::Name),
        ("https://[::1", E::Name),
        ("https://[::1]x", E::Name),
        ("https://[fe80::1%eth0]", E::Name),
        ("https://$CIRCLE_HOST", E::Name),
    ] {
        assert_eq!(shown(text), Err(error), "{text:?}");
    }
    assert_eq!(shown(&format!("{}.example", "a".repeat(64))), Err(E::Name));
    assert_eq!(shown(&"a.".repeat(128)), Err(E::Name));
}

#[test]
fn strangers_are_not_served() {
    let cloud = Host::cloud();
    for job in ["circleci.com", "app.circleci.com", "APP.circleci.com", "app.circleci.com:443", "app.circleci.com."] {
        assert!(cloud.serves(job), "{job}");
    }
    for job in [
        "circleci.com.evil.example",
        "evilcircleci.com",
        "evil-app.circleci.com",
        "x.app.circleci.com",
        "circleci.com:8443",
        "circleci.com@evil.example",
        "evil.example#circleci.com",
        "circleci.co",
        "circleci.org",
        "ci.example.org",
        "https://circleci.com",
        "circleci.com/",
        "",
    ] {
        assert!(!cloud.serves(job), "{job}");
    }
    let server = Host::parse("https://ci.example.org:8443").expect("a host");
    assert!(server.serves("ci.example.org:8443") && server.serves("CI.example.org.:8443"));
    for job in ["ci.example.org", "app.ci.example.org:8443", "ci.example.org:443", "circleci.com"] {
        assert!(!server.serves(job), "{job}");
    }
    let local = Host::parse("http://127.0.0.1:4000").expect("a host");
    assert!(local.serves("127.0.0.1:4000") && !local.serves("127.0.0.1:4001") && !local.serves("localhost:4000"));
}

proptest! {
    #[test]
    fn nothing_but_its_own_names_is_the_cloud(job in "[a-z.:@/0-9-]{0,6}(app.)?circleci[.-]com[a-z.:@/0-9-]{0,6}") {
        let own = regex::Regex::new(r"^(app\.)?circleci\.com\.?(:0*443)?$").expect("a pattern").is_match(&job);
        prop_assert_eq!(Host::cloud().serves(&job), own);
    }

    #[test]
    fn what_is_read_is_written_and_read_again(text in "(https?://)?[a-zA-Z0-9.:@/\\[\\]\\\\%?# -]{0,30}") {
        if let Ok(host) = Host::parse(&text) {
            prop_assert_eq!(Host::parse(&host.base()), Ok(host.clone()));
            prop_assert!(host.serves(host.base().split_once("://").map_or("", |(_, place)| place)));
            prop_assert!(host.base().starts_with("https://") || host.is_loopback());
        }
    }
}
