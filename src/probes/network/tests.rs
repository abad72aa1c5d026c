use super::*;
use crate::{
    ssh::kex::{self, Directions, KexInit},
    system::{
        Platform,
        real::Real,
        recorded::{End, Exchange, Recorded},
    },
};

const LIMIT: Duration = Duration::from_secs(5);

fn target() -> Target {
    Target { host: "203.0.113.7".into(), port: Some(64535), ..Target::default() }
}

fn config(host: &str, change: fn(&mut Config)) -> Fact<Config> {
    let mut config = Config {
        asked_for: host.into(),
        hostname: host.to_owned().into(),
        port: 64535.into(),
        proxied: false.into(),
        ..Config::default()
    };
    change(&mut config);
    config.into()
}

fn go_server() -> Vec<u8> {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let both = |names: &[&str]| Directions { to_server: list(names), to_client: list(names) };
    let offer = KexInit {
        kex: list(&["curve25519-sha256"]),
        host_key: list(&["rsa-sha2-256"]),
        ciphers: both(&["aes128-gcm@openssh.com"]),
        macs: both(&["hmac-sha2-256"]),
        compression: both(&["none"]),
        ..KexInit::default()
    };
    [b"SSH-2.0-Go\r\n".to_vec(), kex::packet(&offer.encode([7; 16]))].concat()
}

fn machine() -> Recorded {
    Recorded::new(Platform::Linux)
}

/// There is no attempt to hear from.
fn alone() -> FirstHand {
    let first_hand = FirstHand::default();
    first_hand.end();
    first_hand
}

fn seen(machine: &Recorded, config: &Fact<Config>) -> (Fact<Network>, Fact<Server>) {
    look(machine, Some(&target()), config, &alone(), LIMIT)
}

fn says(bytes: impl AsRef<[u8]>, end: End) -> Server {
    let machine = machine().connection("203.0.113.7:64535", Ok(Exchange::says(bytes, end)));
    let (network, server) = seen(&machine, &config("203.0.113.7", |_| {}));
    assert_eq!(network.known().expect("looked").tcp.known().expect("tried").state, "open");
    server.known().expect("listened").clone()
}

#[test]
fn a_job_server_tells_its_algorithms_and_is_left_politely() {
    let machine = machine().connection("203.0.113.7:64535", Ok(Exchange::says(go_server(), End::Silence)));
    let (_, server) = seen(&machine, &config("203.0.113.7", |_| {}));
    let server = server.known().expect("listened");
    assert_eq!((server.spoke.as_str(), server.greeting.as_deref()), ("ssh2", Some("SSH-2.0-Go")));
    assert_eq!((server.software.as_deref(), server.greeting_end.as_str()), (Some("Go"), "complete"));
    assert_eq!(server.offers.known().expect("offered").host_key, ["rsa-sha2-256"]);
    let written = machine.written();
    assert!(written.starts_with(b"SSH-2.0-cci_ssh_"));
    let (payload, _) = kex::next_packet(&written[greeting_length(&written)..]).expect("a packet").expect("whole");
    assert_eq!(payload[0], kex::MSG_DISCONNECT);
}

fn greeting_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').expect("a line") + 1
}

#[test]
fn servers_that_are_none() {
    let portal = says("HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n", End::Close);
    assert_eq!((portal.spoke.as_str(), portal.redirect.as_deref()), ("http", Some("http://login.example/")));
    assert_eq!(says("", End::Close).greeting_end, "closed");
    assert_eq!(says("", End::Reset).greeting_end, "reset");
    let silent = says("", End::Silence);
    assert_eq!((silent.spoke.as_str(), silent.greeting_end.as_str()), ("nothing", "silent"));
    assert_eq!(says("Not allowed at this time\r\n", End::Close).turned_away.as_deref(), Some("not-allowed"));
    assert_eq!(says("Exceeded MaxStartups\r\n", End::Close).turned_away.as_deref(), Some("max-startups"));
    let hostile = says("220 \u{202e}mail ready\r\n", End::Close);
    assert!(!hostile.first_line.expect("a line").contains('\u{202e}'));
    let stalled = says("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", End::Silence);
    assert_eq!((stalled.greeting_end.as_str(), stalled.software.as_deref()), ("complete", Some("OpenSSH_9.2p1")));
    assert!(stalled.offers.known().is_none());
}

