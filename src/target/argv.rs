//! ssh's own command-line grammar (ssh.c, main): options in getopt's way before and after the destination, and
//! everything from the next word on is the remote command.

use super::{Slip, TargetError, clean::is_dash, name};

/// Options of OpenSSH that take a value, from the getopt string of ssh.c (10.0); `-P` took none before 9.4, where it
/// did nothing.
const WITH_VALUE: &str = "bceilmopBDEFIJLOPQRSwW";
/// Options that take none.
const FLAGS: &str = "1246afgkntqsvxACGKMNTVXYy";

/// Whether ssh's option of this letter takes a value.
pub fn takes_value(letter: char) -> bool {
    WITH_VALUE.contains(letter)
}

/// One option, in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opt {
    /// Its letter.
    pub(super) letter: char,
    /// Its value; empty for flags.
    pub(super) value: String,
}

/// A command line of ssh, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Line {
    /// Options, before and after the destination.
    pub(super) options: Vec<Opt>,
    /// The destination word.
    pub(super) destination: String,
    /// The remote command.
    pub(super) command: Vec<String>,
    /// `-l` or `-o User` stands before the destination, so that it wins (ssh takes the first value it meets).
    pub(super) user_before_host: bool,
    /// `-s`: the command is the name of a subsystem.
    pub(super) subsystem: bool,
    /// The first slip.
    pub(super) slip: Option<Slip>,
}

impl Line {
    /// Understands a port with a comma behind it, and a port and a host that changed places.
    pub(super) fn mend_ports(&mut self) {
        let is_port = |word: &str| word.parse::<u16>().is_ok_and(|port| port != 0);
        for option in self.options.iter_mut().filter(|option| option.letter == 'p') {
            let mended = if name::is_address(&option.value) && is_port(&self.destination) {
                Some(std::mem::replace(&mut self.destination, option.value.clone()))
            } else {
                name::port_in_a_sentence(&option.value)
            };
            if let Some(mended) = mended {
                option.value = mended;
                self.slip.get_or_insert(Slip::BadPort);
            }
        }
    }
}

pub(super) fn parse(words: &[String]) -> Result<Line, TargetError> {
    let mut line = Line::default();
    let mut rest = words.iter();
    let mut have_host = false;
    let mut only_words = false;
    while let Some(word) = rest.next() {
        let word = hyphens(word, &mut line.slip);
        if word == "--" && !only_words {
            // After the host it ends the options; before it, the host is the next word.
            only_words = true;
            continue;
        }
        if let Some(value) = long_port(&word, &mut rest).filter(|_| !only_words) {
            line.slip.get_or_insert(Slip::BadPort);
            line.options.push(Opt { letter: 'p', value });
            continue;
        }
        if word == "ssh" && !have_host && !only_words && is_command(rest.as_slice()) {
            line.slip.get_or_insert(Slip::SshTwice);
            continue;
        }
        if only_words || !word.starts_with('-') || word == "-" {
            if have_host {
                line.command.push(word);
                line.command.extend(rest.cloned());
                break;
            }
            have_host = true;
            line.user_before_host =
                line.options.iter().any(|opt| opt.letter == 'l' || (opt.letter == 'o' && is_user(&opt.value)));
            line.destination = word;
            // ssh starts getopt anew after the host.
            only_words = false;
            continue;
        }
        bundle(&word, &mut rest, &mut line)?;
    }
    if have_host { Ok(line) } else { Err(TargetError::NoHost) }
}

/// The value of `--port`, which other programs have.
fn long_port<'a>(word: &str, rest: &mut impl Iterator<Item = &'a String>) -> Option<String> {
    match word.strip_prefix("--port")? {
        "" => rest.next().cloned(),
        value => value.strip_prefix('=').map(str::to_owned),
    }
}

/// Whether these words are those of a whole command, and not what somebody would run on a host called ssh.
fn is_command(words: &[String]) -> bool {
    words.iter().any(|word| word.starts_with("-p") || word.contains('@') || name::is_address(word))
}

/// One word of options: `-tv`, `-p64535`, `-tp 64535`.
fn bundle<'a>(word: &str, rest: &mut impl Iterator<Item = &'a String>, line: &mut Line) -> Result<(), TargetError> {
    let letters = word.char_indices().skip(1);
    for (at, letter) in letters {
        if FLAGS.contains(letter) {
            line.subsystem |= letter == 's';
            line.options.push(Opt { letter, value: String::new() });
            continue;
        }
        if !takes_value(letter) {
            return Err(TargetError::UnknownOption(if word.starts_with("--") {
                word.into()
            } else {
                format!("-{letter}")
            }));
        }
        let attached = &word[at + letter.len_utf8()..];
        let value = match attached {
            "" => rest.next().cloned().ok_or_else(|| TargetError::MissingValue(format!("-{letter}")))?,
            attached => attached.to_owned(),
        };
        // `-P` names a tag of the configuration (since 9.4); nobody tags with a number, many take scp's letter.
        let port = letter == 'P' && value.starts_with(|c: char| c.is_ascii_digit() || c == '<');
        if port {
            line.slip.get_or_insert(Slip::UppercaseP);
        }
        line.options.push(Opt { letter: if port { 'p' } else { letter }, value });
        return Ok(());
    }
    Ok(())
}

/// The word with hyphens where a word processor put dashes: in front, and anywhere in a name or option.
fn hyphens(word: &str, slip: &mut Option<Slip>) -> String {
    if !word.contains(is_dash) {
        return word.to_owned();
    }
    slip.get_or_insert(Slip::TypographicDash);
    if word.chars().count() == 1 {
        return "--".into();
    }
    word.chars().map(|c| if is_dash(c) { '-' } else { c }).collect()
}

fn is_user(option: &str) -> bool {
    option.trim_start().get(..4).is_some_and(|name| name.eq_ignore_ascii_case("user"))
        && option.trim_start()[4..].starts_with(['=', ' '])
}
