//! What the words after `ssh` ask of a session: for whoever prints a command and has to know where it ends.

use super::{argv, name, options::keyword_of};

/// A command line of ssh, as far as it shapes the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionWords {
    /// The host it goes to.
    pub host: String,
    /// A remote command stands behind the host.
    pub command: bool,
    flags: Vec<char>,
    keywords: Vec<String>,
}

impl SessionWords {
    /// Reads the words behind `ssh`; none where ssh would not understand them.
    pub fn read(words: &[String]) -> Option<Self> {
        let line = argv::parse(words).ok()?;
        let host = name::destination(&line.destination).ok()?.host;
        Some(Self {
            host,
            command: !line.command.is_empty(),
            flags: line.options.iter().map(|option| option.letter).collect(),
            keywords: line
                .options
                .iter()
                .filter(|option| option.letter == 'o')
                .filter_map(|option| keyword_of(&option.value))
                .collect(),
        })
    }

    /// One of these letters was given.
    pub fn has(&self, letters: &str) -> bool {
        self.flags.iter().any(|flag| letters.contains(*flag))
    }

    /// `-o` sets this option, named in lower case.
    pub fn sets(&self, keyword: &str) -> bool {
        self.keywords.iter().any(|known| known == keyword)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> SessionWords {
        SessionWords::read(&text.split(' ').map(str::to_owned).collect::<Vec<_>>()).expect(text)
    }

    #[test]
    fn words_behind_the_host_are_a_command() {
        assert!(!read("-p 64535 -i k ana@203.0.113.7 -t").command);
        assert!(read("-p 64535 203.0.113.7 -t bash").command);
        assert!(read("-t -p 54782 203.0.113.7 -- bash.exe").command);
        assert!(!read("-o ProxyCommand=none 203.0.113.7").command);
        assert_eq!(read("-p 64535 ana@203.0.113.7").host, "203.0.113.7");
    }

    #[test]
    fn letters_and_options_are_known() {
        let words = read("-vN -o sessionType=none 203.0.113.7 -T");
        assert!(words.has("N") && words.has("T") && !words.has("t"));
        assert!(words.sets("sessiontype") && !words.sets("remotecommand"));
        assert_eq!(SessionWords::read(&["-p".to_owned()]), None);
    }
}
