//! Staff, how they prove who they are, and API keys.
//!
//! Tokens and keys come here as hashes: what is stored opens nothing.

use touchstone_accounts::{Failures, Role, Scope};
use touchstone_types::Moment;

use crate::db::Tx;
use crate::sessions::end_sessions;
use crate::value::{Row, values};
use crate::{Deed, Store, StoreError, audit};

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Number.
    pub id: i64,
    /// Login name, lower case.
    pub login: String,
    /// Name that colleagues read.
    pub name: String,
    /// What they are there for.
    pub roles: Vec<Role>,
    /// Language of their pages: `zh` or `en`.
    pub language: String,
    /// Since when.
    pub created: Moment,
    /// Since when they may not come in any more.
    pub disabled: Option<Moment>,
}

/// How somebody proves who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialKind {
    /// argon2id hash in PHC form.
    Password,
    /// State of a time-based code, JSON.
    Totp,
    /// State of a passkey, JSON.
    Passkey,
}

impl CredentialKind {
    const fn name(self) -> &'static str {
        match self {
            CredentialKind::Password => "password",
            CredentialKind::Totp => "totp",
            CredentialKind::Passkey => "passkey",
        }
    }

    fn read(name: &str) -> Result<Self, StoreError> {
        match name {
            "password" => Ok(CredentialKind::Password),
            "totp" => Ok(CredentialKind::Totp),
            "passkey" => Ok(CredentialKind::Passkey),
            other => Err(StoreError::corrupt(format!("a credential of kind {other}"))),
        }
    }
}

/// One credential of one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Number.
    pub id: i64,
    /// Whose.
    pub member: i64,
    /// Of which kind.
    pub kind: CredentialKind,
    /// What its owner calls it.
    pub name: String,
    /// What is compared: a hash, or state as JSON.
    pub secret: String,
    /// Since when.
    pub created: Moment,
    /// Last success.
    pub last_used: Option<Moment>,
}

/// A one-time link by which somebody joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Hash of the token in the link.
    pub token_hash: [u8; 32],
    /// What they will be there for.
    pub roles: Vec<Role>,
    /// Login name of who invited, or `system`.
    pub made_by: String,
    /// Since when.
    pub created: Moment,
    /// Until when.
    pub expires: Moment,
    /// When it was used.
    pub used: Option<Moment>,
}

/// A key for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The public part.
    pub id: String,
    /// Hash of the secret part.
    pub secret_hash: [u8; 32],
    /// What its owner calls it.
    pub name: String,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// Login name of who made it.
    pub made_by: String,
    /// Since when.
    pub created: Moment,
    /// Last use, to within a minute or so.
    pub last_used: Option<Moment>,
    /// Since when it opens nothing.
    pub revoked: Option<Moment>,
}

/// A member to be.
#[derive(Clone, Debug)]
pub struct NewMember<'a> {
    /// Login name; kept in lower case.
    pub login: &'a str,
    /// Name that colleagues read.
    pub name: &'a str,
    /// Language of their pages: `zh` or `en`.
    pub language: &'a str,
    /// First credentials: kind, name, secret.
    pub credentials: &'a [(CredentialKind, &'a str, String)],
}

pub(crate) fn words<T: std::str::FromStr>(text: &str) -> Result<Vec<T>, StoreError> {
    let read = |word: &str| word.parse().map_err(|_| StoreError::corrupt(format!("the word {word}")));
    text.split_whitespace().map(read).collect()
}

