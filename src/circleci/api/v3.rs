//! API v3, of the cloud only: what a step prints, where v1.1 does not say it.

use crate::{
    circleci::{
        ApiError, Client,
        client::{Ask, Proof},
        document::document,
        slug::encoded,
    },
    system::Method,
};

document! {
    struct Answer {
        data: Option<Data>,
    }
}

document! {
    struct Data {
        attributes: Option<Job>,
    }
}

document! {
    /// `GET /jobs/{id}`.
    pub struct Job {
        /// `created`, `queued`, `started`, `ended`; an open list.
        pub phase: Option<String>,
        /// Its executions, in order.
        pub parallel_executions: Option<Vec<Execution>>,
    }
}

document! {
    /// One execution.
    pub struct Execution {
        /// Its steps.
        pub steps: Option<Vec<Step>>,
    }
}

document! {
    /// A step.
    pub struct Step {
        /// Its name.
        pub name: Option<String>,
        /// Its number.
        pub num: Option<u32>,
        /// `created`, `started`, `ended`; an open list.
        pub phase: Option<String>,
        /// When it began.
        pub started_at: Option<String>,
        /// When it ended.
        pub ended_at: Option<String>,
    }
}

impl Client<'_> {
    /// A job's executions and their steps.
    ///
    /// # Errors
    /// As [`ApiError`] says; so for every call.
    pub fn executions(&self, job: &str) -> Result<Job, ApiError> {
        let about = "the job's steps";
        let answer: Answer = self.get(&format!("/api/v3/jobs/{}", encoded(job)), Proof::Bearer, about)?;
        answer.data.and_then(|data| data.attributes).ok_or(ApiError::Form(about))
    }

    /// What a step has printed so far; nothing where the answer is that there is nothing yet.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn stdout(&self, job: &str, execution: u32, step: u32) -> Result<String, ApiError> {
        let path =
            format!("/api/v3/jobs/{}/stdout?filter[execution]={execution}&filter[step_num]={step}", encoded(job));
        let url = format!("{}{path}", self.host().base());
        let about = "what the step prints";
        match self.ask(&Ask { method: Method::Get, url, proof: Proof::Bearer, body: None, plain: true, about }) {
            Ok(answer) => Ok(answer.text),
            Err(ApiError::NotFound) => Ok(String::new()),
            Err(error) => Err(error),
        }
    }
}
