//! One session channel (RFC 4254 section 5): its windows, its program, and the threads that carry bytes between the two.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, ExitStatus};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use super::Shared;
use super::child::{self, Place, Running};
use super::message;
use super::transport::PacketWriter;
use super::wire::Writer;

/// Bytes the client may send before it has to wait for us.
pub(crate) const OUR_WINDOW: u32 = 1 << 20;
/// Longest data field we ask for and send (RFC 4253 section 6.1 wants 32 KiB to work everywhere).
pub(crate) const OUR_PACKET: u32 = 32 * 1024;
/// SSH_EXTENDED_DATA_STDERR (RFC 4254 section 5.2).
const STDERR: u32 = 1;

pub(crate) type SharedWriter = Arc<Mutex<PacketWriter>>;

pub(crate) fn send(writer: &SharedWriter, packet: &[u8]) -> io::Result<()> {
    writer.lock().unwrap_or_else(PoisonError::into_inner).packet(packet)
}

/// The way to the client, with the room that it has left.
#[derive(Clone)]
struct Outward {
    writer: SharedWriter,
    channel: u32,
    packet: usize,
    room: Arc<(Mutex<Room>, Condvar)>,
}

struct Room {
    bytes: usize,
    closed: bool,
}

impl Outward {
    /// Sends all of it, waiting for the client's window where necessary.
    fn data(&self, stream: Option<u32>, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (lock, changed) = &*self.room;
            let mut room = lock.lock().unwrap_or_else(PoisonError::into_inner);
            while room.bytes == 0 && !room.closed {
                room = changed.wait(room).unwrap_or_else(PoisonError::into_inner);
            }
            if room.closed {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let (now, later) = bytes.split_at(bytes.len().min(room.bytes).min(self.packet));
            room.bytes -= now.len();
            drop(room);
            let packet = match stream {
                None => Writer::message(message::CHANNEL_DATA).u32(self.channel),
                Some(code) => Writer::message(message::CHANNEL_EXTENDED_DATA).u32(self.channel).u32(code),
            };
            send(&self.writer, &packet.string(now).finish())?;
            bytes = later;
        }
        Ok(())
    }

    fn change(&self, change: impl FnOnce(&mut Room)) {
        change(&mut self.room.0.lock().unwrap_or_else(PoisonError::into_inner));
        self.room.1.notify_all();
    }

    /// The result and the end of the channel (RFC 4254 sections 6.10 and 5.3).
    fn finish(&self, exit: Option<ExitStatus>) {
        use std::os::unix::process::ExitStatusExt;
        let request = Writer::message(message::CHANNEL_REQUEST).u32(self.channel);
        let result = match exit.map(|status| (status.code(), status.signal())) {
            Some((Some(code), _)) => request.string("exit-status").bool(false).u32(code.cast_unsigned()),
            Some((None, Some(15))) => signal(request, "TERM"),
            Some(_) => signal(request, "KILL"),
            None => request.string("exit-status").bool(false).u32(1),
        };
        let _ = send(&self.writer, &result.finish());
        let _ = send(&self.writer, &Writer::message(message::CHANNEL_EOF).u32(self.channel).finish());
        let _ = send(&self.writer, &Writer::message(message::CHANNEL_CLOSE).u32(self.channel).finish());
    }
}

fn signal(request: Writer, name: &str) -> Writer {
    request.string("exit-signal").bool(false).string(name).bool(false).string("").string("")
}

pub(crate) struct Channel {
    outward: Outward,
    pub(crate) pty: bool,
    /// A command or shell was asked for; there can be only one.
    pub(crate) started: bool,
    pub(crate) environment: BTreeMap<String, String>,
    input: Option<Sender<Vec<u8>>>,
    running: Option<Running>,
}

impl Channel {
    pub(crate) fn new(writer: SharedWriter, channel: u32, window: u32, packet: u32) -> Self {
        let room = Room { bytes: window as usize, closed: false };
        let outward = Outward {
            writer,
            channel,
            packet: packet.min(OUR_PACKET) as usize,
            room: Arc::new((Mutex::new(room), Condvar::new())),
        };
        Self { outward, pty: false, started: false, environment: BTreeMap::new(), input: None, running: None }
    }

