//! Well-known images by name: of which family each is, which PATH it sets, and who its user is.
//!
//! Only names that say it beyond doubt are here: an image of somebody's own registry may be anything, whatever it is called.
//! Sources: the Dockerfiles of the official images (github.com/docker-library), of CircleCI's (github.com/CircleCI-Public),
//! of .NET (github.com/dotnet/dotnet-docker) and of adoptium/containers.

use super::family::{DEFAULT_PATH, Family};

/// What is known about a base image by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Its family.
    pub family: Family,
    /// It is the distribution's own image, in a release that its tag names: nothing else can have touched the profile.
    pub is_stock: bool,
    /// What it sets besides.
    pub env: Vec<(String, String)>,
    /// Who runs in it.
    pub user: &'static str,
    /// Users that it has besides root, with their homes.
    pub users: &'static [(&'static str, u32, &'static str)],
}

/// Releases of Debian by name.
const DEBIAN: [&str; 10] =
    ["wheezy", "jessie", "stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "sid", "debian"];
/// Releases of Ubuntu by name.
const UBUNTU: [&str; 9] = ["trusty", "xenial", "bionic", "focal", "jammy", "noble", "plucky", "questing", "resolute"];

/// Words before an official image's name: mirrors and caches of Docker Hub.
const HUBS: [&str; 6] = [
    "docker.io/",
    "index.docker.io/",
    "registry-1.docker.io/",
    "public.ecr.aws/docker/",
    "mirror.gcr.io/",
    "registry.hub.docker.com/",
];

/// What is known about the image of this name; `None` where the name does not say it.
pub fn named(reference: &str) -> Option<Base> {
    let reference = reference.trim().split('@').next().unwrap_or_default().to_ascii_lowercase();
    let hub = HUBS.iter().find_map(|hub| reference.strip_prefix(hub)).unwrap_or(&reference);
    // Pull-through caches keep the whole path behind their own.
    let local = hub.rsplit_once("/library/").map_or(hub, |(_, name)| name);
    let local = local.strip_prefix("library/").unwrap_or(local);
    let (name, tag) = match local.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (local, "latest"),
    };
    let tag: Vec<&str> = tag.split(['-', '_']).collect();
    let base = match name {
        "scratch" | "busybox" => of(Family::Bare),
        "debian" | "bitnami/minideb" => Base { is_stock: name == "debian", ..of(Family::Debian) },
        "buildpack-deps" | "gcc" | "perl" | "php" | "node" | "python" | "erlang" | "elixir" | "composer" => {
            of(by_tag(&tag).unwrap_or(if name == "composer" { Family::Alpine } else { Family::Debian }))
        }
        "golang" => {
            set(of(by_tag(&tag).unwrap_or(Family::Debian)), &["/go/bin", "/usr/local/go/bin"], &[("GOPATH", "/go")])
        }
        "rust" => {
            let homes = [("RUSTUP_HOME", "/usr/local/rustup"), ("CARGO_HOME", "/usr/local/cargo")];
            set(of(by_tag(&tag).unwrap_or(Family::Debian)), &["/usr/local/cargo/bin"], &homes)
        }
        "ruby" => {
            let homes = [("GEM_HOME", "/usr/local/bundle")];
            set(of(by_tag(&tag).unwrap_or(Family::Debian)), &["/usr/local/bundle/bin"], &homes)
        }
        "julia" => set(of(by_tag(&tag).unwrap_or(Family::Debian)), &["/usr/local/julia/bin"], &[]),
        "openjdk" => openjdk(&tag)?,
        "ubuntu" | "swift" | "eclipse-temurin" | "gradle" | "maven" => ubuntu_unless(name, &tag)?,
        "alpine" => alpine(&tag),
        "archlinux" | "archlinux/archlinux" => of(Family::Arch),
        "fedora"
        | "rockylinux"
        | "rockylinux/rockylinux"
        | "almalinux"
        | "almalinux/almalinux"
        | "centos"
        | "amazonlinux"
        | "oraclelinux"
        | "redhat/ubi7"
        | "redhat/ubi8"
        | "redhat/ubi9"
        | "redhat/ubi10"
        | "amazoncorretto"
        | "quay.io/centos/centos"
        | "registry.fedoraproject.org/fedora"
        | "public.ecr.aws/amazonlinux/amazonlinux" => match by_tag(&tag) {
            Some(other) if name == "amazoncorretto" => of(other),
            _ => Base { is_stock: true, ..of(Family::RedHat) },
        },
        _ if name.starts_with("registry.access.redhat.com/ubi") && !name.contains("micro") => of(Family::RedHat),
        _ if name.starts_with("opensuse/leap") || name.starts_with("opensuse/tumbleweed") => {
            Base { is_stock: true, ..of(Family::Suse) }
        }
        "registry.opensuse.org/opensuse/leap" | "registry.opensuse.org/opensuse/tumbleweed" => of(Family::Suse),
        _ if name.starts_with("gcr.io/distroless/") => of(Family::Bare),
        _ if name.starts_with("cimg/") => {
            circleci(Family::Ubuntu, &["/home/circleci/bin", "/home/circleci/.local/bin"])
        }
        _ if name.starts_with("circleci/") => {
            let base = named(&format!("{}:{}", &name["circleci/".len()..], tag.join("-")));
            let family = base.as_ref().map_or(Family::Debian, |base| base.family);
            let env = base.map(|base| base.env).unwrap_or_default();
            Base { env, ..circleci(family, &[]) }
        }
        _ if name.starts_with("mcr.microsoft.com/dotnet/") => dotnet(name, &tag)?,
        _ if name.starts_with("mcr.microsoft.com/windows") => of(Family::Windows),
        _ => return None,
    };
    let has_node = name == "node" && matches!(base.family, Family::Debian | Family::Alpine | Family::AlpineOld);
    Some(if has_node { Base { users: &[("node", 1000, "/home/node")], ..base } } else { base })
}

