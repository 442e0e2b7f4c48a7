//! The embedded demo, fresh and with nobody to run pods, as the control plane that it is compared with.

use std::task::{Context, Poll};

use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};
use kube::Client;
use kube::client::Body;
use tenantry::demo::access::user::User;
use tenantry::demo::life::nature::Nature;
use tenantry::demo::service::Service;
use tenantry::demo::{Demo, Options};
use tenantry_cluster::{Failure, MASTERS};

use crate::side::Side;
use crate::topic;

/// Who may sign in.
const USERS: [&str; 4] = ["admin", "alice", "bob", "carol"];

/// The embedded demo.
pub struct Embedded(Demo);

impl Embedded {
    /// A fresh one.
    pub fn start(era: topic::Era) -> Self {
        let group = era.capsule().era().user_group();
        let era = match era {
            topic::Era::Now => tenantry::demo::Era::V0_14,
            topic::Era::Old => tenantry::demo::Era::V0_4,
        };
        let group = |name: &str| match name {
            "admin" => Some(MASTERS),
            "carol" => None,
            _ => Some(group),
        };
        let user = |name: &str| User {
            name: name.to_owned(),
            groups: group(name).into_iter().chain(["system:authenticated"]).map(str::to_owned).collect(),
            ..User::default()
        };
        let users = USERS.map(|name| (format!("token-of-{name}"), user(name))).into();
        Self(Demo::start(&Options { capsule: Some(era), nature: Nature::BARE, users, ..Options::default() }))
    }
}

impl Side for Embedded {
    async fn client(&self, who: &str) -> Result<Client, Failure> {
        let known = USERS.contains(&who);
        let token = known.then(|| HeaderValue::try_from(format!("Bearer token-of-{who}"))).transpose();
        let token = token.map_err(|error| Failure::new(error.to_string()))?;
        Ok(Client::new(Signed { service: self.0.service(), token }, "default"))
    }
}

/// Requests with a token.
#[derive(Clone)]
struct Signed {
    service: Service,
    token: Option<HeaderValue>,
}

impl tower::Service<Request<Body>> for Signed {
    type Response = <Service as tower::Service<Request<Body>>>::Response;
    type Error = <Service as tower::Service<Request<Body>>>::Error;
    type Future = <Service as tower::Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        tower::Service::<Request<Body>>::poll_ready(&mut self.service, context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if let Some(token) = &self.token {
            request.headers_mut().entry(AUTHORIZATION).or_insert_with(|| token.clone());
        }
        self.service.call(request)
    }
}
