//! What is read in the start files is what a shell makes of them: in every family, one of the outcomes is the true one.

use cci_ssh::image::profile::{Files, Follow, Outcome, Piece};

use super::{Login, OWN, with_own_folders};
use crate::support::image::{FAMILIES, Image};
use crate::support::snapshot;

/// The start files of an image, as far as a login shell of its user comes to them.
fn files(image: &Image) -> Files {
    let mut files = Files::default();
    let home = image.user().home.clone();
    for folder in ["/etc", home.as_str()] {
        for path in snapshot::of(&image.folder().join(&folder[1..])).keys() {
            let path = format!("{folder}/{}", path.display());
            let text = image.read(&path);
            if !text.is_empty() && !path.starts_with("/etc/skel/") {
                files.add(&path, &text);
            }
        }
    }
    for name in [".bash_profile", ".bash_login", ".profile", ".bashrc"] {
        let path = format!("{home}/{name}");
        if files.get(&path).is_none() {
            files.add_absent(&path);
        }
    }
    files
}

/// The first of the user's own files that this image's login shell reads.
fn own_file(image: &Image, files: &Files) -> String {
    let bash = image.login_shell()[0].ends_with("bash");
    let names: &[&str] = if bash { &[".bash_profile", ".bash_login", ".profile"] } else { &[".profile"] };
    let paths = names.iter().map(|name| format!("{}/{name}", image.user().home));
    paths.into_iter().find(|path| files.get(path).is_some()).unwrap_or_default()
}

/// The outcome's value with what was inherited put in; None where a part of it is not known.
fn value(outcome: &Outcome, inherited: &str) -> Option<String> {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => Some(text.clone()),
        Piece::Inherited => Some(inherited.to_owned()),
        Piece::Unknown | Piece::Derived => None,
    };
    outcome.value.as_ref()?.iter().map(text).collect()
}

/// One of the outcomes for PATH is what somebody finds who logs in.
fn one_is_true(image: &Image, name: &str) -> Result<(), String> {
    let set = image.environment()["PATH"].clone();
    let login = Login::to(image, &["PATH"]);
    let files = files(image);
    let own = own_file(image, &files);
    let home = image.user().home.clone();
    let known = |name: &str| (name == "HOME").then(|| home.clone());
    let follow = Follow { files: &files, known: &known };
    let outcomes = follow.variable("PATH", &["/etc/profile", &own]);
    let kept = login.path().contains(&set);
    let fits = |outcome: &Outcome| match value(outcome, &set) {
        Some(value) => value == login.path(),
        // What a command made of the old value may be anything.
        None => (kept || !outcome.keeps()) && !(kept && outcome.resets()),
    };
    let said = || format!("{name}: {:?}\n{outcomes:#?}", login.path());
    if outcomes.iter().any(fits) && outcomes.iter().all(|outcome| outcome.by.is_some() || !outcome.resets()) {
        Ok(())
    } else {
        Err(said())
    }
}

#[test]
fn in_every_family() {
    for family in &FAMILIES {
        let Some(image) = with_own_folders(family.name) else { return };
        one_is_true(&image, family.name).expect("one is true");
        let Some(image) = Image::of(family.name).env("PATH", "/opt/tools/bin:$PATH").make() else { return };
        one_is_true(&image, &format!("{} root", family.name)).expect("one is true");
    }
}

#[test]
fn in_files_of_others() {
    let texts = [
        "PATH=/only\n",
        "export PATH=\"$PATH:/more\"\n",
        "path() { PATH=$1:$PATH; }\npath /a; path /b\n",
        "for i in /a /b '/c d'; do PATH=$PATH:$i; done\n",
        "case $PATH in *nowhere*) PATH=/x ;; *) PATH=/y:$PATH ;; esac\n",
        "[ -d /nowhere ] && PATH=/nowhere:$PATH\n[ -d /etc ] && PATH=/etc:$PATH\n",
        "old=$PATH; PATH=/a; PATH=$PATH:$old\n",
        "if [ -n \"$NOTHING\" ]; then PATH=/b; elif [ -z \"$NOTHING\" ]; then PATH=/c:$PATH; fi\n",
        "(PATH=/sub); PATH=/piped | cat; PATH=/one true\n",
        "cat <<'E' >/dev/null\nPATH=/doc\nE\n# PATH=/comment\n",
        "PATH=`echo /a:$PATH`\n",
        "PATH=$(echo \"$PATH\" | sed 's|/home/circleci/bin:||')\n",
        "unset PATH; PATH=/usr/bin:/bin\n",
        "eval 'PATH=/evil:$PATH'\n",
        "export PATH=${PATH:-/x}:${NOTHING:-/y}${NOTHING:+:/z}\n",
        "while false; do PATH=/never; done; until true; do PATH=/never; done\n",
        "PATH=/a$(:):$PATH\nreadonly Q=1\n{ PATH=/braces:$PATH; }\n",
        "test -d /etc -a -d /nowhere || PATH=/b:$PATH\n",
        "! [ -d /etc ] || PATH=\"/c:$PATH\" && :\n",
        "if true; then return 0; fi; PATH=/after\n",
        "PATH=\\\n/continued:$PATH\n",
        "declare -x PATH=/declared:$PATH 2>/dev/null\n",
        "PATH+=:/added\n",
    ];
    let mut wrong = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let builder = Image::ubuntu().user("circleci").env("PATH", &format!("{OWN}:$PATH")).profile_d("zz.sh", text);
        let Some(image) = builder.make() else { return };
        wrong.extend(one_is_true(&image, &format!("{number} {text}")).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
