use super::*;
use crate::{
    circleci::{TokenSource, credentials::HostSource},
    system::{Platform, recorded::Recorded},
};

const TOKEN: &str = "CCIPAT_5ec2e7_0123456789abcdef0123456789abcdef01234567";

fn credentials() -> Credentials {
    Credentials {
        host: Host::cloud(),
        host_from: HostSource::Nothing,
        token: Some((Token::new(TOKEN).expect("a token"), TokenSource::Variable("CIRCLE_TOKEN"))),
        cacert: None,
        why_no_token: None,
        notes: Vec::new(),
    }
}

#[test]
fn a_token_in_a_servers_words_is_hidden_before_they_are_cut_short() {
    for before in [0, WORDS - TOKEN.len(), WORDS - 20, WORDS - 1, WORDS] {
        let message = format!("{}{TOKEN} is refused", "x".repeat(before));
        let body = serde_json::json!({ "message": message }).to_string();
        let system = Recorded::new(Platform::Linux).http("GET https://circleci.com/api/v2/me", 403, &[], body);
        let client = Client::new(&system, &credentials(), Duration::from_secs(5)).expect("a client");
        let Err(ApiError::Forbidden(words)) = client.me() else { panic!("it was refused") };
        assert!(!words.contains("CCI") && !words.contains("5ec2e7"), "{words}");
        assert!(words.chars().count() <= WORDS, "{words}");
    }
}
