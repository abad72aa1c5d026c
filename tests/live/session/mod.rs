//! Inside the session: what a login shell makes of the environment that the job's image set.

mod dockerfiles;
mod ends;
mod healthy;
mod hostile;
mod logins;
mod parser;
mod profiles;
mod resets;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::report::Report;
use crate::scene::Scene;
use crate::support::image::{Builder, Image};
use crate::support::paste::paste;
use crate::support::process::TIME_LIMIT;
use crate::support::snapshot;

/// With this the doctor may run something in the job.
const CONSENT: &str = "--inspect-session";

/// Folders that an image puts in front of PATH, and that no family's start files know.
const OWN: &str = "/opt/tools/bin:/home/circleci/tools";

/// What somebody finds who logs in and looks.
struct Login {
    /// The variables that were asked for, empty where they are not set.
    values: BTreeMap<String, String>,
    seen: String,
}

impl Login {
    /// The image's login shell, for somebody who types in it.
    fn to(image: &Image, variables: &[&str]) -> Self {
        let outcome = image.typed(&look_at(variables));
        Self::read(&outcome.stdout, &format!("{outcome:#?}"), variables)
    }

    /// The same by ssh, in a session of a job.
    fn by(scene: &Scene, variables: &[&str]) -> Self {
        Self::typing(scene, &scene.ssh_line(), variables)
    }

    /// The same with this command.
    fn typing(scene: &Scene, command: &str, variables: &[&str]) -> Self {
        let seen = paste(&scene.home, command, &[("", &look_at(variables))]);
        Self::read(&seen.output, &format!("{seen:#?}"), variables)
    }

    fn read(output: &str, seen: &str, variables: &[&str]) -> Self {
        let value = |name: &&str| {
            let (_, rest) = output.split_once(&format!("has-{name}<"))?;
            Some(((*name).to_owned(), rest.split_once(">\n")?.0.to_owned()))
        };
        Self { values: variables.iter().filter_map(value).collect(), seen: seen.to_owned() }
    }

    /// The value of a variable in the shell; panics with all that was seen where nobody got as far as looking.
    #[track_caller]
    fn value(&self, name: &str) -> &str {
        self.values.get(name).unwrap_or_else(|| panic!("nobody got in: {}", self.seen))
    }

    #[track_caller]
    fn path(&self) -> &str {
        self.value("PATH")
    }
}

/// What is typed to see these variables, and to leave.
fn look_at(variables: &[&str]) -> String {
    let look = |name: &&str| format!("printf '%s-%s<%s>\\n' has {name} \"${name}\"; ");
    variables.iter().map(look).chain(["exit\n".to_owned()]).collect()
}

/// An image with folders of its user's own in front of PATH.
fn with_own_folders(family: &str) -> Option<Image> {
    Image::of(family).user("circleci").env("PATH", &format!("{OWN}:$PATH")).make()
}

/// The doctor with leave to look inside, and what holds for every such look: two commands at the most, nothing that a
/// person would type in, and nothing that stays behind, here or there.
#[track_caller]
fn inspect(scene: &Scene, image: &Image) -> Report {
    inspect_with(scene, image, &[], TIME_LIMIT)
}

/// The same with more options, which is over by then.
#[track_caller]
fn inspect_with(scene: &Scene, image: &Image, options: &[&str], limit: Duration) -> Report {
    let before = (scene.home.snapshot(), files(image), scene.server().record());
    let report = scene.examine_with(&[&[CONSENT], options].concat());
    let record = scene.server().settled_record();
    let run = &record.commands[before.2.commands.len()..];
    assert!(run.len() <= 2, "{run:#?}\n{report}");
    let asked = (record.ptys - before.2.ptys, record.shells - before.2.shells, record.subsystems.len());
    assert_eq!(asked, (0, 0, 0), "{record:#?}\n{report}");
    assert_eq!(scene.home.snapshot(), before.0, "the doctor changed something here\n{report}");
    assert_eq!(files(image), before.1, "the doctor changed something in the job\n{report}");
    assert!(report.elapsed() < limit, "{report}");
    // A clock that nobody stops any more may run on to its end.
    let left: Vec<_> = image.processes().into_iter().filter(|name| name != "sleep").collect();
    assert!(left.is_empty(), "{left:?} still runs in the job\n{report}");
    report
}

/// The files of an image that a command could leave something in.
fn files(image: &Image) -> BTreeMap<&'static str, snapshot::Snapshot> {
    ["home", "root", "etc", "tmp"].map(|name| (name, snapshot::of(&image.folder().join(name)))).into()
}

/// A job whose login shells lack something.
struct Faulty {
    image: Image,
    scene: Scene,
    report: Report,
}

/// Looks into a job of this image, and expects this check as the one cause that is named; what follows from it is folded. None: there are no images here.
#[track_caller]
fn names(builder: &Builder, check: &str) -> Option<Faulty> {
    let image = builder.make()?;
    let scene = Scene::job_in(&image);
    let report = inspect(&scene, &image);
    let found: Vec<_> =
        report.loud().filter(|finding| finding.root()).map(|finding| finding.text("check").to_owned()).collect();
    assert_eq!(found, [check], "{report}");
    Some(Faulty { image, scene, report })
}

impl Faulty {
    /// The finding speaks of this, in its title or its evidence.
    #[track_caller]
    fn shows(self, text: &str) -> Self {
        let finding = self.report.first().expect("it was named").0;
        let evidence = finding["evidence"].as_array().into_iter().flatten();
        let places = evidence.map(|line| {
            let number = line["line"].as_u64().map_or(String::new(), |number| format!(":{number}"));
            format!("{}{number} {}", line["source"].as_str().unwrap_or_default(), line["text"])
        });
        let all = places.chain([finding["title"].to_string(), finding["detail"].to_string()]).collect::<Vec<_>>();
        assert!(all.iter().any(|part| part.contains(text)), "expected {text:?} in {all:#?}\n{}", self.report);
        self
    }

    /// What is printed for this place and complete as it stands.
    fn commands(&self, place: &str) -> Vec<String> {
        let finding = self.report.first().expect("it was named").0;
        let fixes = finding["fixes"].as_array().into_iter().flatten();
        fixes
            .filter(|fix| fix["where"] == place && fix["safety"] != "manual")
            .flat_map(|fix| fix["commands"].as_array().into_iter().flatten())
            .filter_map(|command| command.as_str().map(str::to_owned))
            .collect()
    }

    /// The commands for this machine lead into a shell of the job that has all of the image's PATH.
    #[track_caller]
    fn helped_at_once(self) -> Self {
        let commands = self.commands("this machine");
        assert!(!commands.is_empty(), "{}", self.report);
        let set = &self.image.environment()["PATH"];
        for command in commands {
            let login = Login::typing(&self.scene, &command, &["PATH"]);
            assert_eq!(login.path(), set, "{command}\n{}", login.seen);
        }
        self
    }

    /// Builds the image with the printed line at its end, and logs in to a job of it.
    #[track_caller]
    fn mended(self, variables: &[&str]) -> Login {
        let lines = self.commands("job image");
        assert_eq!(lines.len(), 1, "{}", self.report);
        self.image.run(lines[0].strip_prefix("RUN ").unwrap_or_else(|| panic!("{lines:#?}")));
        let scene = Scene::job_in(&self.image);
        let login = Login::by(&scene, variables);
        inspect(&scene, &self.image).expect_silence();
        login
    }
}
