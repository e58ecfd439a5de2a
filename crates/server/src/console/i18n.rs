//! The words of the pages, in both languages.
//!
//! Always true here (held by tests):
//! - Every message and every argument of it is in both languages.
//! - Every key that a template or a module uses exists.

use std::fmt::Write as _;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language that pages are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Lang {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// The files of one language, one a part of the house.
macro_rules! files {
    ($lang:literal) => {
        &[
            include_str!(concat!("../../locales/", $lang, "/console.ftl")),
            include_str!(concat!("../../locales/", $lang, "/registry.ftl")),
            include_str!(concat!("../../locales/", $lang, "/check.ftl")),
            include_str!(concat!("../../locales/", $lang, "/sessions.ftl")),
            include_str!(concat!("../../locales/", $lang, "/cases.ftl")),
            include_str!(concat!("../../locales/", $lang, "/desk.ftl")),
            include_str!(concat!("../../locales/", $lang, "/actions.ftl")),
            include_str!(concat!("../../locales/", $lang, "/transparency.ftl")),
            include_str!(concat!("../../locales/", $lang, "/staffing.ftl")),
        ]
    };
}

static ZH_FILES: &[&str] = files!("zh");
static EN_FILES: &[&str] = files!("en");
static ZH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Lang::Zh, ZH_FILES));
static EN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Lang::En, EN_FILES));

fn bundle(lang: Lang, files: &[&str]) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Names that others chose are isolated with <bdi>, where they are shown; the control
    // characters that Fluent would add only get into attributes.
    bundle.set_use_isolating(false);
    for file in files {
        // A mistake in a file leaves out the message concerned; the tests below refuse it.
        let (Ok(resource) | Err((resource, _))) = FluentResource::try_new((*file).to_owned());
        bundle.add_resource_overriding(resource);
    }
    bundle
}

impl Lang {
    /// The language a tag such as `zh-CN` or `en` stands for.
    pub(crate) fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.trim().to_ascii_lowercase().as_str() {
            "zh" => Some(Lang::Zh),
            "en" => Some(Lang::En),
            _ => None,
        }
    }

    /// The best of an `Accept-Language` header: the known language with the highest weight.
    pub(crate) fn from_accept(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Lang)> = None;
        for part in header.split(',') {
            let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
            let weight: f32 = weight.trim().parse().unwrap_or(0.0);
            if let Some(lang) = Lang::from_tag(tag)
                && best.is_none_or(|(most, _)| weight > most)
            {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }

    /// For `lang="…"`.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-Hans",
            Lang::En => "en",
        }
    }

    /// For cookies and addresses.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Lang::Zh => "zh",
            Lang::En => "en",
        }
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Lang::Zh => Lang::En,
            Lang::En => Lang::Zh,
        }
    }

    /// The sentence of a pair that is in this language.
    pub(crate) fn of(self, sentence: &touchstone_types::Bilingual) -> &str {
        match self {
            Lang::Zh => &sentence.zh,
            Lang::En => &sentence.en,
        }
    }

    /// The message of that key; the key itself if there is none.
    pub(crate) fn text(self, key: &str) -> String {
        self.format(key, None)
    }

    /// The message of that key with a value put in.
    pub(crate) fn text_with<'a>(self, key: &str, values: &[(&'a str, FluentValue<'a>)]) -> String {
        let args: FluentArgs<'a> = values.iter().cloned().collect();
        self.format(key, Some(&args))
    }

    /// Whether there is such a message.
    pub(crate) fn has(self, key: &str) -> bool {
        self.bundle().has_message(key)
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        match self {
            Lang::Zh => &ZH,
            Lang::En => &EN,
        }
    }

    fn format(self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let bundle = self.bundle();
        let mut out = String::new();
        let mut problems = Vec::new();
        match bundle.get_message(key).and_then(|message| message.value()) {
            Some(pattern) => {
                if bundle.write_pattern(&mut out, pattern, args, &mut problems).is_err() {
                    out.clear();
                    let _ = out.write_str(key);
                }
            }
            None => out.push_str(key),
        }
        out
    }
}

#[cfg(test)]
#[path = "i18n_tests.rs"]
mod tests;
