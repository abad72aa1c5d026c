//! How a line of ssh_config splits into words (`strdelim` and `argv_split` of misc.c).

/// The keyword and what follows it; one `=` between them is no part of either. `None` for blank lines and comments.
pub(super) fn keyword(line: &str) -> Option<(&str, &str)> {
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    if let Some(quoted) = line.strip_prefix('"') {
        let (keyword, rest) = quoted.split_once('"')?;
        return Some((keyword, rest.trim()));
    }
    let end = line.find([' ', '\t', '\x0c', '=']).unwrap_or(line.len());
    let rest = line[end..].trim_start();
    Some((&line[..end], rest.strip_prefix('=').unwrap_or(rest).trim()))
}

/// Arguments without their quotes; `\` saves a quote, a backslash or a blank. A `#` at the start of a word ends the line.
pub fn arguments(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut letters = text.chars().peekable();
    loop {
        while letters.next_if(|letter| letter.is_ascii_whitespace()).is_some() {}
        match letters.peek() {
            None | Some('#') => return all,
            Some(_) => all.push(argument(&mut letters)),
        }
    }
}

fn argument(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut word = String::new();
    let mut quote = None;
    while let Some(letter) = letters.next() {
        let saved = |next: &char| matches!(next, '"' | '\'' | '\\') || (*next == ' ' && quote.is_none());
        if letter == '\\' {
            word.push(letters.next_if(saved).unwrap_or('\\'));
        } else if quote == Some(letter) {
            quote = None;
        } else if quote.is_none() && matches!(letter, '"' | '\'') {
            quote = Some(letter);
        } else if quote.is_none() && letter.is_ascii_whitespace() {
            break;
        } else {
            word.push(letter);
        }
    }
    word
}

/// The name under which options with two names are compared. Which of them `ssh -G` prints depends on its version.
pub fn canonical_option(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "pubkeyacceptedkeytypes" => "pubkeyacceptedalgorithms",
        "hostbasedkeytypes" | "hostbasedacceptedkeytypes" => "hostbasedacceptedalgorithms",
        "challengeresponseauthentication" | "skeyauthentication" | "tisauthentication" => {
            "kbdinteractiveauthentication"
        }
        "dsaauthentication" => "pubkeyauthentication",
        "identityfile2" => "identityfile",
        "userknownhostsfile2" => "userknownhostsfile",
        "globalknownhostsfile2" => "globalknownhostsfile",
        "smartcarddevice" => "pkcs11provider",
        other => other,
    }
    .to_owned()
}
