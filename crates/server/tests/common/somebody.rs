//! Somebody of the staff who has logged in.

use touchstone_accounts::{Role, Token};
use touchstone_store::{NewMember, Session};

use super::Running;
use super::http::Answer;

const FORM: &str = "application/x-www-form-urlencoded";

/// Somebody with a session.
pub struct Somebody {
    pub cookie: String,
    pub csrf: String,
}

impl Somebody {
    pub fn joins(site: &Running, login: &str, roles: &[Role]) -> Self {
        let now = site.ctx.clock.now();
        let token = Token::from_random(std::array::from_fn(|at| login.as_bytes()[at % login.len()]));
        site.block_on(async {
            site.ctx.store.invite(&super::invitation(&token, roles, now)).await.unwrap();
            let new = NewMember { login, name: login, language: "en", credentials: &[] };
            let member = site.ctx.store.join(&token.hash(), &new, now).await.unwrap();
            let session = Session {
                token_hash: token.hash(),
                member: member.id,
                created: now,
                last_seen: now,
                address: "127.0.0.1".into(),
                user_agent: String::new(),
                revoked: None,
            };
            site.ctx.store.add_session(&session).await.unwrap();
        });
        Self { cookie: format!("session={}; lang=en", token.text()), csrf: token.csrf() }
    }

    pub fn get(&self, site: &Running, path: &str) -> Answer {
        site.stranger().request("GET", path, &[("cookie", &self.cookie)], b"").unwrap()
    }

    pub fn post(&self, site: &Running, path: &str, fields: &str) -> Answer {
        let body = format!("csrf={}&{fields}", self.csrf);
        let headers =
            [("cookie", self.cookie.as_str()), ("content-type", FORM), ("origin", "http://loopback")];
        site.stranger().request("POST", path, &headers, body.as_bytes()).unwrap()
    }
}