fn of(family: Family) -> Base {
    let env = vec![("PATH".to_owned(), DEFAULT_PATH.to_owned())];
    Base { family, is_stock: false, env, user: "root", users: &[] }
}

/// The same with folders in front of its PATH, and other variables.
fn set(base: Base, folders: &[&str], variables: &[(&str, &str)]) -> Base {
    let path = format!("{}:{DEFAULT_PATH}", folders.join(":"));
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Base { env: variables.chain([("PATH".to_owned(), path)]).collect(), ..base }
}

fn circleci(family: Family, folders: &[&str]) -> Base {
    let base = if folders.is_empty() { of(family) } else { set(of(family), folders, &[]) };
    Base { user: "circleci", users: &[("circleci", 3434, "/home/circleci")], ..base }
}

/// What the words of a tag say of the family: a release's name, `alpine3.12`, `ubi9`.
fn by_tag(tag: &[&str]) -> Option<Family> {
    tag.iter().find_map(|word| {
        let letters = word.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        Some(match letters {
            _ if DEBIAN.contains(&letters) => Family::Debian,
            _ if UBUNTU.contains(&letters) => Family::Ubuntu,
            "ubuntu" => Family::Ubuntu,
            "alpine" => alpine_release(&word["alpine".len()..]),
            "ubi" | "oraclelinux" | "oracle" | "al" | "amazonlinux" | "centos" | "fedora" | "rhel" | "corretto"
            | "amazoncorretto" => Family::RedHat,
            "windowsservercore" | "nanoserver" | "windows" | "ltsc" => Family::Windows,
            _ => return None,
        })
    })
}

/// Up to 3.14 the profile sets PATH anew; a tag without a release is newer than that, or is rebuilt on what is.
fn alpine_release(release: &str) -> Family {
    let mut numbers = release.split('.').map(|number| number.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(3), Some(minor)) if minor <= 14 => Family::AlpineOld,
        (Some(major), _) if major < 3 => Family::AlpineOld,
        _ => Family::Alpine,
    }
}

fn alpine(tag: &[&str]) -> Base {
    let release = tag.first().copied().unwrap_or_default();
    Base { is_stock: release.starts_with('3'), ..of(alpine_release(release)) }
}

fn ubuntu_unless(name: &str, tag: &[&str]) -> Option<Base> {
    let family = by_tag(tag);
    // Maven's older images are built on whatever its JDK's are.
    let other = tag.iter().any(|word| matches!(*word, "openjdk" | "ibmjava" | "jdk" | "sapmachine" | "mariner"));
    match (name, family) {
        (_, Some(family)) => Some(of(family)),
        ("maven", None) if other => None,
        ("swift", None) => Some(of(Family::Ubuntu)),
        _ => Some(Base { is_stock: name == "ubuntu", ..of(Family::Ubuntu) }),
    }
}

