//! What in a command line must not be shown: passwords and tokens, by the conventions of the programs that people put
//! behind ProxyCommand and `Match exec` (curl, ncat, proxytunnel, sshpass, socat, websocat and their like), of URLs (RFC
//! 3986 section 3.2.1) and of HTTP's headers (RFC 9110 section 11).
//!
//! A value that only refers to a secret (`$TOKEN`, a file's name) is none. In doubt a word counts as a secret: a user
//! name too many that is hidden costs less than a password that is shown.

/// Options whose value is `user:password`.
const LOGINS: [&str; 6] = ["u", "U", "user", "proxy-user", "proxyuser", "login"];
/// Options whose value is a password, or `user:password`.
const PASSWORDS: [&str; 3] = ["P", "pw", "k"];
/// Options whose value is a header line.
const HEADERS: [&str; 3] = ["H", "header", "proxy-header"];
/// How tokens begin that are told by their form.
const TOKENS: [&str; 12] =
    ["ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-", "CCIPAT_", "CCIPRJ_", "xoxb-", "xoxp-", "AKIA", "eyJ"];

/// The secrets in a command line, as they stand in it.
pub fn secrets(command: &str) -> Vec<String> {
    let words = words(command);
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).map(String::as_str);
        option(word, next, &mut found);
        url(word, &mut found);
        for part in word.split([',', '&', ';', '?']) {
            assignment(part, &mut found);
        }
        address(word, &mut found);
        token(word, &mut found);
        // A command inside the command: `sh -c '…'`.
        if word.contains(char::is_whitespace) && word.len() < command.len() {
            found.extend(secrets(word));
        }
        let behind_sshpass = words[..at].iter().any(|earlier| earlier.rsplit('/').next() == Some("sshpass"));
        if let Some(attached) = word.strip_prefix("-p").filter(|_| behind_sshpass) {
            found.extend(if attached.is_empty() { next.map(str::to_owned) } else { Some(attached.to_owned()) });
        }
    }
    let mut kept: Vec<String> = Vec::new();
    for secret in found {
        let secret = secret.trim_matches(['"', '\'', ' ']).trim_end_matches([')', ';']).to_owned();
        if !secret.is_empty() && !is_reference(&secret) && !kept.contains(&secret) {
            kept.push(secret);
        }
    }
    // The longest first, so that none is left half hidden by a shorter one.
    kept.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    kept
}

/// Words as a shell splits them, near enough: quotes hold blanks, and a backslash keeps its letter.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = command.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            (letter, Some(open)) if letter == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            ('\\', None | Some('"')) if letters.peek().is_some_and(|next| "\\'\" $".contains(*next)) => {
                word.get_or_insert_default().extend(letters.next());
            }
            (letter, None) if letter.is_whitespace() || letter == '|' => words.extend(word.take()),
            (letter, _) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// `-u user:password`, `--proxy-auth=user:password`, `--token VALUE`, `-H "Authorization: …"`.
fn option(word: &str, next: Option<&str>, found: &mut Vec<String>) {
    if !word.starts_with('-') {
        return;
    }
    let (name, attached) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    };
    let name = name.trim_start_matches('-');
    let value = attached.or(next).unwrap_or_default();
    let short = word.strip_prefix("-u").or_else(|| word.strip_prefix("-U")).filter(|rest| rest.contains(':'));
    if let Some(login) = short {
        found.extend(behind_colon(login));
    } else if LOGINS.contains(&name) {
        found.extend(behind_colon(value));
    } else if HEADERS.contains(&name) {
        found.extend(header(value));
    } else if PASSWORDS.contains(&name) && !value.starts_with('-') && !is_plain(value) {
        found.push(behind_colon(value).unwrap_or_else(|| value.to_owned()));
    } else if is_telling(name) && attached.is_none() && !value.starts_with('-') && !is_plain(value) {
        found.push(behind_colon(value).unwrap_or_else(|| value.to_owned()));
    }
}

/// `NAME=value` and `name:value` with a name that tells what it is.
fn assignment(part: &str, found: &mut Vec<String>) {
    let Some((name, value)) = part.split_once(['=', ':']) else { return };
    let name = name.trim_start_matches('-').rsplit('/').next().unwrap_or_default();
    if name.to_ascii_lowercase().ends_with("authorization") {
        found.extend(header(part));
    } else if is_telling(name) && !is_plain(value) {
        found.push(behind_colon(value).unwrap_or_else(|| value.to_owned()));
    }
}

/// `https://user:password@host/`, and a long word alone before the `@`, which is a token.
fn url(word: &str, found: &mut Vec<String>) {
    for rest in word.split("://").skip(1) {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let Some((login, _)) = authority.rsplit_once('@') else { continue };
        match login.split_once(':') {
            Some((_, password)) => found.push(password.to_owned()),
            None if login.len() >= 20 => found.push(login.to_owned()),
            None => {}
        }
    }
}

/// `user:password@host` without a scheme.
fn address(word: &str, found: &mut Vec<String>) {
    let Some((login, _)) = word.rsplit_once('@').filter(|_| !word.contains("://")) else { return };
    let login = login.rsplit_once('=').map_or(login, |(_, login)| login);
    found.extend(behind_colon(login));
}

fn token(word: &str, found: &mut Vec<String>) {
    for start in TOKENS {
        for (at, _) in word.match_indices(start) {
            let before = word[..at].chars().next_back();
            let run: String =
                word[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c)).collect();
            if run.len() >= 16 && before.is_none_or(|c| !c.is_ascii_alphanumeric()) {
                found.push(run);
            }
        }
    }
}

