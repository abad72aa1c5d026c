//! What only the real machine shows: processes that hang, sockets nobody accepts on.

#![cfg(unix)]

use std::{
    io::{Read as _, Write as _},
    os::unix::{fs::PermissionsExt as _, net::UnixListener},
    time::Instant,
};

use super::*;

fn sh<'a>(script: &str, milliseconds: u64) -> Run<'a> {
    Run {
        program: Path::new("/bin/sh"),
        args: vec!["-c".into(), script.into()],
        env: vec![("GREETING", Some("hello".into())), ("PWD", None)],
        timeout: Duration::from_millis(milliseconds),
        cap: 4096,
        stop: None,
    }
}

#[test]
fn output_code_and_environment_come_back() {
    let ran = Real.run(&sh("cat; echo $GREETING; echo oops >&2; exit 3", 10_000)).expect("starts");
    assert_eq!((ran.code, ran.stdout.as_slice(), ran.stderr.as_slice()), (Some(3), &b"hello\n"[..], &b"oops\n"[..]));
    assert!(!ran.timed_out && !ran.stopped);
}

#[test]
fn a_hanging_child_ends_at_its_limit_with_what_it_said() {
    let start = Instant::now();
    let ran = Real.run(&sh("echo before; sleep 60", 200)).expect("starts");
    assert!(ran.timed_out && ran.code.is_none());
    assert_eq!(ran.stdout, b"before\n");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_grandchild_that_holds_the_pipe_is_not_waited_for_and_dies() {
    let start = Instant::now();
    let ran = Real.run(&sh("sleep 60 & echo $!", 30_000)).expect("starts");
    assert_eq!(ran.code, Some(0));
    assert!(start.elapsed() < Duration::from_secs(10));
    let pid = String::from_utf8(ran.stdout).expect("a number");
    let stat = format!("/proc/{}/stat", pid.trim());
    let gone = || !std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "));
    assert!((0..100).any(|_| gone() || {
        std::thread::sleep(Duration::from_millis(10));
        false
    }));
}

#[test]
fn a_grandchild_that_left_the_group_holds_up_nobody() {
    if Real.programs("setsid").is_empty() {
        return;
    }
    let start = Instant::now();
    let ran = Real.run(&sh("setsid sleep 3 & echo done", 30_000)).expect("starts");
    assert_eq!((ran.code, ran.stdout.as_slice()), (Some(0), &b"done\n"[..]));
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_flood_is_cut_and_does_not_block_the_child() {
    let ran = Real.run(&sh("head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2", 30_000)).expect("starts");
    assert_eq!((ran.code, ran.stdout.len(), ran.stderr.len()), (Some(0), 4096, 4096));
}

#[test]
fn a_watcher_sees_whole_lines_and_can_stop() {
    let mut lines = Vec::new();
    let script = "printf 'on' >&2; printf 'e\\r\\ntwo\\nthree\\n' >&2; sleep 60";
    let ran = Real
        .watch(&sh(script, 30_000), &mut |_, line| {
            lines.push(String::from_utf8_lossy(line).into_owned());
            if lines.len() == 2 { Watch::Stop } else { Watch::Continue }
        })
        .expect("starts");
    assert!(ran.stopped && !ran.timed_out && ran.code.is_none());
    assert_eq!(lines, ["one", "two"]);
}

#[test]
fn the_last_lines_of_a_quick_child_are_seen() {
    let mut count = 0;
    let script = "i=0; while [ $i -lt 500 ]; do echo line >&2; i=$((i+1)); done; printf end >&2";
    let ran = Real
        .watch(&sh(script, 30_000), &mut |_, _| {
            count += 1;
            Watch::Continue
        })
        .expect("starts");
    assert_eq!((ran.code, count), (Some(0), 501));
}

#[test]
fn a_missing_program_is_an_error() {
    let run = Run { program: Path::new("/nonexistent/ssh"), ..sh("", 1000) };
    assert_eq!(Real.run(&run).expect_err("missing").kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_socket_that_accepts_nobody_does_not_hang() {
    let scratch = Real.scratch().expect("a folder");
    let path = scratch.path().join("s");
    // A listener that never accepts, with the smallest queue there is.
    let socket =
        rustix::net::socket(rustix::net::AddressFamily::UNIX, rustix::net::SocketType::STREAM, None).expect("a socket");
    rustix::net::bind(&socket, &rustix::net::SocketAddrUnix::new(&path).expect("short")).expect("binds");
    rustix::net::listen(&socket, 0).expect("listens");
    let start = Instant::now();
    let mut held = Vec::new();
    let failure = (0..64).find_map(|_| match Real.connect_local(&path, Duration::from_millis(200)) {
        Ok(stream) => {
            held.push(stream);
            None
        }
        Err(error) => Some(error.kind()),
    });
    assert!(matches!(failure, Some(io::ErrorKind::TimedOut | io::ErrorKind::ConnectionRefused)), "{failure:?}");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_silent_socket_times_out_and_a_dead_one_refuses() {
    let scratch = Real.scratch().expect("a folder");
    let path = scratch.path().join("s");
    let listener = UnixListener::bind(&path).expect("binds");
    let mut stream = Real.connect_local(&path, Duration::from_millis(100)).expect("connects");
    let error = stream.read(&mut [0; 1]).expect_err("nobody answers");
    assert!(matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut));
    drop(listener);
    let error = Real.connect_local(&path, Duration::from_millis(100)).err().expect("nobody is there");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

struct Echo;

impl Service for Echo {
    fn client(&self, stream: &mut dyn Stream) -> io::Result<()> {
        let mut byte = [0];
        loop {
            stream.read_exact(&mut byte)?;
            stream.write_all(&byte)?;
        }
    }
}

#[test]
fn a_service_answers_several_clients_and_leaves_nothing() {
    let scratch = Real.scratch().expect("a folder");
    let folder = scratch.path().to_owned();
    assert_eq!(std::fs::metadata(&folder).expect("exists").permissions().mode() & 0o777, 0o700);
    assert!(folder.as_os_str().len() < 80);
    let served = Real.serve(&folder.join("agent"), Arc::new(Echo)).expect("serves");
    let mut clients: Vec<_> =
        (0..3).map(|_| Real.connect_local(served.path(), Duration::from_secs(5)).expect("connects")).collect();
    for (client, byte) in clients.iter_mut().zip(b"abc") {
        client.write_all(&[*byte]).expect("writes");
        let mut answer = [0];
        client.read_exact(&mut answer).expect("answers");
        assert_eq!(answer[0], *byte);
    }
    drop(served);
    assert!(!folder.join("agent").exists());
    let file = scratch.write("secret", b"x").expect("writes");
    assert_eq!(std::fs::metadata(&file).expect("exists").permissions().mode() & 0o777, 0o600);
    drop(scratch);
    assert!(!folder.exists());
}

#[test]
fn only_regular_files_are_read() {
    let scratch = Real.scratch().expect("a folder");
    let file = scratch.write("text", b"0123456789").expect("writes");
    assert_eq!(Real.read(&file, 4).expect("reads"), b"0123");
    assert!(Real.read(scratch.path(), 4).is_err());
    assert!(Real.read(Path::new("/dev/zero"), 4).is_err());
    let fifo = scratch.path().join("fifo");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).expect("a fifo");
    assert!(Real.read(&fifo, 4).is_err());
    let (names, count) = Real.list(scratch.path(), 1).expect("lists");
    assert_eq!((names, count), (vec![OsString::from("fifo")], 2));
}

#[test]
fn addresses_need_no_resolver() {
    let found = Real.resolve("::1", Duration::ZERO).expect("parses");
    assert_eq!(found, ["::1".parse::<IpAddr>().expect("an address")]);
    match Real.resolve("localhost", Duration::from_secs(10)) {
        Ok(found) => assert!(!found.is_empty()),
        // Without /etc/hosts and a resolver that answers for it, as in the smallest of containers.
        Err(error) => drop(writeln!(std::io::stderr(), "SKIPPED: this machine does not know localhost: {error}")),
    }
}

#[test]
fn the_account_is_the_password_databases() {
    let account = Real.account();
    assert_eq!(account.uid, Some(rustix::process::geteuid().as_raw()));
}