#[test]
fn addresses_are_tried_in_order() {
    let machine = machine()
        .name("box", &["2001:db8::1", "203.0.113.7"])
        .connection("[2001:db8::1]:64535", Err(io::ErrorKind::NetworkUnreachable))
        .connection("203.0.113.7:64535", Ok(Exchange::says(go_server(), End::Close)));
    let (network, _) = seen(&machine, &config("box", |_| {}));
    let network = network.known().expect("looked");
    assert_eq!(network.addresses.known().expect("resolved"), &["2001:db8::1", "203.0.113.7"]);
    let tcp = network.tcp.known().expect("tried");
    assert_eq!((tcp.state.as_str(), tcp.address.as_str()), ("open", "203.0.113.7"));
    let (network, server) = seen(&machine, &config("box", |config| config.address_family = Some("inet6".into())));
    assert_eq!(network.known().expect("looked").tcp.known().expect("tried").state, "network-unreachable");
    assert!(server.known().is_none());
}

#[test]
fn names_without_an_address() {
    let failure = |text| {
        let machine = machine().no_name("box", io::ErrorKind::Other, text);
        seen(&machine, &config("box", |_| {})).0.known().expect("looked").resolve_failure.clone()
    };
    for (text, kind) in [
        ("failed to lookup address information: Name or service not known", "unknown-name"),
        ("failed to lookup address information: nodename nor servname provided, or not known", "unknown-name"),
        ("failed to lookup address information: Temporary failure in name resolution", "temporary"),
        ("failed to lookup address information: No address associated with hostname", "no-address"),
        ("something new", "other"),
    ] {
        assert_eq!(failure(text).as_deref(), Some(kind), "{text}");
    }
}

#[test]
fn behind_a_proxy_or_without_a_target_nothing_is_tried() {
    let machine = machine();
    let (network, server) = seen(&machine, &config("203.0.113.7", |config| config.proxied = true.into()));
    assert!(matches!((network, server), (Fact::Unknown(_), Fact::Unknown(why)) if why.contains("jump host")));
    assert!(look(&machine, None, &config("x", |_| {}), &alone(), LIMIT).0.known().is_none());
    let refused = seen(&machine, &Fact::unknown("ssh did not start")).0;
    assert_eq!(
        refused.known().expect("an address needs no configuration").tcp.known().expect("tried").state,
        "refused"
    );
}

#[test]
fn real_sockets_open_refused_and_dripping() {
    use std::{io::Write as _, net::TcpListener, thread};
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let port = listener.local_addr().expect("bound").port();
    let real = |limit| {
        let target = Target { host: "127.0.0.1".into(), port: Some(port), ..Target::default() };
        look(&Real, Some(&target), &Fact::unknown("not asked"), &alone(), limit)
    };
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        stream.write_all(&go_server()).expect("writes");
        let (mut slow, _) = listener.accept().expect("a client");
        // One byte at a time, longer than anybody listens.
        while slow.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let (_, server) = real(LIMIT);
    assert_eq!(server.known().expect("listened").offers.known().expect("offered").kex, ["curve25519-sha256"]);
    let start = Instant::now();
    let (_, server) = real(Duration::from_millis(300));
    assert_eq!(server.known().expect("listened").greeting_end, "silent");
    assert!(start.elapsed() < Duration::from_secs(3));
    serving.join().expect("ends with its client");
    let (network, _) = real(LIMIT);
    assert_eq!(network.known().expect("looked").tcp.known().expect("tried").state, "refused");
}
