//! A project's name in the API: `gh/acme/web`, `circleci/<organisation's id>/<project's id>`.

use std::fmt;

/// Three parts: where the organisation comes from, the organisation, the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slug {
    vcs: String,
    organization: String,
    project: String,
}

impl Slug {
    /// Reads `vcs/organisation/project`; nothing where a part is missing. Web addresses and v1.1 write `github` for `gh`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/').filter(|part| !part.is_empty() && *part != "." && *part != "..");
        let (vcs, organization, project) = (parts.next()?, parts.next()?, parts.next()?);
        let vcs = match vcs.to_ascii_lowercase().as_str() {
            "github" => "gh".to_owned(),
            "bitbucket" => "bb".to_owned(),
            other => other.to_owned(),
        };
        parts.next().is_none().then(|| Self { vcs, organization: organization.into(), project: project.into() })
    }

    /// How the organisation came to CircleCI: `github` (OAuth), `bitbucket`, `circleci` (GitHub App, GitLab).
    pub fn kind(&self) -> &str {
        match self.vcs.as_str() {
            "gh" => "github",
            "bb" => "bitbucket",
            other => other,
        }
    }

    /// For people: `acme/web`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.organization, self.project)
    }

    /// For the address of a page: `github/acme/web`.
    pub fn page(&self) -> String {
        format!("{}/{}/{}", self.kind(), encoded(&self.organization), encoded(&self.project))
    }

    /// For an address of the API: nothing in it means more than itself there.
    pub fn path(&self) -> String {
        format!("{}/{}/{}", encoded(&self.vcs), encoded(&self.organization), encoded(&self.project))
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}/{}/{}", self.vcs, self.organization, self.project)
    }
}

/// A word for an address: what means something there is written as `%2F` (RFC 3986 2.1).
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte.into());
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_has_three_parts() {
        let slug = Slug::parse("GH/acme/web site").expect("a slug");
        assert_eq!((slug.kind(), slug.name().as_str()), ("github", "acme/web site"));
        assert_eq!(slug.path(), "gh/acme/web%20site");
        assert_eq!(slug.to_string(), "gh/acme/web site");
        assert_eq!(Slug::parse("github/acme/web"), Slug::parse("gh/acme/web"));
        assert_eq!(Slug::parse("bitbucket/acme/web").map(|slug| slug.to_string()).as_deref(), Some("bb/acme/web"));
        for text in ["", "gh/acme", "gh/acme/web/12", "gh//web", "gh/../web"] {
            assert_eq!(Slug::parse(text), None, "{text}");
        }
    }
}