/// The credentials of a header line: what follows the scheme.
fn header(line: &str) -> Option<String> {
    let (name, value) = line.split_once([':', '='])?;
    let name = name.to_ascii_lowercase();
    let telling =
        name.ends_with("authorization") || name.ends_with("cookie") || is_telling(&name) || name.ends_with("key");
    let value = value.trim();
    let credentials = value.split_once(' ').map_or(value, |(_, credentials)| credentials.trim());
    telling.then(|| credentials.to_owned())
}

fn behind_colon(login: &str) -> Option<String> {
    login.split_once(':').map(|(_, password)| password.to_owned()).filter(|password| !password.is_empty())
}

/// A name that says that its value is a secret, and not where one lies or whether there is one.
fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let elsewhere = ["file", "path", "dir", "cmd", "command", "id", "name", "user", "type", "method", "methods"];
    // ssh's own options: PasswordAuthentication, NumberOfPasswordPrompts.
    let ours = ["authentication", "authentications", "prompts", "passthrough", "passive", "bypass"];
    let marks =
        ["pass", "pwd", "token", "secret", "credential", "apikey", "api-key", "api_key", "access_key", "access-key"];
    !elsewhere.iter().chain(&ours).any(|end| name.ends_with(end))
        && (marks.iter().any(|mark| name.contains(mark)) || name.ends_with("auth"))
}

/// Values that are no secret under any name.
fn is_plain(value: &str) -> bool {
    let word = value.to_ascii_lowercase();
    word.is_empty()
        || ["yes", "no", "true", "false", "none", "auto", "basic", "digest", "ntlm"].contains(&word.as_str())
        || word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The value is somewhere else: a variable, another command's output, a token of ssh's, a file.
fn is_reference(value: &str) -> bool {
    let mut letters = value.chars();
    match letters.next() {
        Some('$') => letters.next().is_some_and(|next| next.is_ascii_uppercase() || "_{(".contains(next)),
        Some('`') => true,
        Some('%') => value.len() == 2 || value.starts_with("%h:"),
        Some('/') => value.matches('/').count() > 1,
        Some('~') => value.starts_with("~/"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::secrets;

    #[test]
    fn passwords_and_tokens_are_found() {
        for (command, wanted) in [
            ("curl -u ana:s3cret -x proxy:3128 %h:%p", "s3cret"),
            ("curl -uana:s3cret https://p/", "s3cret"),
            ("curl --proxy-user 'ana:s3 cret' %h", "s3 cret"),
            ("ncat --proxy proxy:3128 --proxy-auth ana:s3cret %h %p", "s3cret"),
            ("ncat --proxy proxy:3128 --proxy-auth=s3cret %h %p", "s3cret"),
            ("proxytunnel -p proxy:3128 -P ana:s3cret -d %h:%p", "s3cret"),
            ("connect -P s3cret %h %p", "s3cret"),
            ("plink -pw s3cret -nc %h:%p gw", "s3cret"),
            ("sshpass -p s3cret ssh -W %h:%p gw", "s3cret"),
            ("sshpass -ps3cret ssh -W %h:%p gw", "s3cret"),
            ("corkscrew http://ana:s3cret@proxy 3128 %h %p", "s3cret"),
            ("socat - PROXY:proxy:%h:%p,proxyport=3128,proxyauth=ana:s3cret", "s3cret"),
            ("HTTP_PROXY_PASSWORD=s3cret connect -H p:3128 %h %p", "s3cret"),
            ("env VAULT_TOKEN=\"s3cret\" tunnel %h", "s3cret"),
            ("cloudflared access ssh --service-token-id abc --service-token-secret s3cret", "s3cret"),
            ("websocat -H='Proxy-Authorization: Basic s3cret' ws://p", "s3cret"),
            ("websocat -H 'Authorization: Bearer s3cret' ws://p", "s3cret"),
            ("websocat ws://p/?token=s3cret&host=%h", "s3cret"),
            ("connect -S ana:s3cret@proxy:1080 %h %p", "s3cret"),
            ("curl https://ghp_0123456789abcdefABCDEF@host/", "ghp_0123456789abcdefABCDEF"),
            ("test \"$(corp-check --password s3cret)\" = ok", "s3cret"),
            ("openssl s_client -pass pass:s3cret", "s3cret"),
            ("sh -c 'exec curl -u ana:s3cret %h:%p'", "s3cret"),
            ("curl -u ana:'$ecret' %h", "$ecret"),
        ] {
            assert!(secrets(command).iter().any(|secret| secret == wanted), "{command}: {:?}", secrets(command));
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for command in [
            "ssh -W %h:%p -p 2222 ana@bastion",
            "ssh -o PasswordAuthentication=no -o PreferredAuthentications=publickey,password -l ana gw -W %h:%p",
            "nc -X connect -x proxy.example:3128 %h %p",
            "nc -u 192.0.2.1 53",
            "corkscrew proxy.example 3128 %h %p ~/.ssh/proxyauth",
            "aws ssm start-session --target %h --document-name AWS-StartSSHSession --parameters 'portNumber=%p'",
            "gcloud compute start-iap-tunnel %h %p --listen-on-stdin --zone=europe-west1-b",
            "cloudflared access ssh --hostname %h",
            "curl -u \"$USER:$PASSWORD\" %h",
            "curl -u ana:$PASSWORD %h",
            "tool --password-file /etc/secret --token-id abc %h %p",
            "tool --token $(cat ~/.token) %h",
            "ssh -P 22 host",
            "test -d ~/keys && grep -q pass /etc/hosts",
            "[ \"$(scutil --get ComputerName)\" = mbp ]",
            "http://proxy.example:3128",
            "/bin/sh -c 'exec nc %h %p'",
            "ProxyCommand=ssh ana@gw:22 nc",
        ] {
            assert_eq!(secrets(command), [""; 0], "{command}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(command in "\\PC{0,80}") {
            secrets(&command);
        }
    }
}
