use super::*;

const PAT: &str = "CCIPAT_ULUhR6rJLxYbyzyrP19iMZ_8fb1e3510325f7f09361de22b9420346c53ca2cb";

fn token(text: &str) -> Token {
    Token::new(text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

#[test]
fn what_stands_around_a_token_is_left_out() {
    for text in [PAT.to_owned(), format!("{PAT}\r\n"), format!("  {PAT}\n\n"), format!("\u{feff}{PAT}")] {
        assert_eq!(token(&text).header(), ("Circle-Token", PAT));
    }
    assert_eq!(token("c29tZSB0b2tlbg==").header().1, "c29tZSB0b2tlbg==");
    assert!(token(PAT).says_personal() && !token(PAT).says_project());
    assert!(token("CCIPRJ_x_1").says_project());
    let old = token(&"0a".repeat(20));
    assert!(!old.says_personal() && !old.says_project());
}

#[test]
fn what_is_plainly_no_token_is_said_without_repeating_it() {
    use TokenError as E;
    for (text, error) in [
        ("", E::Empty),
        (" \r\n", E::Empty),
        ("\"SECRET\"", E::Quoted),
        ("'SECRET'\n", E::Quoted),
        ("\u{201c}SECRET\u{201d}", E::Quoted),
        ("export CIRCLE_TOKEN=SECRET", E::Assignment),
        ("CIRCLE_TOKEN=SECRET", E::Assignment),
        ("CIRCLE_TOKEN='SECRET'\n", E::Assignment),
        ("set -x CIRCLE_TOKEN SECRET", E::Assignment),
        ("Circle-Token: SECRET", E::Line),
        ("circle-token:SECRET", E::Line),
        ("Authorization: Bearer SECRET", E::Line),
        ("Bearer SECRET", E::Line),
        ("token: SECRET", E::Line),
        ("$CIRCLE_TOKEN", E::Reference),
        ("${SECRET}", E::Reference),
        ("%CIRCLE_TOKEN%", E::Reference),
        ("<your SECRET token>", E::Placeholder),
        ("{\"token\":\"SECRET\"}", E::Placeholder),
        ("****SECRET", E::Masked),
        ("SECRET TOKEN", E::Blank),
        ("SECRET\nTOKEN", E::Blank),
        ("SECRET\u{1b}[31m", E::Blank),
        ("S\0E\0C\0R\0E\0T\0", E::Utf16),
        ("SECR\u{c9}T", E::NotAscii),
    ] {
        assert_eq!(Token::new(text), Err(error), "{text:?}");
        assert!(!format!("{error} {error:?}").contains("SECRET"));
    }
    assert_eq!(Token::new(&"a".repeat(LONGEST + 1)), Err(E::TooLong));
    assert!(Token::new(&"a".repeat(LONGEST)).is_ok());
}

#[test]
fn a_token_is_hidden_in_every_simple_encoding() {
    let token = token("ab/c+d=ef?");
    let login = STANDARD.encode("ab/c+d=ef?:");
    for text in ["ab/c+d=ef?", "ab%2Fc%2Bd%3Def%3F", "ab%2fc%2bd%3def%3f", &STANDARD.encode("ab/c+d=ef?"), &login] {
        assert_eq!(token.hide_in(&format!("<{text}> and {text}")), "<<hidden>> and <hidden>", "{text}");
    }
    assert!(matches!(token.hide_in("nothing of it"), Cow::Borrowed("nothing of it")));
    assert_eq!(format!("{token:?} {:?}", Some((&token, 1))), "Token(<hidden>) Some((Token(<hidden>), 1))");
}

#[test]
fn sources_are_said_in_words() {
    for (source, words) in [
        (TokenSource::Flag("/run/token".into()), "/run/token (--token-file)"),
        (TokenSource::Variable("CIRCLE_TOKEN"), "the variable CIRCLE_TOKEN"),
        (TokenSource::File("~/.circleci/cli.yml".into()), "~/.circleci/cli.yml"),
    ] {
        assert_eq!(source.to_string(), words);
    }
    assert!(TokenSource::Keyring.to_string().contains("keyring"));
}
