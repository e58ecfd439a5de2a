//! `/playground`: a newcomer plays the impostor and sees what the other side would be shown.
//!
//! Nothing is kept: the page carries the conversation, each request sends it whole, and it is
//! judged from its first line by the live policy with a memory of its own, which is gone
//! when the answer is written.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use axum::Form;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use touchstone_registry::IdentityKind;
use touchstone_screening::{Limits, Memory, Screener};
use touchstone_types::{Decision, Event, Lapse, Moment, Verdict};

use super::i18n::Lang;
use super::shell::Shell;
use super::show;
use super::staff::Fields;
use super::views::{AgeView, LineView, PersonaView, PlaygroundPage, SceneView};
use super::web;
use crate::ctx::Ctx;

/// How many lines a conversation may have: each request judges all of them.
const LINES: usize = 40;
/// The longest line, in characters.
const LINE: usize = 1_000;
/// The largest conversation that is read, in bytes.
const STATE: usize = 200_000;
/// How long after the one before a line is taken to be written.
const PAUSE: Lapse = Lapse::from_secs(20);
/// Ages of the impostor's account that can be chosen, in days.
const AGES: [u32; 5] = [0, 2, 30, 365, 1_500];

/// A conversation as the page carries it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Play {
    scene: String,
    name: String,
    handle: String,
    age: u32,
    lines: Vec<Line>,
    stopped: bool,
    reported: bool,
    support: bool,
}

/// One line of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Line {
    me: bool, // The impostor, whom the newcomer plays.
    text: String,
}

/// A prepared conversation, from the corpus written for this project.
#[derive(Clone, Debug, Deserialize)]
struct Scene {
    id: String,
    lang: String,
    title: String,
    name: String,
    handle: String,
    age: u32,
    lines: Vec<Line>,
}

static SCENES: LazyLock<Vec<Scene>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/scenes.json")).unwrap_or_default());

fn scenes(lang: Lang) -> impl Iterator<Item = &'static Scene> {
    SCENES.iter().filter(move |scene| scene.lang == lang.code())
}

impl Play {
    fn new(lang: Lang) -> Self {
        let (name, handle) = match lang {
            Lang::Zh => ("灯塔钱包官方客服", "lantern_supp0rt"),
            Lang::En => ("Lantern Support", "lantern_supp0rt"),
        };
        Self { name: name.into(), handle: handle.into(), age: 2, ..Self::default() }
    }

    fn of_scene(scene: &Scene) -> Self {
        let (name, handle) = (scene.name.clone(), scene.handle.clone());
        Self { scene: scene.id.clone(), name, handle, age: scene.age, ..Self::default() }
    }

    fn the_scene(&self) -> Option<&'static Scene> {
        SCENES.iter().find(|scene| scene.id == self.scene)
    }

    /// Lines of the scene that were not said yet. Whoever writes a line of their own leaves it.
    fn left(&self) -> &'static [Line] {
        let Some(scene) = self.the_scene() else { return &[] };
        let said = self.lines.len();
        match scene.lines.get(..said) {
            Some(start) if start == self.lines.as_slice() && !self.stopped => &scene.lines[said..],
            _ => &[],
        }
    }

    fn say(&mut self, me: bool, text: &str) {
        let text: String = text.trim().chars().take(LINE).collect();
        if !text.is_empty() && self.lines.len() < LINES && !self.stopped {
            self.lines.push(Line { me, text });
        }
    }

    fn act(&mut self, act: &str, said: &str) {
        match act {
            "say" => self.say(true, said),
            "reply" => self.say(false, said),
            "next" => self.lines.extend(self.left().iter().take(1).cloned()),
            "rest" => self.lines.extend(self.left().iter().cloned()),
            "stop" => self.stopped = true,
            "report" => self.reported = true,
            "support" => self.support = true,
            _ => {}
        }
    }

    /// What came with the page, cut to what is allowed.
    fn read(text: &str) -> Option<Self> {
        if text.len() > STATE {
            return None;
        }
        let mut play: Play = serde_json::from_str(text).ok()?;
        play.lines.truncate(LINES);
        for line in &mut play.lines {
            line.text = line.text.chars().take(LINE).collect();
        }
        Some(play)
    }

    fn put_on(&mut self, fields: &Fields) {
        let cut = |text: &str, most: usize| text.chars().filter(|c| !c.is_control()).take(most).collect();
        self.name = cut(fields.get("name"), 80);
        self.handle = cut(fields.get("handle").trim_start_matches('@'), 64);
        self.age = fields.get("age").parse().unwrap_or(self.age).min(10_000);
    }

    /// Every line with its verdict, as the live policy judges them one after the other.
    fn judge(&self, screener: &mut Screener, now: Moment) -> Vec<Verdict> {
        let began = now - Lapse::from_secs(PAUSE.as_secs() * (LINES as u64));
        let mut verdicts = Vec::with_capacity(self.lines.len());
        for (number, line) in (0_u64..).zip(&self.lines) {
            let at = began + Lapse::from_secs(PAUSE.as_secs() * number);
            let json = self.event(line, number, at, now);
            let verdict = match Event::parse(json.as_bytes()) {
                Ok(event) => screener.process(&event, at),
                // Not reached: every line was made here.
                Err(error) => {
                    tracing::error!(%error, "a line of the playground is no event");
                    continue;
                }
            };
            verdicts.push(verdict);
        }
        verdicts
    }

    fn event(&self, line: &Line, number: u64, at: Moment, now: Moment) -> String {
        let created = now - Lapse::from_secs(u64::from(self.age) * 86_400 + 3_600);
        let impostor = serde_json::json!({
            "id": "impostor", "handle": self.handle, "display_name": self.name, "created_at": created,
        });
        let victim = serde_json::json!({ "id": "victim", "handle": "you" });
        let (sender, recipient) = if line.me { (impostor, victim) } else { (victim, impostor) };
        let starter = if self.lines.first().is_none_or(|first| first.me) { "impostor" } else { "victim" };
        serde_json::json!({
            "id": number.to_string(), "source": "playground", "type": "message.sent", "time": at,
            "data": {
                "sender": sender, "recipient": recipient, "text": line.text,
                "conversation": { "id": "play", "kind": "direct", "started_by": starter, "mutual": false },
            },
        })
        .to_string()
    }
}

