//! The jobs with SSH that run or wait: each of their executions holds a place of the organisation's concurrency.
//!
//! CircleCI has no list of them. v1.1 lists the latest jobs of the projects that the token's owner follows; which of these have
//! SSH, its short documents may leave open, so those are looked at one by one, as many as is decent.

mod named;

use std::collections::BTreeSet;

use super::{
    ApiError, Client, Slug,
    api::{
        v1::{BUILDS, Build},
        v2::User,
    },
    client::side_by_side,
    time, which,
};

pub use named::{Choice, ChoiceError, choose};

/// Most pages of the list, of [`BUILDS`] jobs each.
const PAGES: usize = 10;
/// A job that was queued longer ago than this has ended: no plan lets one run, and stay up for a visitor, that long.
const OLDEST: i64 = 24 * 3600;
/// Most jobs that are looked at one by one.
const LOOKS: usize = 40;

/// A job with SSH that runs or waits.
#[derive(Debug, Clone, PartialEq)]
pub struct SshJob {
    /// Its project.
    pub slug: Slug,
    /// The project's name for people.
    pub project: String,
    /// Its number.
    pub number: u64,
    /// Its id, where CircleCI tells it.
    pub id: Option<String>,
    /// Its name in the configuration.
    pub name: String,
    /// CircleCI's word for how it stands.
    pub status: String,
    /// Its page.
    pub url: Option<String>,
    /// Its branch.
    pub branch: Option<String>,
    /// It is the token owner's own.
    pub mine: bool,
    /// Whose it is, as far as CircleCI tells.
    pub owner: Option<String>,
    /// When it was queued (RFC 3339).
    pub queued_at: Option<String>,
    /// When it began (RFC 3339).
    pub started_at: Option<String>,
    /// For how many seconds it has run or waited, by CircleCI's clock.
    pub age: Option<i64>,
    /// `docker`, `machine`, …
    pub executor: Option<String>,
    /// Its size.
    pub resource_class: Option<String>,
    /// How many executions it has: so many places it holds.
    pub executions: u32,
}

impl SshJob {
    /// For people: `job 345 (test) of acme/web`.
    pub fn display(&self) -> String {
        which::display(&self.slug, Some(&self.project), Some(self.number), &self.name)
    }

    /// Since when it runs or waits (RFC 3339).
    pub fn since(&self) -> Option<&str> {
        self.started_at.as_deref().or(self.queued_at.as_deref())
    }
}

/// The jobs with SSH that were found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    /// Everybody's, the oldest first.
    pub jobs: Vec<SshJob>,
    /// So many jobs were read, and there are more.
    pub cut: Option<usize>,
    /// So many jobs that run or wait were not looked at closely, so they may have SSH.
    pub unseen: usize,
    /// Why the last of these were not, where CircleCI gave no answer.
    pub trouble: Option<ApiError>,
}

/// Finds them.
///
/// # Errors
/// As [`ApiError`] says, where nothing can be said at all.
pub fn list(client: &Client<'_>, me: &User) -> Result<Listing, ApiError> {
    let mut listing = Listing::default();
    let live = live(client, &mut listing)?;
    let (mut found, mut open): (Vec<Build>, Vec<Build>) = live.into_iter().partition(Build::has_ssh);
    // One's own first, and those that run before those that have no steps yet.
    let mine = |build: &Build| me.login.as_deref().is_some_and(|login| build.is_of(login));
    open.sort_by_key(|build| (!mine(build), build.start_time.is_none()));
    listing.unseen = open.len().saturating_sub(LOOKS);
    open.truncate(LOOKS);
    for answer in side_by_side(&open, |build| detail(client, build)) {
        match answer {
            Ok(Some(build)) if build.holds_a_place() && build.has_ssh() => found.push(build),
            Ok(_) | Err(ApiError::NotFound) => {}
            Err(error) => {
                listing.unseen += 1;
                listing.trouble = Some(error);
            }
        }
    }
    let jobs = side_by_side(&found, |build| Ok(described(client, build, me)));
    listing.jobs = jobs.into_iter().filter_map(|job| job.ok().flatten()).collect();
    listing.jobs.sort_by(|one, other| (one.since(), one.number).cmp(&(other.since(), other.number)));
    Ok(listing)
}

/// Jobs that run or wait, of all the pages that are worth reading.
fn live(client: &Client<'_>, listing: &mut Listing) -> Result<Vec<Build>, ApiError> {
    let mut seen = BTreeSet::new();
    let mut live = Vec::new();
    for page in 0..PAGES {
        let builds = match client.recent_builds(page * BUILDS) {
            Ok(builds) => builds,
            Err(error) if page == 0 => return Err(error),
            Err(error) => {
                listing.cut = Some(page * BUILDS);
                listing.trouble = Some(error);
                return Ok(live);
            }
        };
        let now = client.clock().map(|clock| clock.at);
        let is_last = builds.len() < BUILDS || builds.iter().all(|build| is_old(build, now.as_deref()));
        for build in builds {
            // The list moves on while it is read, so one may come twice.
            let name = build.slug().map(|slug| slug.to_string()).zip(build.build_num);
            if build.holds_a_place() && name.is_some_and(|name| seen.insert(name)) {
                live.push(build);
            }
        }
        if is_last {
            return Ok(live);
        }
    }
    listing.cut = Some(PAGES * BUILDS);
    Ok(live)
}