/// On Debian up to 16, and on Oracle Linux since 17, unless the tag says otherwise.
fn openjdk(tag: &[&str]) -> Option<Base> {
    let version = tag.first()?;
    let major: u32 = version.split(['.', 'u', '+']).next()?.parse().ok()?;
    match by_tag(tag) {
        Some(family) if family != Family::Debian => Some(of(family)),
        None if major >= 12 => None,
        _ => {
            let home = format!("/usr/local/openjdk-{major}");
            Some(set(of(Family::Debian), &[&format!("{home}/bin")], &[("JAVA_HOME", &home)]))
        }
    }
}

/// Debian up to .NET 9, Ubuntu from 10 on, unless the tag says otherwise.
fn dotnet(name: &str, tag: &[&str]) -> Option<Base> {
    if name.starts_with("mcr.microsoft.com/dotnet/framework") {
        return Some(of(Family::Windows));
    }
    if tag.iter().any(|word| word.starts_with("azurelinux") || word.starts_with("cbl") || *word == "chiseled") {
        return None;
    }
    if let Some(family) = by_tag(tag) {
        return Some(of(family));
    }
    let major: u32 = tag.first()?.split('.').next()?.parse().ok()?;
    Some(of(if major >= 10 { Family::Ubuntu } else { Family::Debian }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(reference: &str) -> Option<Family> {
        named(reference).map(|base| base.family)
    }

    #[test]
    fn names_tell_the_family() {
        for (reference, expected) in [
            ("debian", Family::Debian),
            ("debian:bookworm-slim", Family::Debian),
            ("docker.io/library/python:3.12-slim", Family::Debian),
            ("public.ecr.aws/docker/library/node:20-bullseye@sha256:aa", Family::Debian),
            ("123456.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/ruby:3.3", Family::Debian),
            ("node:20-alpine", Family::Alpine),
            ("node:14-alpine3.12", Family::AlpineOld),
            ("golang:1.22-alpine3.19", Family::Alpine),
            ("alpine:3.14", Family::AlpineOld),
            ("alpine:3.14.2", Family::AlpineOld),
            ("alpine", Family::Alpine),
            ("alpine:edge", Family::Alpine),
            ("ubuntu:22.04", Family::Ubuntu),
            ("cimg/node:20.11-browsers", Family::Ubuntu),
            ("circleci/node:12", Family::Debian),
            ("eclipse-temurin:21-jdk", Family::Ubuntu),
            ("eclipse-temurin:17-jdk-alpine", Family::Alpine),
            ("gradle:8-jdk21", Family::Ubuntu),
            ("maven:3.9-eclipse-temurin-21", Family::Ubuntu),
            ("openjdk:8-jdk", Family::Debian),
            ("openjdk:17-jdk-slim-bullseye", Family::Debian),
            ("mcr.microsoft.com/dotnet/sdk:8.0", Family::Debian),
            ("mcr.microsoft.com/dotnet/sdk:8.0-jammy", Family::Ubuntu),
            ("mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-ltsc2022", Family::Windows),
            ("python:3.12-windowsservercore-ltsc2022", Family::Windows),
            ("registry.access.redhat.com/ubi9/ubi-minimal:9.4", Family::RedHat),
            ("fedora:40", Family::RedHat),
            ("amazonlinux:2023", Family::RedHat),
            ("opensuse/leap:15.6", Family::Suse),
            ("archlinux:latest", Family::Arch),
            ("gcr.io/distroless/base-debian12", Family::Bare),
            ("scratch", Family::Bare),
        ] {
            assert_eq!(family(reference), Some(expected), "{reference}");
        }
        for reference in
            ["acme/python:3.12", "registry.example.com/debian", "localhost:5000/node", "openjdk:21", "", "ghcr.io/a/b"]
        {
            assert_eq!(family(reference), None, "{reference}");
        }
    }

    #[test]
    fn images_bring_a_path_and_users() {
        let path = |reference: &str| {
            let base = named(reference).expect(reference);
            base.env.into_iter().find(|(name, _)| name == "PATH").map(|(_, path)| path)
        };
        assert_eq!(
            path("golang:1.22").as_deref().map(|path| path.starts_with("/go/bin:/usr/local/go/bin:/")),
            Some(true)
        );
        assert_eq!(path("circleci/golang:1.17").map(|path| path.starts_with("/go/bin:")), Some(true));
        assert_eq!(named("node:20").expect("known").users[0].2, "/home/node");
        assert_eq!(named("cimg/go:1.22").expect("known").user, "circleci");
        assert!(named("debian:12").expect("known").is_stock);
        assert!(!named("python:3.12").expect("known").is_stock);
    }
}
