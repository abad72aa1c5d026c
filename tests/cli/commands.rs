//! The commands beside `doctor`.

use crate::expect_refusal;
use crate::support::home::Home;

#[test]
fn the_catalogue() {
    let home = Home::new();
    let list = home.cci_ssh(["checks"]);
    list.expect_code(0).expect_text("wrong-key-offered").expect_text("authentication");
    assert_eq!(home.cci_ssh(["checks", "list"]).stdout, list.stdout);
    let json = home.cci_ssh(["checks", "--format", "json"]).json();
    assert!(json.to_string().contains("\"hostkey-changed\""));

    home.cci_ssh(["explain", "rsa-sha1-no-mutual-signature"]).expect_code(0).expect_text("SHA-1");
    assert_eq!(home.cci_ssh(["explain", "no-key-found", "--format", "json"]).json()["check"], "no-key-found");
    expect_refusal(&home.cci_ssh(["explain", "wrong-key-offerd"]), "wrong-key-offered");
    expect_refusal(&home.cci_ssh(["explain", "../../etc/passwd"]), "no check");
}

#[test]
fn checks_can_be_tested() {
    let home = Home::new();
    home.cci_ssh(["checks", "test"]).expect_code(0);
    let check = |condition: &str| {
        format!(
            "```toml\nseverity = \"warning\"\nwhen     = \"{condition}\"\nchecked  = 2026-11-22\n\
             sources  = [\"https://man.openbsd.org/ssh\"]\n\n[[fix]]\ntitle  = \"Say hello\"\nsafety = \"safe\"\n\
             where  = \"this machine\"\nrun    = \"echo hello\"\n```\n# this machine has a user called ana\nWhat that means.\n\n\
             ```toml fires\nmachine.user = \"ana\"\n```\n```toml quiet\nmachine.user = \"bob\"\n```\n"
        )
    };
    home.write("own/client/our-user.md", check("machine.user == 'ana'"), 0o600);
    home.cci_ssh(["checks", "test", "own"]).expect_code(0);
    home.write("own/client/our-user.md", check("machine.user == 'bob'"), 0o600);
    home.cci_ssh(["checks", "test", "own"]).expect_code(1).expect_text("our-user");
    home.write("own/client/our-user.md", check("machine.nonsense == 'bob'"), 0o600);
    assert_ne!(home.cci_ssh(["checks", "test", "own"]).code(), Some(0));
    expect_refusal(&home.cci_ssh(["checks", "test", "nowhere"]), "nowhere");
    expect_refusal(&home.doctor(["--checks", "nowhere"]), "nowhere");
}

#[test]
fn completions_and_the_manual_page() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        home.cci_ssh(["completions", shell]).expect_code(0).expect_text("cci-ssh");
    }
    let bash = format!("eval \"$({} completions bash)\" && complete -p cci-ssh", env!("CARGO_BIN_EXE_cci-ssh"));
    home.run("bash", ["-c", &bash]).expect_code(0).expect_text("complete");
    let page = home.cci_ssh(["man"]);
    assert!(page.expect_code(0).stdout.contains(".TH cci-ssh 1"), "{page:#?}");
    home.cci_ssh(["--version"]).expect_code(0).expect_text(env!("CARGO_PKG_VERSION"));
    home.cci_ssh(["--help"]).expect_code(0).expect_text("doctor");
}
