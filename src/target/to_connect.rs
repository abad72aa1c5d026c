//! A command line for somebody who wants to be in: what ssh is to do there as well, and a job in the host's place.
//!
//! [`super::from_words`] keeps what is needed to arrive. Here what shapes the session is kept, too (`-L`, `-N`, `-A`, `-v`,
//! `-t`, the remote command), as far as the user typed it: pasted text asks for a terminal and a command there, and for
//! nothing else.

use super::{Asked, Target, TargetError, argv, clean, from_words, job_url, login, options, text};

/// What was typed beside the host or the job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Typed {
    /// Options that are needed to arrive, beside a job; those beside a host are part of its target.
    pub way: Vec<String>,
    /// Options that shape the session, in order.
    pub session: Vec<String>,
    /// The remote command beside a job; that beside a host is part of its target.
    pub command: Vec<String>,
}

impl Typed {
    /// What shapes the session of a target that was pasted.
    pub fn of_pasted(target: &Target) -> Self {
        let tty = target.tty.then(|| "-t".to_owned());
        let no_tty = target.no_tty.then(|| "-T".to_owned());
        Self { session: tty.into_iter().chain(no_tty).collect(), ..Self::default() }
    }

    /// It has a RemoteCommand of its own.
    pub fn names_a_command(&self) -> bool {
        self.session.iter().any(|word| options::is_remote_command(word))
    }

    /// The login that a job prints, with what was typed beside the job. What was typed wins.
    ///
    /// # Errors
    /// When what was typed cannot be handed to ssh.
    pub fn over(&self, printed: &Target) -> Result<Target, TargetError> {
        let mut words: Vec<String> = self.way.iter().chain(&printed.ssh_args).cloned().collect();
        let own = !self.command.is_empty() || self.names_a_command();
        words.push("--".into());
        words.extend(if own { self.command.clone() } else { printed.remote_command.clone() });
        let mut target = login(&words, true)?;
        (target.tty, target.no_tty) = (printed.tty && !own, printed.no_tty);
        target.no_session |= self.session.iter().any(|word| word == "-N" || word == "-W");
        target.forwards |= self.session.iter().any(|word| ["-L", "-R", "-D", "-w"].contains(&word.as_str()));
        target.text.clone_from(&printed.text);
        target.enable_ssh.clone_from(&printed.enable_ssh);
        Ok(target)
    }
}

/// Reads the words of a command line.
///
/// # Errors
/// As [`from_words`].
pub fn to_connect(words: &[String], allow_programs: bool) -> Result<(Asked, Typed), TargetError> {
    let cleaned: Vec<String> = words.iter().map(|word| clean(word)).collect();
    let typed = text::command_word(&cleaned).is_none() && !matches!(words, [one] if one.contains(char::is_whitespace));
    if typed
        && let Ok(line) = argv::parse(&cleaned)
        && let Some((job, used)) = job_url::parse_line(&line.destination, &line.command)
    {
        // What ssh would refuse is said before CircleCI is asked.
        options::choose(&line, true)?;
        let command = line.command[used..].to_vec();
        return Ok((Asked::Job(job?), Typed { way: options::way(&line), session: options::session(&line), command }));
    }
    let asked = from_words(words, allow_programs)?;
    let typed = match &asked {
        Asked::Login(_) if typed => Typed { session: options::session(&argv::parse(&cleaned)?), ..Typed::default() },
        Asked::Login(target) => Typed::of_pasted(target),
        Asked::Job(_) => Typed::default(),
    };
    Ok((asked, typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn read(text: &str) -> (Asked, Typed) {
        to_connect(&words(text), false).expect(text)
    }

    #[test]
    fn what_shapes_the_session_is_kept_of_typed_words() {
        let (asked, typed) = read("-vv -L 8080:localhost:80 -p 64535 -o ForwardAgent=yes -i k -N 203.0.113.7 -A ls -l");
        let Asked::Login(target) = asked else { panic!("a login") };
        assert_eq!(target.ssh_args, words("-p 64535 -i k 203.0.113.7"));
        assert_eq!(target.remote_command, words("ls -l"));
        assert_eq!(typed.session, words("-v -v -L 8080:localhost:80 -o ForwardAgent=yes -N -A"));
    }

    #[test]
    fn pasted_text_shapes_no_session() {
        for text in ["ssh -L 8080:localhost:80 -o ProxyCommand=evil -t -E /etc/x -p 64535 203.0.113.7 bash"] {
            for words in [words(text), vec![text.to_owned()]] {
                let (asked, typed) = to_connect(&words, false).expect(text);
                let Asked::Login(target) = asked else { panic!("a login") };
                assert_eq!(
                    (typed.session, target.ssh_args.join(" ")),
                    (vec!["-t".to_owned()], "-p 64535 203.0.113.7".into())
                );
            }
        }
    }

    #[test]
    fn a_job_stands_in_the_hosts_place() {
        let (asked, typed) = read("-i k -L 1:h:2 gh/acme/web/345 -J bastion -A cat file -x");
        assert!(matches!(asked, Asked::Job(job) if job.names() == "job"));
        assert_eq!(typed.way, words("-i k -J bastion"));
        assert_eq!(typed.session, words("-L 1:h:2 -A"));
        assert_eq!(typed.command, words("cat file -x"));
        let (asked, typed) = read("gh/acme/web 345 ls");
        assert!(matches!(asked, Asked::Job(job) if job.url == "gh/acme/web/345"));
        assert_eq!(typed.command, words("ls"));
        assert!(matches!(read("https://circleci.com/gh/acme/web/345").0, Asked::Job(_)));
        assert!(to_connect(&words("https://example.org/x"), false).is_err());
    }

    #[test]
    fn what_was_typed_goes_over_what_is_printed() {
        let printed = login(&words("-t -p 54782 203.0.113.7 -- bash.exe"), false).expect("a command");
        let over = |text: &str| read(text).1.over(&printed).expect(text);
        let plain = over("gh/acme/web/345");
        assert_eq!(
            (plain.ssh_args.join(" "), plain.remote_command, plain.tty),
            ("-p 54782 203.0.113.7".into(), words("bash.exe"), true)
        );
        let own = over("-i k -l ana gh/acme/web/345 dir");
        assert_eq!(
            (own.ssh_args.join(" "), own.remote_command, own.tty),
            ("-p 54782 -i k ana@203.0.113.7".into(), words("dir"), false)
        );
        assert_eq!(over("-p 9 gh/acme/web/345").port, Some(9));
        assert!(
            over("-o RemoteCommand=dir gh/acme/web/345").remote_command.is_empty(),
            "ssh takes only one of the two"
        );
        assert_eq!(over("gh/acme/web/345 -- -x").remote_command, words("-x"));
    }

    #[test]
    fn what_a_job_prints_is_never_trusted() {
        let printed = login(&words("-o ProxyCommand=evil -F /evil -p 54782 203.0.113.7"), false).expect("a command");
        assert_eq!(read("gh/acme/web/345").1.over(&printed).expect("a login").ssh_args, words("-p 54782 203.0.113.7"));
    }
}