fn joined<T: std::fmt::Display>(words: &[T]) -> String {
    words.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

const MEMBER: &str = "SELECT id, login, name, roles, language, created, disabled FROM staff";

fn member(mut row: Row) -> Result<Member, StoreError> {
    let row = &mut row;
    Ok(Member {
        id: row.int()?,
        login: row.text()?,
        name: row.text()?,
        roles: words(&row.text()?)?,
        language: row.text()?,
        created: row.moment()?,
        disabled: row.maybe(Row::moment)?,
    })
}

const INVITATION: &str = "SELECT token_hash, roles, made_by, created, expires, used FROM invitations";

fn invitation(mut row: Row) -> Result<Invitation, StoreError> {
    let row = &mut row;
    Ok(Invitation {
        token_hash: row.hash()?,
        roles: words(&row.text()?)?,
        made_by: row.text()?,
        created: row.moment()?,
        expires: row.moment()?,
        used: row.maybe(Row::moment)?,
    })
}

const API_KEY: &str =
    "SELECT id, secret_hash, name, scopes, made_by, created, last_used, revoked FROM api_keys";

fn api_key(mut row: Row) -> Result<ApiKey, StoreError> {
    let row = &mut row;
    Ok(ApiKey {
        id: row.text()?,
        secret_hash: row.hash()?,
        name: row.text()?,
        scopes: words(&row.text()?)?,
        made_by: row.text()?,
        created: row.moment()?,
        last_used: row.maybe(Row::moment)?,
        revoked: row.maybe(Row::moment)?,
    })
}

impl Store {
    /// Whether nobody has joined yet: then a set-up link is printed.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn is_without_staff(&self) -> Result<bool, StoreError> {
        Ok(self.shared.db.one("SELECT id FROM staff LIMIT 1", values![]).await?.is_none())
    }

    /// Keeps a link by which somebody can join once. Audited.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn invite(&self, invitation: &Invitation) -> Result<(), StoreError> {
        let Invitation { token_hash, roles, made_by, created, expires, .. } = invitation;
        let mut tx = self.shared.db.begin().await?;
        let sql = "INSERT INTO invitations (token_hash, roles, made_by, created, expires) VALUES ($1, $2, $3, $4, $5)";
        let roles = joined(roles);
        tx.run(sql, values![&token_hash[..], roles.as_str(), made_by.as_str(), *created, *expires]).await?;
        let deed = Deed { at: *created, by: made_by, act: "staff.invite", object: &roles, detail: "" };
        audit::record(&mut tx, &deed).await?;
        tx.commit().await
    }

    /// The invitation with that token, if it can still be used.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown, used or expired one.
    pub async fn invitation(&self, token_hash: &[u8; 32], now: Moment) -> Result<Invitation, StoreError> {
        let sql = format!("{INVITATION} WHERE token_hash = $1 AND used IS NULL AND expires > $2");
        let row = self.shared.db.one(sql, values![&token_hash[..], now]).await?;
        invitation(row.ok_or(StoreError::NotFound)?)
    }

    /// Uses up an invitation and makes the member with their first credentials, all or
    /// nothing. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the invitation cannot be used any more,
    /// [`StoreError::Conflict`] if the login name is taken, or those of writing.
    pub async fn join(
        &self,
        token_hash: &[u8; 32],
        new: &NewMember<'_>,
        now: Moment,
    ) -> Result<Member, StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "UPDATE invitations SET used = $2 WHERE token_hash = $1 AND used IS NULL AND expires > $2 RETURNING roles";
        let used = tx.one(sql, values![&token_hash[..], now]).await?;
        let roles = used.ok_or(StoreError::NotFound)?.text()?;
        let login = new.login.to_lowercase();
        let sql = "INSERT INTO staff (login, name, roles, language, created) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (login) DO NOTHING RETURNING id, login, name, roles, language, created, disabled";
        let values = values![login.as_str(), new.name, roles.as_str(), new.language, now];
        let taken = StoreError::Conflict("the login name is taken");
        let made = member(tx.one(sql, values).await?.ok_or(taken)?)?;
        for (kind, name, secret) in new.credentials {
            let sql =
                "INSERT INTO credentials (staff, kind, name, secret, created) VALUES ($1, $2, $3, $4, $5)";
            tx.run(sql, values![made.id, kind.name(), *name, secret.as_str(), now]).await?;
        }
        let deed = Deed { at: now, by: &login, act: "staff.join", object: &login, detail: &roles };
        audit::record(&mut tx, &deed).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Everybody on the staff, by login name.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn members(&self) -> Result<Vec<Member>, StoreError> {
        let rows = self.shared.db.query(format!("{MEMBER} ORDER BY login"), values![]).await?;
        rows.into_iter().map(member).collect()
    }

    /// One member by number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn member(&self, id: i64) -> Result<Member, StoreError> {
        let row = self.shared.db.one(format!("{MEMBER} WHERE id = $1"), values![id]).await?;
        member(row.ok_or(StoreError::NotFound)?)
    }

    /// One member by login name, in any case.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn member_by_login(&self, login: &str) -> Result<Member, StoreError> {
        let row =
            self.shared.db.one(format!("{MEMBER} WHERE login = $1"), values![login.to_lowercase()]).await?;
        member(row.ok_or(StoreError::NotFound)?)
    }

    /// Changes somebody's roles. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of writing.
    pub async fn set_roles(&self, id: i64, roles: &[Role], by: &str, now: Moment) -> Result<(), StoreError> {
        let roles = joined(roles);
        let sql = "UPDATE staff SET roles = $2 WHERE id = $1 RETURNING login";
        self.change_member(sql, values![id, roles.as_str()], "staff.roles", &roles, by, now).await
    }

    /// Changes the language of somebody's pages.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn set_language(&self, id: i64, language: &str) -> Result<(), StoreError> {
        let sql = "UPDATE staff SET language = $2 WHERE id = $1";
        self.shared.db.run(sql, values![id, language]).await.map(drop)
    }

    /// Keeps somebody out and ends their sessions, or lets them in again (`disabled` false).
    /// Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of writing.
    pub async fn set_disabled(
        &self,
        id: i64,
        disabled: bool,
        by: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let since = disabled.then_some(now);
        let act = if disabled { "staff.disable" } else { "staff.enable" };
        let mut tx = self.shared.db.begin().await?;
        let sql = "UPDATE staff SET disabled = $2 WHERE id = $1 RETURNING login";
        let login = tx.one(sql, values![id, since]).await?.ok_or(StoreError::NotFound)?.text()?;
        if disabled {
            end_sessions(&mut tx, id, None, now).await?;
        }
        audit::record(&mut tx, &Deed { at: now, by, act, object: &login, detail: "" }).await?;
        tx.commit().await
    }

    async fn change_member(
        &self,
        sql: &'static str,
        values: Vec<crate::value::Value>,
        act: &str,
        detail: &str,
        by: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let login = tx.one(sql, values).await?.ok_or(StoreError::NotFound)?.text()?;
        audit::record(&mut tx, &Deed { at: now, by, act, object: &login, detail }).await?;
        tx.commit().await
    }

    /// Adds a credential; gives its number. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such member, or those of writing.
    pub async fn add_credential(
        &self,
        member: i64,
        kind: CredentialKind,
        name: &str,
        secret: &str,
        now: Moment,
    ) -> Result<i64, StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let id = insert_credential(&mut tx, member, kind, name, secret, now).await?;
        record_own(&mut tx, member, &format!("{}.add", kind.name()), name, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Puts a password in the place of `before`, or makes the first one; with it comes an app for
    /// codes where one is given. All sessions but `kept` end. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the password changed in between, [`StoreError::NotFound`] if
    /// there is no such member, or those of writing; then nothing changed.
    pub async fn set_password(
        &self,
        member: i64,
        before: Option<&Credential>,
        password: &str,
        app: Option<&str>,
        kept: &[u8; 32],
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        if let Some(before) = before {
            replace_secret(&mut tx, before.id, &before.secret, password, now).await?;
        } else {
            insert_credential(&mut tx, member, CredentialKind::Password, "", password, now).await?;
        }
        if let Some(app) = app {
            insert_credential(&mut tx, member, CredentialKind::Totp, "", app, now).await?;
        }
        end_sessions(&mut tx, member, Some(kept), now).await?;
        record_own(&mut tx, member, "password.change", "", now).await?;
        tx.commit().await
    }

    /// What somebody can prove who they are with, oldest first; without what was revoked.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn credentials(&self, member: i64) -> Result<Vec<Credential>, StoreError> {
        let sql = "SELECT id, staff, kind, name, secret, created, last_used FROM credentials WHERE staff = $1 AND revoked IS NULL ORDER BY id";
        let rows = self.shared.db.query(sql, values![member]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Credential {
                    id: row.int()?,
                    member: row.int()?,
                    kind: CredentialKind::read(&row.text()?)?,
                    name: row.text()?,
                    secret: row.text()?,
                    created: row.moment()?,
                    last_used: row.maybe(Row::moment)?,
                })
            })
            .collect()
    }

    /// Replaces the state of a credential after a success, only if it is still `before`: a
    /// code that two requests present at once is good for one of them.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it changed in between, or those of writing.
    pub async fn use_credential(
        &self,
        id: i64,
        before: &str,
        after: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        replace_secret(&mut tx, id, before, after, now).await?;
        tx.commit().await
    }

    /// Makes a credential of that member open nothing. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of writing.
    pub async fn revoke_credential(&self, member: i64, id: i64, now: Moment) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "UPDATE credentials SET revoked = $3 WHERE id = $1 AND staff = $2 AND revoked IS NULL RETURNING kind, name";
        let mut row = tx.one(sql, values![id, member, now]).await?.ok_or(StoreError::NotFound)?;
        let (kind, name) = (row.text()?, row.text()?);
        record_own(&mut tx, member, &format!("{kind}.remove"), &name, now).await?;
        tx.commit().await
    }

    /// Keeps a new API key. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the public part is taken, or those of writing.
    pub async fn add_api_key(&self, new: &ApiKey) -> Result<(), StoreError> {
        let ApiKey { id, secret_hash, name, scopes, made_by, created, .. } = new;
        let scopes = joined(scopes);
        let sql = "INSERT INTO api_keys (id, secret_hash, name, scopes, made_by, created) VALUES ($1, $2, $3, $4, $5, $6)";
        let mut tx = self.shared.db.begin().await?;
        let values = values![
            id.as_str(),
            &secret_hash[..],
            name.as_str(),
            scopes.as_str(),
            made_by.as_str(),
            *created
        ];
        tx.run(sql, values).await?;
        let deed = Deed { at: *created, by: made_by, act: "key.make", object: id, detail: &scopes };
        audit::record(&mut tx, &deed).await?;
        tx.commit().await
    }

    /// The key with that public part; not if it was revoked.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn api_key(&self, id: &str) -> Result<ApiKey, StoreError> {
        let row =
            self.shared.db.one(format!("{API_KEY} WHERE id = $1 AND revoked IS NULL"), values![id]).await?;
        api_key(row.ok_or(StoreError::NotFound)?)
    }

    /// All keys with those revoked, newest first.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let rows = self.shared.db.query(format!("{API_KEY} ORDER BY created DESC, id"), values![]).await?;
        rows.into_iter().map(api_key).collect()
    }

    /// Notes that a key was used. Once a minute is enough.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn touch_api_key(&self, id: &str, now: Moment) -> Result<(), StoreError> {
        let sql = "UPDATE api_keys SET last_used = $2 WHERE id = $1";
        self.shared.db.run(sql, values![id, now]).await.map(drop)
    }

    /// Makes a key open nothing. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of writing.
    pub async fn revoke_api_key(&self, id: &str, by: &str, now: Moment) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "UPDATE api_keys SET revoked = $2 WHERE id = $1 AND revoked IS NULL";
        found(tx.run(sql, values![id, now]).await?)?;
        audit::record(&mut tx, &Deed { at: now, by, act: "key.revoke", object: id, detail: "" }).await?;
        tx.commit().await
    }

    /// Failed log-ins of a subject: `account:…` or `address:…`.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn failures(&self, subject: &str) -> Result<Failures, StoreError> {
        let sql = "SELECT failures, last_failure FROM throttle WHERE subject = $1";
        let Some(mut row) = self.shared.db.one(sql, values![subject]).await? else {
            return Ok(Failures::default());
        };
        let count = u32::try_from(row.int()?).unwrap_or(u32::MAX);
        Ok(Failures { count, last: Some(row.moment()?) })
    }

    /// Counts a failed log-in. What failed last more than `forget_after` ago starts at one
    /// again. Gives the failures as they are now.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn count_failure(
        &self,
        subject: &str,
        now: Moment,
        forget_after: touchstone_types::Lapse,
    ) -> Result<Failures, StoreError> {
        let sql = "INSERT INTO throttle (subject, failures, last_failure) VALUES ($1, 1, $2) ON CONFLICT (subject) DO UPDATE SET \
             failures = CASE WHEN throttle.last_failure < $3 THEN 1 ELSE throttle.failures + 1 END, \
             last_failure = excluded.last_failure RETURNING failures, last_failure";
        let mut tx = self.shared.db.begin().await?;
        let row = tx.one(sql, values![subject, now, now - forget_after]).await?;
        tx.commit().await?;
        let mut row = row.ok_or(StoreError::NotFound)?;
        let count = u32::try_from(row.int()?).unwrap_or(u32::MAX);
        Ok(Failures { count, last: Some(row.moment()?) })
    }

    /// Forgets failures after a success.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn clear_failures(&self, subject: &str) -> Result<(), StoreError> {
        self.shared.db.run("DELETE FROM throttle WHERE subject = $1", values![subject]).await.map(drop)
    }
}

