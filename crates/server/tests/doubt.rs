//! A language model is asked about what is in doubt, and nothing depends on its answer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, routing::post};
use common::{JSON, Running, Start, message};
use serde_json::{Value, json};
use touchstone_server::{Config, SecondOpinion};

/// Claims to be support, no more: some points, no hold.
const DOUBTFUL: &str = "Good morning, this is customer support from the help desk. Call +1 202 555 0143";
const PLAIN: &str = "see you at eight";
const PLAINLY_BAD: &str =
    "I am official support, send me your 12-word recovery phrase or your wallet will be frozen.";

type Asked = Arc<Mutex<Vec<Value>>>;

async fn answer(State((asked, scam)): State<(Asked, f64)>, Json(body): Json<Value>) -> Json<Value> {
    asked.lock().unwrap().push(body);
    let content = json!({ "scam": scam, "why": "pretends to be support" }).to_string();
    Json(json!({ "choices": [{ "message": { "role": "assistant", "content": content } }] }))
}

/// A model that always says so, and what it was asked.
fn model(runtime: &tokio::runtime::Runtime, scam: f64) -> (String, Asked) {
    let asked = Asked::default();
    let app =
        Router::new().route("/v1/chat/completions", post(answer)).with_state((Arc::clone(&asked), scam));
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, app).await });
    (url, asked)
}

fn second_opinion(url: &str) -> SecondOpinion {
    let text = format!("url = \"{url}\"\nmodel = \"judge-1\"\ntimeout_millis = 3000");
    toml::from_str(&text).unwrap()
}

/// The verdicts on the three texts, by a server that asks there.
fn verdicts(ask: Option<SecondOpinion>) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { second_opinion: ask, ..Config::default() };
    let running = Running::start_with(folder.path(), Start { config, ..Start::default() });
    let posted = [DOUBTFUL, PLAIN, PLAINLY_BAD].iter().enumerate().map(|(n, text)| {
        let event = message(&n.to_string(), &format!("from{n}"), &format!("to{n}"), text);
        running.client().post("/v1/events", JSON, event.to_string().as_bytes()).unwrap().json()["verdict"]
            .clone()
    });
    let verdicts = posted.collect();
    running.stop();
    verdicts
}

fn opinion(verdict: &Value) -> Option<&Value> {
    verdict["findings"].as_array().unwrap().iter().find(|it| it["name"] == "second_opinion")
}

#[test]
fn only_what_is_in_doubt_is_asked_about_and_only_more_can_come_of_it() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let without = verdicts(None);
    assert!(without[0]["score"].as_u64() >= Some(10), "{}", without[0]);

    let (url, asked) = model(&runtime, 0.9);
    let with = verdicts(Some(second_opinion(&url)));
    let questions = asked.lock().unwrap();
    assert_eq!(questions.len(), 1, "only the first is in doubt");
    let shown = questions[0]["messages"][1]["content"].as_str().unwrap();
    assert!(shown.ends_with("Call <phone>") && !shown.contains("555"), "{shown}");
    let found = opinion(&with[0]).expect("the opinion is a finding");
    assert_eq!((&found["weight"], &found["details"][0]), (&json!(27), &json!(["model", "judge-1"])));
    assert_eq!(with[0]["score"].as_u64(), without[0]["score"].as_u64().map(|it| it + 27));
    assert_eq!(with[1..], without[1..]);

    let (url, asked) = model(&runtime, 0.0);
    assert_eq!(verdicts(Some(second_opinion(&url))), without, "a model that is talked round changes nothing");
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[test]
fn a_model_that_cannot_be_reached_changes_nothing() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", closed.local_addr().unwrap());
    drop(closed);
    assert_eq!(verdicts(Some(second_opinion(&url))), verdicts(None));
}

#[test]
fn a_server_that_would_send_texts_in_the_clear_does_not_start() {
    let wrong: SecondOpinion = toml::from_str("url = \"http://models.example/v1\"\nmodel = \"m\"").unwrap();
    let refused = touchstone_server::Doubt::new(&wrong, touchstone_server::Metrics::new());
    assert!(
        refused.is_err_and(
            |it| std::error::Error::source(&it).is_some_and(|it| it.to_string().contains("https"))
        )
    );
}

#[test]
fn a_model_that_is_damaged_is_refused_by_name_and_a_sound_one_watches() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("next.model");
    let model = touchstone_language::model::Model::built_in();
    let mut bytes = model.write();
    std::fs::write(&file, &bytes).unwrap();
    let config = Config { shadow_model: Some(file.clone()), ..Config::default() };
    let models = touchstone_server::Models::of(&config).unwrap();
    assert_eq!(models.shadow.as_ref().map(|it| it.id()), Some(model.id()));
    assert!(
        models
            .arm(touchstone_screening::Policy::load(common::policy_files()).unwrap())
            .shadow_model()
            .is_some()
    );
    bytes[200] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    let refused = touchstone_server::Models::of(&config).unwrap_err().to_string();
    assert!(refused.contains("next.model"), "{refused}");
}
