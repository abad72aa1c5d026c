//! Whether a plain line can mean anything at all. A long session's output is plain too, and dozens of matchers look anywhere
//! in a line: so first one pass over its words.
//!
//! Every sentence that a matcher for plain lines knows has a word that begins like one of these; where one has not, the tests
//! beside the matchers say so.

/// The first three letters of words, of which each known sentence has one.
#[rustfmt::skip]
const BEGINNINGS: &[&[u8; 3]] = &[
    b"adm", b"age", b"aut", b"bad", b"ban", b"bin", b"bit", b"bro", b"can", b"cer", b"cha", b"cli", b"con", b"cor", b"cou",
    b"cre", b"deb", b"dis", b"dlo", b"dls", b"doc", b"dyl", b"exc", b"exe", b"exi", b"exp", b"fai", b"for", b"fou", b"get", b"git", b"ide",
    b"imp", b"inv", b"jum", b"kex", b"key", b"kno", b"lib", b"lin", b"loa", b"mat", b"mux", b"oci", b"off", b"ope", b"opt", b"pac",
    b"pad", b"par", b"pas", b"per", b"pin", b"pos", b"pre", b"pty", b"rec", b"rem", b"req", b"res", b"rev", b"sig", b"slo", b"ssh", b"str", b"sym", b"syn",
    b"ter", b"tim", b"too", b"tra", b"une", b"uni", b"unk", b"unr", b"uns", b"usa", b"ver",
];

static KNOWN: Beginnings = Beginnings::new(BEGINNINGS);

/// Whether any word of the text begins like one of a known sentence.
pub(in crate::ssh::log) fn may_mean(text: &str) -> bool {
    KNOWN.any_in(text)
}

/// A set of the first three letters of words, to pass over a text that has none of them at the cost of reading it once.
#[derive(Debug)]
pub(crate) struct Beginnings([u64; 512]);

impl Beginnings {
    /// The set of these; their case makes no difference.
    pub(crate) const fn new(words: &[&[u8; 3]]) -> Self {
        let mut table = [0; 512];
        let mut at = 0;
        while at < words.len() {
            let index = and(and(and(0, words[at][0]), words[at][1]), words[at][2]);
            table[index / 64] |= 1 << (index % 64);
            at += 1;
        }
        Beginnings(table)
    }

    /// Whether any word of the text begins so. Letters that are alike in their last five bits count as the same.
    pub(crate) fn any_in(&self, text: &str) -> bool {
        let letters = text.as_bytes();
        let mut index = 0;
        letters.iter().enumerate().any(|(last, letter)| {
            index = and(index, *letter);
            self.0[index / 64] >> (index % 64) & 1 == 1 && last >= 2 && begins_word(letters, last - 2)
        })
    }
}

/// Five bits of each of the last three letters, which are the same for both cases.
const fn and(letters: usize, next: u8) -> usize {
    (letters << 5 | (next & 31) as usize) & 0x7fff
}

/// What a terminal shows right before a sentence has no blank: `^CPermission denied`.
fn begins_word(letters: &[u8], at: usize) -> bool {
    let first = letters[at];
    first.is_ascii_uppercase() || (first.is_ascii_lowercase() && (at == 0 || !letters[at - 1].is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_output_from_sentences() {
        for text in ["Permission denied", "x: ssh", "\"SSH\"", "a_kex_b", "41:Connection", "^CConnection"] {
            assert!(may_mean(text), "{text}");
        }
        for text in
            ["", "go", "go: downloading example.com/module v1.2.3", "c@6c5f:~/project$ make test", "assh", "éàü"]
        {
            assert!(!may_mean(text), "{text}");
        }
    }
}