/// `GET /playground`
pub(crate) async fn open(State(ctx): State<Ctx>, headers: HeaderMap) -> Response {
    let s = Shell::public(&headers, "playground", "/playground");
    let play = Play::new(s.lang);
    show_page(&ctx, s, &play, None)
}

/// `POST /playground`: one step more; the whole conversation comes along.
pub(crate) async fn step(
    State(ctx): State<Ctx>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let s = Shell::public(&headers, "playground", "/playground");
    let fields = Fields::new(pairs);
    let carried = fields.raw("state");
    let (mut play, mut problem) = match (carried.is_empty(), Play::read(carried)) {
        (true, _) => (Play::new(s.lang), None),
        (false, Some(play)) => (play, None),
        (false, None) => (Play::new(s.lang), Some(s.t("playground-broken"))),
    };
    if ctx.console.playing.take(info.0.ip(), 1, ctx.clock.now()).is_err() {
        problem = Some(s.t("playground-busy"));
        return show_page(&ctx, s, &play, problem);
    }
    let act = fields.get("act");
    if act.is_empty() {
        let chosen = SCENES.iter().find(|scene| scene.id == fields.get("scene"));
        play = chosen.map_or_else(|| Play::new(s.lang), Play::of_scene);
        play.act("next", "");
    } else {
        if act == "say" {
            play.put_on(&fields);
        }
        if play.lines.len() >= LINES && matches!(act, "say" | "reply" | "next" | "rest") {
            problem = Some(s.t("playground-full"));
        }
        play.act(act, fields.raw("say"));
    }
    let drawn = tokio::task::spawn_blocking(move || show_page(&ctx, s, &play, problem)).await;
    drawn.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn show_page(ctx: &Ctx, s: Shell, play: &Play, problem: Option<String>) -> Response {
    let armed = ctx.live.now();
    let small = Limits { entries: 256, campaigns: 64 };
    let memory = Memory::new(armed.policy.core().features(), small);
    let mut screener = Screener::with_memory(Arc::clone(&armed.policy), Arc::clone(&armed.directory), memory);
    let verdicts = play.judge(&mut screener, ctx.clock.now());
    let worst = verdicts.iter().rposition(|it| it.decision != Decision::Allow);
    let lines = play
        .lines
        .iter()
        .zip(&verdicts)
        .enumerate()
        .map(|(at, (line, verdict))| line_view(s.lang, play, line, verdict, worst == Some(at)))
        .collect();
    let left = play.left().len();
    let page = PlaygroundPage {
        scenes: scenes(s.lang)
            .map(|scene| SceneView {
                id: scene.id.clone(),
                title: scene.title.clone(),
                here: scene.id == play.scene,
            })
            .collect(),
        scene_left: u64::try_from(left).ok().filter(|left| *left > 0),
        state: serde_json::to_string(play).unwrap_or_default(),
        persona: PersonaView { name: play.name.clone(), handle: play.handle.clone() },
        ages: ages(&s, play.age),
        lines,
        stopped: play.stopped,
        reported: play.reported.then(|| s.n("reported-kept", play.lines.iter().filter(|it| it.me).count())),
        support: play.support.then(|| ways(&s, &armed, ctx.clock.now())),
        problem,
        s,
    };
    web::page(StatusCode::OK, &page)
}

fn ages(s: &Shell, chosen: u32) -> Vec<AgeView> {
    let mut days = AGES.to_vec();
    if !days.contains(&chosen) {
        days.push(chosen);
        days.sort_unstable();
    }
    let view = |days: u32| AgeView { days, label: s.n("count-days", u64::from(days)), here: days == chosen };
    days.into_iter().map(view).collect()
}

fn line_view(lang: Lang, play: &Play, line: &Line, verdict: &Verdict, last: bool) -> LineView {
    LineView {
        impostor: line.me,
        name: play.name.clone(),
        text: line.text.clone(),
        marks: show::text_marks(verdict),
        decision: verdict.decision.name(),
        score: verdict.score,
        sum: show::sum(lang, verdict, Some(&line.text)),
        sentences: show::sentences(lang, verdict),
        turning: verdict.turning_point.as_ref().map(|it| lang.of(&it.sentence).to_owned()),
        last,
    }
}

/// The ways to real support that the registry has, a few of each kind.
fn ways(s: &Shell, armed: &crate::armed::Armed, now: Moment) -> Vec<(String, String)> {
    let registry = armed.directory.registry();
    let mut ways = Vec::new();
    for identity in registry.identities().iter().filter(|it| it.in_force(now)) {
        let key = match identity.kind {
            IdentityKind::Domain => "way-domain",
            IdentityKind::Handle => "way-handle",
            IdentityKind::Email => "way-email",
            IdentityKind::Phone => "way-phone",
            _ => continue,
        };
        let holder = registry.holder(identity).map(|it| s.lang.of(&it.name).to_owned()).unwrap_or_default();
        ways.push((format!("{holder} · {}", s.t(key)), identity.shown.to_string()));
        if ways.len() == 6 {
            break;
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_scenes_in_both_languages_and_each_can_be_played_to_its_end() {
        for lang in [Lang::Zh, Lang::En] {
            assert!(scenes(lang).count() >= 4);
            for scene in scenes(lang) {
                let mut play = Play::of_scene(scene);
                assert!(play.left().len() > 2 && scene.lines.iter().any(|line| line.me));
                play.act("next", "");
                play.act("rest", "");
                assert_eq!(play.lines, scene.lines, "{}", scene.id);
                assert!(play.left().is_empty());
            }
        }
    }

    #[test]
    fn a_line_of_ones_own_leaves_the_scene() {
        let mut play = Play::of_scene(&SCENES[0]);
        play.act("next", "");
        play.act("say", "  hello  ");
        assert_eq!(play.lines.last().map(|line| line.text.as_str()), Some("hello"));
        assert!(play.left().is_empty());
    }

    #[test]
    fn nothing_is_said_after_stopping_and_no_conversation_is_endless() {
        let mut play = Play::new(Lang::En);
        for _ in 0..LINES + 5 {
            play.act("say", "x");
        }
        assert_eq!(play.lines.len(), LINES);
        play.lines.clear();
        play.act("stop", "");
        play.act("say", "x");
        assert!(play.lines.is_empty());
    }

    #[test]
    fn what_the_page_carries_reads_back_and_nonsense_does_not() {
        let mut play = Play::new(Lang::Zh);
        play.act("say", "<b>\u{202e}助记词");
        let text = serde_json::to_string(&play).unwrap();
        assert_eq!(Play::read(&text), Some(play));
        assert_eq!(Play::read("{"), None);
        assert_eq!(Play::read(&format!("{{\"name\":\"{}\"}}", "x".repeat(STATE))), None);
    }

    #[test]
    fn every_line_is_an_event() {
        let now: Moment = "2026-11-21T00:00:00Z".parse().unwrap();
        let play = Play { age: 10_000, ..Play::new(Lang::En) };
        let line = Line { me: true, text: "\u{0}\"\\".into() };
        let json = play.event(&line, 3, now, now);
        assert_eq!(Event::parse(json.as_bytes()).unwrap().data.text(), Some("\u{0}\"\\"));
    }
}