    pub(crate) fn client_channel(&self) -> u32 {
        self.outward.channel
    }

    pub(crate) fn widen(&self, bytes: u32) {
        self.outward.change(|room| room.bytes = room.bytes.saturating_add(bytes as usize));
    }

    /// Hands the client's bytes to the program.
    pub(crate) fn input(&self, bytes: &[u8]) {
        match &self.input {
            Some(input) => {
                let _ = input.send(bytes.to_vec());
            }
            None => self.allow(bytes.len()),
        }
    }

    fn allow(&self, bytes: usize) {
        allow_more(&self.outward, bytes);
    }

    /// The client has no more input.
    pub(crate) fn end_input(&mut self) {
        self.input = None;
    }

    /// Ends everything; the client wants no more or is gone.
    pub(crate) fn close(&mut self) {
        self.input = None;
        self.outward.change(|room| room.closed = true);
        if let Some(running) = self.running.take() {
            running.kill();
        }
    }

    /// Runs a program for this channel, or says why not as the job server does, and closes.
    pub(crate) fn run(&mut self, words: &[String], shared: &Arc<Shared>) {
        let image = shared.options.image.as_ref();
        let place = image.map_or_else(|| Place::Folder(shared.home.path()), Place::Image);
        match child::start(words, &self.environment, &place) {
            Ok(child) => self.attach(child, shared),
            Err(error) => self.fail(&error, shared),
        }
    }

    /// `Error: …` and exit status 1.
    pub(crate) fn fail(&self, error: &str, shared: &Shared) {
        let stream = shared.options.errors_on_stderr.then_some(STDERR);
        let line_end = if self.pty { "\r\n" } else { "\n" };
        let _ = self.outward.data(stream, format!("Error: {error}{line_end}").as_bytes());
        self.outward.finish(None);
    }

    fn attach(&mut self, mut child: Child, shared: &Arc<Shared>) {
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let running = Running::new(child);
        shared.children.add(running.clone());
        self.running = Some(running.clone());

        let (input, queue) = channel();
        self.input = Some(input);
        let (outward, pty) = (self.outward.clone(), self.pty);
        thread::spawn(move || feed(stdin, &queue, &outward, pty));

        let outward = self.outward.clone();
        let out = stdout.map(|stream| pump(stream, self.outward.clone(), None, pty));
        // A terminal has one stream only.
        let err = stderr.map(|stream| pump(stream, self.outward.clone(), (!pty).then_some(STDERR), pty));
        thread::spawn(move || {
            for thread in [out, err].into_iter().flatten() {
                let _ = thread.join();
            }
            outward.finish(running.wait());
        });
    }
}

fn allow_more(outward: &Outward, bytes: usize) {
    let bytes = u32::try_from(bytes).expect("no more than one packet");
    let _ = send(
        &outward.writer,
        &Writer::message(message::CHANNEL_WINDOW_ADJUST).u32(outward.channel).u32(bytes).finish(),
    );
}

/// Writes what the client types to the program. In place of a terminal driver: return means new line, ^D at the beginning
/// of what was typed means the end.
fn feed(stdin: Option<ChildStdin>, queue: &Receiver<Vec<u8>>, outward: &Outward, pty: bool) {
    let mut stdin = stdin;
    for mut bytes in queue {
        let length = bytes.len();
        if pty {
            bytes.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        }
        let end = pty && bytes.first() == Some(&0x04);
        let written = !end && stdin.as_mut().is_some_and(|stdin| stdin.write_all(&bytes).is_ok());
        if !written {
            stdin = None;
        }
        allow_more(outward, length);
    }
}

fn pump(
    mut from: impl Read + Send + 'static,
    outward: Outward,
    stream: Option<u32>,
    pty: bool,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let sent = if pty {
                // The client's terminal is raw, so the line ends are ours to complete.
                let text = buffer[..length].split_inclusive(|byte| *byte == b'\n');
                let text: Vec<u8> = text
                    .flat_map(|line| match line.split_last() {
                        Some((b'\n', rest)) => [rest, b"\r\n"].concat(),
                        _ => line.to_vec(),
                    })
                    .collect();
                outward.data(stream, &text)
            } else {
                outward.data(stream, &buffer[..length])
            };
            if sent.is_err() {
                break;
            }
        }
    })
}