fn is_old(build: &Build, now: Option<&str>) -> bool {
    let queued = build.queued_at.as_deref().or(build.start_time.as_deref());
    time::between(queued, now).is_some_and(|age| age > OLDEST)
}

/// The long document of a build.
fn detail(client: &Client<'_>, build: &Build) -> Result<Option<Build>, ApiError> {
    let Some((slug, number)) = build.slug().zip(build.build_num) else { return Ok(None) };
    let long = client.build(&slug, number)?;
    // What only the short one names stays known.
    let short = build.clone();
    Ok(Some(Build {
        status: long.status.or(short.status),
        lifecycle: long.lifecycle.or(short.lifecycle),
        start_time: long.start_time.or(short.start_time),
        stop_time: long.stop_time,
        why: long.why.or(short.why),
        ssh_users: long.ssh_users.or(short.ssh_users),
        steps: long.steps,
        picard: long.picard.or(short.picard),
        parallel: long.parallel.or(short.parallel),
        ..short
    }))
}

/// A job with SSH, as all of CircleCI's documents about it tell; none where it has ended meanwhile.
fn described(client: &Client<'_>, build: &Build, me: &User) -> Option<SshJob> {
    let (slug, number) = build.slug().zip(build.build_num)?;
    let workflows = build.workflows.clone().unwrap_or_default();
    // Both can be done without.
    let job = client.job(&slug, number).ok().unwrap_or_default();
    let workflow = workflows.workflow_id.as_deref().and_then(|id| client.workflow(id).ok()).unwrap_or_default();
    if job.stopped_at.is_some() {
        return None;
    }
    let mine = build.was_started_by(me, &workflow);
    let queued_at = job.queued_at.or_else(|| build.queued_at.clone());
    let started_at = job.started_at.or_else(|| build.start_time.clone());
    let now = client.clock().map(|clock| clock.at);
    let executor = job.executor.unwrap_or_default();
    let picard = build.picard.clone().unwrap_or_default();
    let names = build.username.as_ref().zip(build.reponame.as_ref());
    Some(SshJob {
        project: names.map_or_else(|| slug.name(), |(organization, project)| format!("{organization}/{project}")),
        slug,
        number,
        id: workflows.job_id,
        name: job.name.or(workflows.job_name).unwrap_or_default(),
        status: job.status.or_else(|| build.status.clone()).unwrap_or_default(),
        url: job.web_url.or_else(|| build.build_url.clone()),
        branch: build.branch.clone(),
        mine,
        owner: if mine { me.login.clone() } else { owner(client, build, workflow.started_by.as_deref()) },
        age: time::between(started_at.as_deref().or(queued_at.as_deref()), now.as_deref()),
        queued_at,
        started_at,
        executor: executor.kind.or(picard.executor),
        resource_class: executor.resource_class.or_else(|| picard.resource_class?.class),
        executions: job.parallelism.or(build.parallel).unwrap_or(1).max(1),
    })
}

/// Somebody else, by name.
fn owner(client: &Client<'_>, build: &Build, author: Option<&str>) -> Option<String> {
    let author = author.filter(|id| !id.is_empty()).and_then(|id| client.user(id).ok());
    let keys = || build.ssh_users.as_ref()?.iter().find_map(|user| user.login.clone());
    let user = || build.user.as_ref()?.login.clone();
    author.and_then(|user| user.login.or(user.name)).or_else(keys).or_else(user)
}

/// What came of a cancellation.
#[derive(Debug, Clone, PartialEq)]
pub enum Cancelled {
    /// CircleCI takes it.
    Now,
    /// It had ended already, with this status.
    HadEnded(String),
    /// CircleCI does not do it.
    Not(ApiError),
}

/// Cancels a job, unless it has ended.
pub fn cancel(client: &Client<'_>, slug: &Slug, number: u64, id: Option<&str>) -> Cancelled {
    let ended = || {
        let job = client.job(slug, number).ok()?;
        job.stopped_at.is_some().then(|| Cancelled::HadEnded(job.status.unwrap_or_default()))
    };
    if let Some(ended) = ended() {
        return ended;
    }
    let answer = match (client.cancel(slug, number), id) {
        (Err(ApiError::NotFound), Some(id)) => client.cancel_by_id(id),
        (answer, _) => answer,
    };
    match answer {
        Ok(()) => Cancelled::Now,
        // It may have ended in between.
        Err(error) => ended().unwrap_or(Cancelled::Not(error)),
    }
}

#[cfg(test)]
mod tests;
