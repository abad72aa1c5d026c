//! `$NAME` in a Dockerfile, as its builder puts values in.

/// Puts the values of variables in: `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}`; `\$` is a dollar sign.
pub(crate) fn expand(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '\\']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        if let Some(after) = tail.strip_prefix("\\$") {
            out.push('$');
            rest = after;
        } else if let Some((inside, after)) = tail.strip_prefix("${").and_then(|tail| tail.split_once('}')) {
            out.push_str(&braced(inside, &value));
            rest = after;
        } else {
            let name = tail[1..].find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            let end = name.map_or(tail.len(), |length| length + 1);
            match &tail[1..end] {
                name if tail.starts_with('$') && !name.is_empty() => out.push_str(&value(name).unwrap_or_default()),
                _ => out.push_str(&tail[..end]),
            }
            rest = &tail[end..];
        }
    }
    out + rest
}

/// Cuts a text into words as ENV does, with quotes and backslashes gone and the values of variables put in.
pub(crate) fn words(text: &str, value: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let tail = &rest[letter.len_utf8()..];
        let next = tail.chars().next();
        rest = tail;
        match letter {
            ' ' | '\t' if quote.is_none() => words.extend(word.take()),
            '\'' | '"' if quote.is_none() || quote == Some(letter) => {
                quote = if quote.is_none() { Some(letter) } else { None };
                word.get_or_insert_default();
            }
            '\\' if quote.is_none() || (quote == Some('"') && matches!(next, Some('"' | '$' | '\\'))) => {
                word.get_or_insert_default().extend(next);
                rest = &tail[next.map_or(0, char::len_utf8)..];
            }
            '$' if quote != Some('\'') => {
                let braces = tail.starts_with('{').then(|| tail.find('}').map_or(tail.len(), |end| end + 1));
                let name = tail.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
                let (variable, after) = tail.split_at(braces.unwrap_or(name.unwrap_or(tail.len())));
                word.get_or_insert_default().push_str(&expand(&format!("${variable}"), &value));
                rest = after;
            }
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

fn braced(inside: &str, value: &impl Fn(&str) -> Option<String>) -> String {
    let set = |name: &str| value(name).filter(|value| !value.is_empty());
    if let Some((name, word)) = inside.split_once(":-") {
        return set(name).unwrap_or_else(|| word.to_owned());
    }
    if let Some((name, word)) = inside.split_once(":+") {
        return set(name).map_or(String::new(), |_| word.to_owned());
    }
    value(inside).unwrap_or_default()
}
