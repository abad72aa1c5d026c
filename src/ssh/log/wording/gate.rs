//! Whether a plain line can mean anything at all. A long session's output is plain too, and dozens of matchers look anywhere
//! in a line: so first one pass over its words.
//!
//! Every sentence that a matcher for plain lines knows has a word that begins like one of these. Where one does not, every
//! test that reads such a sentence says so: builds with debug assertions ask all matchers and compare.

/// The first three letters of words, of which each known sentence has one.
#[rustfmt::skip]
const BEGINNINGS: &[&[u8; 3]] = &[
    b"adm", b"age", b"aut", b"bad", b"ban", b"bin", b"bit", b"bro", b"can", b"cer", b"cha", b"cli", b"con", b"cor", b"cou",
    b"cre", b"deb", b"dis", b"dlo", b"doc", b"dyl", b"exc", b"exe", b"exi", b"exp", b"fai", b"for", b"fou", b"get", b"git", b"ide",
    b"inv", b"jum", b"kex", b"key", b"kno", b"lib", b"lin", b"loa", b"mat", b"mux", b"oci", b"off", b"ope", b"opt", b"pac",
    b"pad", b"par", b"pas", b"per", b"pin", b"pos", b"pre", b"pro", b"pty", b"rec", b"rem", b"req", b"res", b"rev", b"sig", b"ssh", b"str", b"sym", b"syn",
    b"ter", b"tim", b"too", b"tra", b"une", b"uni", b"unk", b"unr", b"uns", b"usa", b"ver",
];

const TABLE: [u64; 512] = {
    let mut table = [0; 512];
    let mut at = 0;
    while at < BEGINNINGS.len() {
        let word = BEGINNINGS[at];
        let index = index(word[0], word[1], word[2]);
        table[index / 64] |= 1 << (index % 64);
        at += 1;
    }
    table
};

/// Five bits of each letter, which are the same for both cases.
const fn index(first: u8, second: u8, third: u8) -> usize {
    ((first & 31) as usize) << 10 | ((second & 31) as usize) << 5 | (third & 31) as usize
}

/// Whether any word of the text begins like one of a known sentence.
pub(in crate::ssh::log) fn may_mean(text: &str) -> bool {
    let mut before = b' ';
    text.as_bytes().windows(3).any(|letters| {
        let starts = !before.is_ascii_alphabetic();
        before = letters[0];
        let index = index(letters[0], letters[1], letters[2]);
        starts && letters[0].is_ascii_alphabetic() && TABLE[index / 64] >> (index % 64) & 1 == 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_output_from_sentences() {
        for text in ["Permission denied", "x: ssh", "\"SSH\"", "a_kex_b", "41:Connection"] {
            assert!(may_mean(text), "{text}");
        }
        for text in ["", "go", "go: downloading example.com/module v1.2.3", "make test", "assh", "éàü"] {
            assert!(!may_mean(text), "{text}");
        }
    }
}