fn found(rows: u64) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Adds to the trail what a member did about their own account.
pub(crate) async fn record_own(
    tx: &mut Tx,
    member: i64,
    act: &str,
    detail: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let row = tx.one("SELECT login FROM staff WHERE id = $1", values![member]).await?;
    let login = row.ok_or(StoreError::NotFound)?.text()?;
    audit::record(tx, &Deed { at: now, by: &login, act, object: &login, detail }).await.map(drop)
}

async fn insert_credential(
    tx: &mut Tx,
    member: i64,
    kind: CredentialKind,
    name: &str,
    secret: &str,
    now: Moment,
) -> Result<i64, StoreError> {
    let sql = "INSERT INTO credentials (staff, kind, name, secret, created) VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let row = tx.one(sql, values![member, kind.name(), name, secret, now]).await?;
    row.ok_or(StoreError::NotFound)?.int()
}

async fn replace_secret(
    tx: &mut Tx,
    id: i64,
    before: &str,
    after: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let sql = "UPDATE credentials SET secret = $3, last_used = $4 WHERE id = $1 AND secret = $2 AND revoked IS NULL";
    match tx.run(sql, values![id, before, after, now]).await? {
        0 => Err(StoreError::Conflict("the credential changed in between")),
        _ => Ok(()),
    }
}
