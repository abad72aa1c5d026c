//! The connection protocol (RFC 4254) as far as a job offers it: sessions with a command or a terminal. Port forwarding,
//! agents and subsystems are refused. Keys are not exchanged anew.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Shared;
use super::channel::{Channel, OUR_PACKET, OUR_WINDOW, SharedWriter, send};
use super::message;
use super::options::Fault;
use super::transport::{PacketReader, PacketWriter};
use super::wire::{Reader, Writer, malformed};

/// What gliderlabs/ssh servers say that want one of the two.
const NOTHING_TO_DO: &str = "No command or PTY requested";

/// Serves an authenticated client until it goes.
pub(crate) fn serve(reader: &mut PacketReader, writer: PacketWriter, shared: &Arc<Shared>) -> io::Result<()> {
    let writer = Arc::new(Mutex::new(writer));
    if let Fault::DropSession(after) = shared.options.fault {
        drop_after(after, Arc::clone(&writer), Arc::clone(shared));
    }
    let mut channels = BTreeMap::new();
    let result = serve_packets(reader, &writer, &mut channels, shared);
    for channel in channels.values_mut() {
        channel.close();
    }
    result
}

fn drop_after(after: Duration, writer: SharedWriter, shared: Arc<Shared>) {
    let end = Instant::now() + after;
    thread::spawn(move || {
        while Instant::now() < end && !shared.stopping.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(10));
        }
        writer.lock().unwrap_or_else(PoisonError::into_inner).finish();
    });
}

fn serve_packets(
    reader: &mut PacketReader,
    writer: &SharedWriter,
    channels: &mut BTreeMap<u32, Channel>,
    shared: &Arc<Shared>,
) -> io::Result<()> {
    loop {
        let packet = reader.packet()?;
        let mut fields = Reader::new(&packet[1..]);
        match packet[0] {
            message::KEXINIT => {
                let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
                return writer.disconnect(message::REASON_PROTOCOL_ERROR, "keys are not exchanged again");
            }
            message::GLOBAL_REQUEST => {
                fields.string()?;
                if fields.bool()? && shared.options.fault != Fault::IgnoreKeepalives {
                    send(writer, &[message::REQUEST_FAILURE])?;
                }
            }
            message::CHANNEL_OPEN => open(&mut fields, writer, channels, shared)?,
            message::CHANNEL_DATA if shared.options.fault == Fault::ResetSession => {
                // The end of what ran there is not to be heard of before the reset.
                writer.lock().unwrap_or_else(PoisonError::into_inner).mute();
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            number @ message::CHANNEL_WINDOW_ADJUST..=message::CHANNEL_REQUEST => {
                let id = fields.u32()?;
                let channel = channels.get_mut(&id).ok_or_else(|| malformed("no such channel"))?;
                match number {
                    message::CHANNEL_WINDOW_ADJUST => channel.widen(fields.u32()?),
                    message::CHANNEL_DATA => channel.input(fields.string()?),
                    message::CHANNEL_EOF => channel.end_input(),
                    message::CHANNEL_REQUEST => request(&mut fields, writer, channel, shared)?,
                    message::CHANNEL_CLOSE => {
                        channel.close();
                        channels.remove(&id);
                    }
                    _ => return Err(malformed("clients have no stderr")),
                }
            }
            _ => send(writer, &Writer::message(message::UNIMPLEMENTED).u32(reader.last_sequence()).finish())?,
        }
    }
}

fn open(
    fields: &mut Reader<'_>,
    writer: &SharedWriter,
    channels: &mut BTreeMap<u32, Channel>,
    shared: &Shared,
) -> io::Result<()> {
    let (kind, theirs, window, packet) = (fields.text()?, fields.u32()?, fields.u32()?, fields.u32()?);
    let refusal = match kind.as_str() {
        "session" if shared.options.fault == Fault::RefuseSessions => {
            Some((message::OPEN_PROHIBITED, "sessions are not allowed"))
        }
        "session" => None,
        _ => Some((message::OPEN_UNKNOWN_TYPE, "unsupported channel type")),
    };
    if let Some((reason, text)) = refusal {
        let refusal = Writer::message(message::CHANNEL_OPEN_FAILURE).u32(theirs).u32(reason).string(text).string("");
        return send(writer, &refusal.finish());
    }
    shared.note(|record| record.sessions += 1);
    let ours = channels.last_key_value().map_or(0, |(last, _)| last + 1);
    let mut channel = Channel::new(Arc::clone(writer), theirs, window, packet);
    channel.environment = shared.environment();
    channels.insert(ours, channel);
    let confirmation =
        Writer::message(message::CHANNEL_OPEN_CONFIRMATION).u32(theirs).u32(ours).u32(OUR_WINDOW).u32(OUR_PACKET);
    send(writer, &confirmation.finish())
}

fn request(
    fields: &mut Reader<'_>,
    writer: &SharedWriter,
    channel: &mut Channel,
    shared: &Arc<Shared>,
) -> io::Result<()> {
    let (kind, wants_reply) = (fields.text()?, fields.bool()?);
    let fault = &shared.options.fault;
    let mut run = None;
    let granted = match kind.as_str() {
        "pty-req" => {
            let terminal = fields.text()?;
            channel.pty = *fault != Fault::RefusePty;
            if channel.pty {
                shared.note(|record| record.ptys += 1);
                channel.environment.insert("TERM".to_owned(), terminal);
            }
            channel.pty
        }
        "env" => {
            channel.environment.insert(fields.text()?, fields.text()?);
            true
        }
        "exec" => {
            let command = fields.text()?;
            shared.note(|record| record.commands.push(command.clone()));
            run = Some(command);
            !channel.started && *fault != Fault::RefuseExec
        }
        "shell" => {
            shared.note(|record| record.shells += 1);
            run = Some(String::new());
            !channel.started && *fault != Fault::RefuseExec
        }
        "subsystem" => {
            let name = fields.text()?;
            shared.note(|record| record.subsystems.push(name));
            false
        }
        "window-change" | "signal" => true,
        _ => false,
    };
    if wants_reply {
        let answer = if granted { message::CHANNEL_SUCCESS } else { message::CHANNEL_FAILURE };
        send(writer, &Writer::message(answer).u32(channel.client_channel()).finish())?;
    }
    if let Some(command) = run.filter(|_| granted) {
        channel.started = true;
        start(&command, channel, shared);
    }
    Ok(())
}

/// A command without a shell around it, or a shell for a terminal.
fn start(command: &str, channel: &mut Channel, shared: &Arc<Shared>) {
    let words = match shlex::split(command) {
        Some(words) if channel.pty && is_shell(&words) => [words, vec!["-i".to_owned()]].concat(),
        Some(words) if !words.is_empty() => return channel.run(&words, shared),
        _ if channel.pty => shared.login_shell(),
        _ => return channel.fail(NOTHING_TO_DO, shared),
    };
    channel.environment.extend(shared.options.at_a_prompt.clone());
    channel.run(&words, shared);
}

/// A shell without a script: at a real terminal it would see by that terminal that somebody types.
fn is_shell(words: &[String]) -> bool {
    let (first, rest) = words.split_first().map_or(("", words), |(first, rest)| (first.as_str(), rest));
    let option = |word: &String| word.starts_with("--") || (word.starts_with('-') && !word.contains('c'));
    ["bash", "sh", "zsh"].contains(&first.rsplit('/').next().unwrap_or_default()) && rest.iter().all(option)
}
