//! The patterns of ssh_config(5) and known_hosts: `*`, `?`, lists with `!` (match.c of OpenSSH).

/// Whether `text` matches one pattern. Linear in memory and at worst quadratic in time, however many stars there are.
pub fn matches(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    let (mut at, mut in_pattern) = (0, 0);
    // Where to go on when the letters after the last star do not fit: (star, first letter not yet given to it).
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some(b'*') => {
                retry = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(letter) if *letter == b'?' || *letter == text[at] => {
                at += 1;
                in_pattern += 1;
            }
            _ => match retry {
                Some((star, given)) => {
                    retry = Some((star, given + 1));
                    at = given + 1;
                    in_pattern = star + 1;
                }
                None => return false,
            },
        }
    }
    pattern[in_pattern..].iter().all(|letter| *letter == b'*')
}

/// Whether `text` matches a list of patterns: one that matches is enough, unless a negated one (`!`) matches too.
/// Letter case is ignored, as it is for host names.
pub fn list_matches<'a>(text: &str, patterns: impl IntoIterator<Item = &'a str>) -> bool {
    let text = text.to_ascii_lowercase();
    let mut found = false;
    for pattern in patterns {
        let pattern = pattern.to_ascii_lowercase();
        match pattern.strip_prefix('!') {
            Some(negated) if matches(&text, negated) => return false,
            Some(_) => {}
            None => found |= matches(&text, &pattern),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_and_marks() {
        for (text, pattern, expected) in [
            ("a.example.com", "*.example.com", true),
            ("example.com", "*.example.com", false),
            ("192.0.2.7", "192.0.2.?", true),
            ("192.0.2.77", "192.0.2.?", false),
            ("", "*", true),
            ("", "?", false),
            ("abcabc", "*abc", true),
            ("[host]:2222", "[host]:*", true),
        ] {
            assert_eq!(matches(text, pattern), expected, "{text} {pattern}");
        }
    }

    #[test]
    fn a_negated_pattern_wins_wherever_it_stands() {
        assert!(list_matches("a.example.com", ["*.example.com", "!b.example.com"]));
        assert!(!list_matches("B.example.com", ["!b.example.com", "*.example.com"]));
        assert!(!list_matches("a", ["!b"]), "only negated ones match nothing");
    }

    proptest! {
        #[test]
        fn a_text_matches_itself_and_nothing_panics(text in "[a-z.]{0,20}", pattern in "[a-z.*?!]{0,20}") {
            prop_assert!(matches(&text, &text));
            let _ = matches(&text, &pattern);
            let _ = list_matches(&text, pattern.split(','));
        }
    }
}
