//! What every page has around it: language, theme, who is logged in, where one is.

use axum::http::{HeaderMap, header};
use fluent_bundle::FluentValue;

use super::{assets, i18n::Lang, icons};

/// Colours: what the system says, or what the reader chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The theme of that name; as the system for any other.
    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::Auto,
        }
    }

    /// For `data-theme="…"`, if the reader chose one.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Theme::Auto => None,
            Theme::Light => Some("light"),
            Theme::Dark => Some("dark"),
        }
    }

    /// Whether the reader chose the dark.
    pub(crate) fn is_dark(self) -> bool {
        self == Theme::Dark
    }
}

/// Who is logged in, as the page shows them.
#[derive(Clone, Debug)]
pub(crate) struct Me {
    /// As they call themselves.
    pub(crate) name: String,
    /// Names of their roles, as in `role-…`.
    pub(crate) roles: Vec<String>,
    /// What they may do, by the names of the permissions.
    pub(crate) may: Vec<&'static str>,
}

impl Me {
    /// The first letter of the name.
    pub(crate) fn initial(&self) -> String {
        self.name.chars().next().map(|c| c.to_uppercase().collect()).unwrap_or_default()
    }

    /// The roles in words.
    pub(crate) fn role_text(&self, lang: &Lang) -> String {
        let words: Vec<String> = self.roles.iter().map(|role| lang.text(&format!("role-{role}"))).collect();
        if *lang == Lang::Zh { words.join("、") } else { words.join(", ") }
    }
}

/// A line at the top that says what was just done.
#[derive(Clone, Debug)]
pub(crate) struct Flash {
    /// `good`, `bad` or `warn`.
    pub(crate) class: &'static str,
    /// Name of the drawing.
    pub(crate) icon: &'static str,
    /// What was done.
    pub(crate) text: String,
    /// Where a form undoes it.
    pub(crate) undo: Option<String>,
}

impl Flash {
    /// It worked.
    pub(crate) fn good(text: String) -> Self {
        Self { class: "good", icon: "check", text, undo: None }
    }

    /// It did not.
    pub(crate) fn bad(text: String) -> Self {
        Self { class: "bad", icon: "warn", text, undo: None }
    }
}

/// Somebody on duty is called to a case.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Number.
    pub(crate) id: i64,
    /// To which case.
    pub(crate) reference: String,
    /// Why, as the key of a message.
    pub(crate) why: String,
    /// Since when.
    pub(crate) at: String,
}

/// One link of the side bar.
pub(crate) struct NavLink {
    pub(crate) name: &'static str,
    pub(crate) href: &'static str,
    pub(crate) label: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) group: Option<&'static str>,
    pub(crate) key: Option<&'static str>,
    pub(crate) count: u64,
}

/// A number of things, however a template comes by it.
pub(crate) trait Count {
    /// How many.
    fn count(&self) -> u64;
}

impl Count for u64 {
    fn count(&self) -> u64 {
        *self
    }
}

impl Count for usize {
    fn count(&self) -> u64 {
        u64::try_from(*self).unwrap_or(u64::MAX)
    }
}

impl<T: Count> Count for &T {
    fn count(&self) -> u64 {
        (*self).count()
    }
}

/// What every page has around it.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    /// Language of the page.
    pub(crate) lang: Lang,
    /// Its colours.
    pub(crate) theme: Theme,
    /// Goes into every form.
    pub(crate) csrf: String,
    /// Who is logged in.
    pub(crate) staff: Option<Me>,
    /// Name of the page in the side bar.
    pub(crate) here: &'static str,
    /// Its address, for coming back to it.
    pub(crate) path: String,
    /// Verdicts that wait for a reviewer.
    pub(crate) waiting: u64,
    /// What was just done.
    pub(crate) flash: Option<Flash>,
    /// Cases that nobody has taken; no more than a page of them is counted.
    pub(crate) untaken: u64,
    /// Whoever is on duty is called to these.
    pub(crate) calls: Vec<Call>,
}

