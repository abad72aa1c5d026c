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