impl Shell {
    /// For a page without log-in.
    pub(crate) fn public(headers: &HeaderMap, here: &'static str, path: &str) -> Self {
        Self {
            lang: language(headers),
            theme: Theme::from_name(cookie(headers, "theme").unwrap_or_default()),
            csrf: String::new(),
            staff: None,
            here,
            path: path.to_owned(),
            waiting: 0,
            flash: None,
            untaken: 0,
            calls: Vec::new(),
        }
    }

    /// The message of that key.
    pub(crate) fn t(&self, key: &str) -> String {
        self.lang.text(key)
    }

    /// The message with one value.
    pub(crate) fn t1<'a>(&self, key: &str, name: &'a str, value: impl Into<FluentValue<'a>>) -> String {
        self.lang.text_with(key, &[(name, value.into())])
    }

    /// The message with a count.
    pub(crate) fn n(&self, key: &str, count: impl Count) -> String {
        let count = count.count();
        self.lang.text_with(key, &[("n", FluentValue::from(count))])
    }

    /// A drawing.
    #[expect(clippy::unused_self, reason = "templates reach it through the shell")]
    pub(crate) fn icon(&self, name: &str) -> String {
        icons::icon(name)
    }

    /// The address of a file of ours.
    #[expect(clippy::unused_self, reason = "templates reach it through the shell")]
    pub(crate) fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }

    /// A decision in one word.
    pub(crate) fn decision(&self, name: &str) -> String {
        self.t(&format!("decision-{name}"))
    }

    /// What a decision means.
    pub(crate) fn decision_lead(&self, name: &str) -> String {
        self.t(&format!("decision-{name}-lead"))
    }

    /// What a reviewer decided.
    pub(crate) fn decided(&self, name: &str) -> String {
        self.t(&format!("decided-{name}"))
    }

    /// Where a listing stands.
    pub(crate) fn listing(&self, name: &str) -> String {
        self.t(&format!("listing-{}", name.replace('_', "-")))
    }

    /// The status of a rule.
    pub(crate) fn status(&self, name: &str) -> String {
        self.t(&format!("status-{name}"))
    }

    /// The heading of a warning in the playground.
    pub(crate) fn warning_title(&self, decision: &str) -> String {
        self.t(&format!("warn-title-{decision}"))
    }

    /// A kind of event in a word.
    pub(crate) fn kind(&self, name: &str) -> String {
        let key = format!("kind-{}", name.replace(['.', '_'], "-"));
        if self.lang.has(&key) { self.t(&key) } else { self.lang.text("kind-other") }
    }

    /// Where a conversation is held: in words where there are some, else as the operator says.
    pub(crate) fn channel(&self, name: &str) -> String {
        let key = format!("channel-{name}");
        if self.lang.has(&key) { self.t(&key) } else { name.to_owned() }
    }

    /// How much an announcement matters.
    pub(crate) fn severity(&self, name: &str) -> String {
        self.t(&format!("severity-{name}"))
    }

    /// What may be done to an account or a case.
    pub(crate) fn power(&self, name: &str) -> String {
        self.t(&format!("power-{}", name.replace('_', "-")))
    }

    /// How far an action has come.
    pub(crate) fn action_state(&self, name: &str) -> String {
        self.t(&format!("action-state-{name}"))
    }

    /// Who asked for an action: somebody of the staff by login name, others in words.
    pub(crate) fn action_by(&self, by: &str) -> String {
        match by {
            "victim" => self.t("action-by-victim"),
            "lapse" => self.t("action-by-lapse"),
            key if key.starts_with("key:") => self.t("action-by-key"),
            login => login.to_owned(),
        }
    }

    /// Where an announcement stands.
    pub(crate) fn announcement_state(&self, name: &str) -> String {
        self.t(&format!("announcement-state-{name}"))
    }

    /// Whether the one logged in may do that.
    pub(crate) fn may(&self, what: &str) -> bool {
        self.staff.as_ref().is_some_and(|me| me.may.contains(&what))
    }

    /// The side bar: only what the one logged in may open.
    pub(crate) fn nav(&self) -> Vec<NavLink> {
        let link =
            |name, href, label, icon, key| NavLink { name, href, label, icon, group: None, key, count: 0 };
        let mut links = vec![
            link("live", "/console", "nav-live", "live", Some("g l")),
            NavLink {
                count: self.waiting,
                ..link("reviews", "/console/reviews", "nav-reviews", "review", Some("g r"))
            },
            link("campaigns", "/console/campaigns", "nav-campaigns", "campaigns", Some("g c")),
            link("search", "/console/search", "nav-search", "search", Some("g s")),
        ];
        if self.may("propose_identity") {
            links.push(link("registry", "/console/registry", "nav-registry", "passkey", Some("g i")));
        }
        if self.may("read_policy") {
            links.push(link("rules", "/console/rules", "nav-rules", "rules", Some("g u")));
        }
        if self.may("talk_to_users") || self.may("bind_agent") {
            links.push(NavLink {
                group: Some("nav-group-users"),
                ..link("sessions", "/console/sessions", "nav-sessions", "chat", Some("g o"))
            });
        }
        if self.may("work_cases") {
            links.push(link("actions", "/console/actions", "nav-actions", "flag", None));
        }
        if self.may("write_announcement") {
            links.push(link("announcements", "/console/announcements", "nav-announcements", "flag", None));
        }
        if self.may("work_cases") {
            links.push(NavLink {
                group: Some("nav-group-desk"),
                count: self.untaken,
                ..link("cases", "/console/cases", "nav-cases", "chat", Some("g d"))
            });
            links.push(link("duty", "/console/duty", "nav-duty", "clock", None));
        }
        if self.may("lead_cases") {
            links.push(link("staffing", "/console/staffing", "nav-staffing", "people", None));
        }
        if self.may("read_audit") {
            links.push(NavLink {
                group: Some("nav-group-house"),
                ..link("audit", "/console/audit", "nav-audit", "audit", Some("g a"))
            });
        }
        if self.may("manage_staff") {
            links.push(link("people", "/console/people", "nav-people", "people", None));
        }
        if self.may("manage_keys") {
            links.push(link("keys", "/console/keys", "nav-keys", "key", None));
            links.push(link("webhooks", "/console/webhooks", "nav-webhooks", "flag", None));
        }
        links
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The language of a reader: what they chose, else what their browser wishes, else Chinese.
pub(crate) fn language(headers: &HeaderMap) -> Lang {
    cookie(headers, "lang")
        .and_then(Lang::from_tag)
        .or_else(|| {
            headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).and_then(Lang::from_accept)
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn what_a_reader_chose_goes_before_what_the_browser_wishes() {
        let both =
            headers(&[(header::COOKIE, "a=b; lang=en; theme=dark"), (header::ACCEPT_LANGUAGE, "zh-CN")]);
        assert_eq!(language(&both), Lang::En);
        assert_eq!(cookie(&both, "theme"), Some("dark"));
        assert_eq!(cookie(&both, "them"), None);
        assert_eq!(language(&headers(&[(header::ACCEPT_LANGUAGE, "en-US,en")])), Lang::En);
        assert_eq!(language(&HeaderMap::new()), Lang::Zh);
    }

    #[test]
    fn the_side_bar_shows_only_what_may_be_opened() {
        let mut shell = Shell::public(&HeaderMap::new(), "live", "/console");
        let me = |may| Me { name: "A".into(), roles: vec!["analyst".into()], may };
        shell.staff = Some(me(vec!["review"]));
        assert!(shell.nav().iter().all(|link| !["people", "keys", "audit"].contains(&link.name)));
        shell.staff = Some(me(vec!["review", "manage_staff", "manage_keys", "read_audit"]));
        assert!(shell.nav().iter().any(|link| link.name == "people"));
    }
}
