//! A victim's way at the door of HTTP: the form, the case, the shared page, and the same for
//! programs. Nothing that was typed or uploaded is lost; nothing is told to those without a link.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::time::Instant;

use common::http::Answer;
use common::{JSON, Running, Start};
use serde_json::{Value, json};
use touchstone_server::cases::flow;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n not much of a picture";
/// The first vector of BIP-39.
const PHRASE: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

/// A form with its files, as a browser sends it.
fn form(texts: &[(&str, &str)], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in texts {
        body.extend(
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    for (name, bytes) in files {
        let head = format!(
            "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: image/png\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    body
}

fn send(running: &Running, path: &str, texts: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
    let kind = ("content-type", "multipart/form-data; boundary=b");
    let headers = [kind, ("accept-language", "en"), ("origin", "null"), ("sec-fetch-site", "same-origin")];
    running.stranger().request("POST", path, &headers, &form(texts, files)).unwrap()
}

fn get(running: &Running, path: &str) -> Answer {
    running.stranger().request("GET", path, &[("accept-language", "en")], b"").unwrap()
}

fn post(running: &Running, path: &str, body: &str) -> Answer {
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept-language", "en")];
    running.stranger().request("POST", path, &headers, body.as_bytes()).unwrap()
}

/// What stands behind `before` up to the next quotation mark.
fn after<'a>(text: &'a str, before: &str) -> &'a str {
    let at = text.find(before).unwrap_or_else(|| panic!("{before} is not in {text}"));
    text[at + before.len()..].split('"').next().unwrap()
}

/// A report that is as short as it may be; the path of its case.
fn reported(running: &Running) -> String {
    let answer = send(running, "/report", &[("kind", "stolen_wallet"), ("story", "My USDT is gone.")], &[]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").unwrap().split('?').next().unwrap().to_owned()
}

#[test]
fn two_answers_make_a_case_that_says_who_what_next_and_by_when_within_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    assert_eq!(get(&running, "/report").status, 200);
    let began = Instant::now();
    let case = reported(&running);
    let answer = get(&running, &format!("{case}?new=1"));
    let took = began.elapsed();
    let page = answer.text();
    for part in
        ["id=\"reference\">TS-", "<svg", "data-copy=\"link\"", "id=\"plan\"", "At the latest", "Who has it"]
    {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert!(took.as_secs() < 1 || cfg!(debug_assertions), "{took:?}");
    for (header, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex, nofollow"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(header), Some(value), "{header}");
    }
    assert!(page.contains("name=\"referrer\" content=\"no-referrer\""));
    running.stop();
}

#[test]
fn what_is_wrong_is_said_beside_its_field_and_everything_else_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let broken_address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"; // The last letter of a test vector of EIP-55, in the other case.
    for (field, value, sentence) in [
        ("kind", "robbery", "is none of the kinds"),
        ("story", " ", "Please fill this in"),
        ("happened_from", "2099-01-01T10:00", "is in the future"),
        ("happened_from", "yesterday", "is no date"),
        ("losses.0.asset", "NOSUCHCOIN", "No asset called"),
        ("losses.0.amount", "a lot", "is no amount"),
        ("losses.0.chain", "nochain", "No chain called"),
        ("pasted", broken_address, "its checksum does not fit"),
        ("pasted", "0x5290840009852788", "is not the form of an address"),
        ("contact.email", "nobody", "is no e-mail address"),
        ("contact.phone", "abc", "is no telephone number"),
        ("country", "Wonderland", "is no country code"),
        ("time_zone", "Mars/Crater", "There is no time zone"),
    ] {
        let mut fields = vec![
            ("kind", "stolen_wallet"),
            ("story", "It began with a call."),
            ("losses.0.asset", "USDT"),
            ("suspects.1.account", "@kept_helper"),
            ("answers.how_paid", "by kept transfer"),
        ];
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let answer = send(&running, "/report", &fields, &[("shot.png", PNG)]);
        let page = answer.text();
        assert_eq!(answer.status, 422, "{field}={value}: {page}");
        assert!(page.contains(sentence), "{field}={value}: {sentence} is not in {page}");
        for kept in ["@kept_helper", "by kept transfer", "shot.png"] {
            assert!(page.contains(kept), "{field}={value}: {kept} is lost");
        }
        if field != "story" {
            assert!(page.contains("It began with a call."), "{field}={value}");
            assert!(
                page.contains(value) || field == "kind",
                "{field}={value}: what was given is shown again"
            );
        }
    }
    running.stop();
}

#[test]
fn files_outlive_every_mistake_and_go_into_the_case_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut start = Start::default();
    start.config.cases.file_bytes = 100_000;
    let running = Running::start_with(folder.path(), start);
    let large = vec![b'x'; 100_001];
    let files: [(&str, &[u8]); 4] =
        [("a.png", PNG), ("large.txt", &large), ("program.exe", b"MZ\x90\0\x03\0\0\0"), ("empty.txt", b"")];
    let answer = send(&running, "/report", &[("kind", "other"), ("story", "Kept story.")], &files);
    let page = answer.text();
    assert_eq!(answer.status, 422);
    for sentence in
        ["“large.txt” is larger than", "“program.exe” is of a kind", "“empty.txt” is empty", "Kept story."]
    {
        assert!(page.contains(sentence), "{sentence} is not in {page}");
    }
    let draft = after(page, "name=\"draft\" value=\"").to_owned();
    assert!(page.contains("a.png") && draft.len() == 64);
    // A second file while one types, as the script sends it; then another mistake.
    let more = send(&running, "/report/files", &[("draft", &draft)], &[("b.png", PNG)]).json();
    assert_eq!(more["files"][0]["name"], "b.png");
    assert_eq!(more["all"].as_array().unwrap().len(), 2);
    let fields = [("draft", draft.as_str()), ("kind", "other"), ("story", "")];
    let page = send(&running, "/report", &fields, &[]);
    assert!(page.text().contains("a.png") && page.text().contains("b.png"));
    assert!(page.text().contains(&draft), "the draft goes on");
    // One is taken out again.
    let file = more["files"][0]["file"].as_str().unwrap();
    let page = send(&running, "/report", &[("draft", draft.as_str()), ("act", &format!("drop:{file}"))], &[]);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("a.png") && !page.text().contains("b.png"));
    let stranger = "0".repeat(64);
    assert!(
        !send(&running, "/report", &[("draft", &stranger), ("act", "upload")], &[]).text().contains("a.png")
    );
    // Sent twice, as by a second press of the button: one case, one file.
    let fields = [("draft", draft.as_str()), ("kind", "other"), ("story", "Kept story.")];
    let first = send(&running, "/report", &fields, &[]);
    let second = send(&running, "/report", &fields, &[]);
    let path = |it: &Answer| it.header("location").unwrap().split('?').next().unwrap().to_owned();
    assert_eq!(path(&first), path(&second));
    let token = path(&first).rsplit('/').next().unwrap().to_owned();
    let case = get(&running, &format!("/v1/reports/{token}")).json();
    let names: Vec<&str> =
        case["files"].as_array().unwrap().iter().filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(names, ["a.png"]);
    let n = case["files"][0]["n"].as_i64().unwrap();
    let file = get(&running, &format!("{}/files/{n}", path(&first)));
    assert_eq!((file.status, file.body.as_slice()), (200, PNG));
    assert!(file.header("content-disposition").unwrap().starts_with("attachment"));
    running.stop();
}

#[test]
fn a_link_that_is_wrong_and_one_that_is_not_yours_look_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let case = reported(&running);
    let token = case.rsplit('/').next().unwrap();
    let mut other = token.to_owned();
    other.replace_range(0..1, if token.starts_with('a') { "b" } else { "a" });
    let expected = get(&running, &format!("/case/{other}"));
    assert_eq!(expected.status, 404);
    let reference =
        after(get(&running, &format!("{case}?new=1")).text(), "id=\"reference\">")[..12].to_owned();
    for path in [
        "/case/x".to_owned(),
        format!("/case/{reference}"),
        format!("/case/{}", &token[..63]),
        format!("/status/{token}"),
        format!("/status/{other}"),
        format!("/case/{other}/files/1"),
        format!("{case}/files/99"),
    ] {
        let answer = get(&running, &path);
        assert_eq!((answer.status, answer.text()), (404, expected.text()), "{path}");
        let plain =
            |it: &Answer| it.headers.iter().filter(|(name, _)| name != "date").cloned().collect::<Vec<_>>();
        assert_eq!(plain(&answer), plain(&expected), "{path}");
    }
    let wrong = get(&running, &format!("/v1/reports/{other}"));
    assert_eq!((wrong.status, wrong.text()), (404, get(&running, "/v1/reports/x").text()));
    let packets = get(&running, &format!("{case}/packets"));
    for name in ["x-robots-tag", "referrer-policy", "cache-control", "content-security-policy"] {
        assert_eq!(packets.header(name), expected.header(name), "{name}");
    }
    for act in ["step", "done", "happened", "escalate", "complain", "share"] {
        assert_eq!(post(&running, &format!("/case/{other}/{act}"), "on=yes").status, 404, "{act}");
    }
    running.stop();
}

#[test]
fn the_victim_writes_ticks_complains_and_goes_up_by_right() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let case = reported(&running);
    let token = case.rsplit('/').next().unwrap().to_owned();
    let shown = || get(&running, &format!("/v1/reports/{token}")).json();
    let text = format!("They wrote again. My words were {PHRASE}");
    let answer = send(&running, &format!("{case}/message"), &[("text", &text)], &[("chat.png", PNG)]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(answer.header("location").unwrap().contains("masked=recovery_phrase"));
    let page = get(&running, answer.header("location").unwrap().split('#').next().unwrap());
    assert!(page.text().contains("They wrote again.") && !page.text().contains("sausage"));
    assert!(page.text().contains("Make a new wallet on a clean device"), "what to do at once is said");

    let step = shown()["plan"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(post(&running, &format!("{case}/step"), &format!("step={step}&done=yes")).status, 303);
    assert!(shown()["plan"][0]["done"].is_string());
    post(&running, &format!("{case}/step"), &format!("step={step}&done=no"));
    assert!(shown()["plan"][0]["done"].is_null(), "a tick can be taken back");
    let entries = shown()["timeline"].as_array().unwrap().len();
    post(&running, &format!("{case}/step"), "step=no-such-step&done=yes");
    assert_eq!(shown()["timeline"].as_array().unwrap().len(), entries);

    assert_eq!(shown()["level"], "agent");
    assert_eq!(post(&running, &format!("{case}/escalate"), "why=").status, 303);
    assert_eq!(shown()["level"], "lead");
    let clocks = shown()["clocks"].as_array().unwrap().len();
    assert_eq!(post(&running, &format!("{case}/complain"), "why=Nobody+calls").status, 303);
    assert!(shown()["clocks"].as_array().unwrap().len() >= clocks);
    let page = get(&running, &case);
    assert!(page.text().contains("Formal complaint") && page.text().contains("Nobody calls"));

    let empty = send(&running, &format!("{case}/message"), &[("text", " ")], &[]);
    assert_eq!(empty.status, 422);
    let bad =
        send(&running, &format!("{case}/message"), &[("text", "Kept words.")], &[("a.exe", b"MZ\x90\0")]);
    assert_eq!(bad.status, 422);
    assert!(bad.text().contains("Kept words.") && bad.text().contains("of a kind that is not taken"));
    running.stop();
}

#[test]
fn what_is_shared_tells_nothing_personal_and_can_be_withdrawn() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let fields = [
        ("kind", "stolen_wallet"),
        ("story", "private-story"),
        ("contact.name", "private-name"),
        ("contact.email", "private@mail.example"),
        ("losses.0.asset", "USDT"),
        ("losses.0.amount", "98765"),
        ("pasted", "0x52908400098527886E0F7030069857D2E4169EE7"),
        ("suspects.0.account", "@private_suspect"),
    ];
    let answer = send(&running, "/report", &fields, &[]);
    let case = answer.header("location").unwrap().split('?').next().unwrap().to_owned();
    post(&running, &format!("{case}/share"), "on=yes");
    let page = get(&running, &case);
    let link = after(page.text(), "id=\"shared\" class=\"mono\" readonly value=\"");
    let path = link[link.find("/status/").unwrap()..].to_owned();
    let status = get(&running, &path);
    assert_eq!(status.status, 200);
    assert!(status.text().contains("In progress"));
    for private in ["private", "98765", "0x5290", "USDT", case.rsplit('/').next().unwrap()] {
        assert!(!status.text().contains(private), "{private}");
    }
    post(&running, &format!("{case}/share"), "on=no");
    assert_eq!(get(&running, &path).status, 404);
    running.stop();
}

#[test]
fn programs_report_and_hear_field_by_field_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let try_it =
        |body: &Value| running.stranger().post("/v1/reports", JSON, body.to_string().as_bytes()).unwrap();
    let wrong = try_it(&json!({
        "kind": "stolen_wallet", "story": "x", "happened_from": "2099-01-01",
        "losses": [{ "asset": "USDT" }, { "asset": "NOSUCHCOIN" }],
    }));
    assert_eq!(wrong.status, 422);
    let problem = wrong.json();
    let fields: Vec<(&str, &str)> = problem["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["field"].as_str().unwrap(), it["code"].as_str().unwrap()))
        .collect();
    assert_eq!(fields, [("happened_from", "date_in_future"), ("losses.1.asset", "unknown_asset")]);
    assert!(problem["fields"][0]["message"]["zh"].as_str().unwrap().contains("还没有到"));
    for (body, status) in [("{", 400), ("[]", 400), ("{\"stroy\": 1}", 400), ("{}", 422)] {
        assert_eq!(
            running.stranger().post("/v1/reports", JSON, body.as_bytes()).unwrap().status,
            status,
            "{body}"
        );
    }

    let report = json!({ "kind": "stolen_wallet", "story": format!("Gone. {PHRASE}") });
    let receipt = try_it(&report);
    assert_eq!(receipt.status, 200, "{}", receipt.text());
    let receipt = receipt.json();
    assert_eq!(receipt["masked"], json!(["recovery_phrase"]));
    let first = &receipt["first_hour"][0];
    assert_eq!(first["id"], "freeze-account");
    let text = first["text"]["en"].as_str().unwrap();
    assert!(text.contains("Call the operator"), "no button without an address for actions: {text}");
    assert!(
        receipt["case"]["next"]["by"].is_string() && receipt["case"]["clocks"][0]["source"]["en"].is_string()
    );
    let token = receipt["token"].as_str().unwrap();
    assert!(receipt["link"].as_str().unwrap().ends_with(&format!("/case/{token}")));

    let path = format!("/v1/reports/{token}");
    let said = running.stranger().post(&format!("{path}/messages"), JSON, b"{\"text\": \"More.\"}").unwrap();
    assert_eq!(said.status, 200);
    assert!(said.text().contains("More."));
    let nothing = running.stranger().post(&format!("{path}/messages"), JSON, b"{\"text\": \"\"}").unwrap();
    assert_eq!((nothing.status, nothing.json()["fields"][0]["code"].as_str()), (422, Some("required")));
    let stream = "application/octet-stream";
    let file = running.stranger().post(&format!("{path}/files?name=a.png"), stream, PNG).unwrap();
    assert_eq!((file.status, file.json()["n"].as_i64()), (200, Some(1)), "{}", file.text());
    let program =
        running.stranger().post(&format!("{path}/files?name=a"), stream, b"\x7fELF\x02\x01").unwrap();
    assert_eq!((program.status, program.json()["fields"][0]["code"].as_str()), (422, Some("file_kind")));
    running.stop();
}

#[test]
fn only_a_key_vouches_for_an_account_and_a_report_sent_again_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let body = json!({ "kind": "locked_account", "story": "I cannot get in.", "user": "u-17" }).to_string();
    let stranger = running.stranger().post("/v1/reports", JSON, body.as_bytes()).unwrap();
    assert_eq!(stranger.status, 401);
    let headers = [("content-type", JSON), ("idempotency-key", "one")];
    let first = running.client().request("POST", "/v1/reports", &headers, body.as_bytes()).unwrap().json();
    let again = running.client().request("POST", "/v1/reports", &headers, body.as_bytes()).unwrap().json();
    assert_eq!(first["token"], again["token"]);
    let reference = first["case"]["reference"].as_str().unwrap();
    let kept = running.block_on(running.ctx.store.case_by_reference(reference)).unwrap();
    assert_eq!((kept.row.user_ref.as_deref(), kept.row.channel.as_str()), (Some("u-17"), "api"));
    running.stop();
}

#[test]
fn another_report_under_the_same_name_is_another_case() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let headers = [("content-type", JSON), ("idempotency-key", "1")];
    let token = |story: &str| {
        let body = json!({ "kind": "stolen_wallet", "story": story }).to_string();
        let answer = running.stranger().request("POST", "/v1/reports", &headers, body.as_bytes()).unwrap();
        answer.json()["token"].as_str().unwrap().to_owned()
    };
    let first = token("My USDT is gone.");
    assert_eq!(token("My USDT is gone."), first);
    assert_ne!(token("Somebody else's story."), first, "a stranger hit upon the same name");

    let page = get(&running, "/report");
    let draft = after(page.text(), "name=\"draft\" value=\"").to_owned();
    let case = |story: &str| {
        let fields = [("draft", draft.as_str()), ("kind", "other"), ("story", story)];
        send(&running, "/report", &fields, &[]).header("location").unwrap().to_owned()
    };
    let first = case("It began last night.");
    assert_eq!(case("It began last night."), first, "pressed twice");
    assert_ne!(case("It began last night, and goes on."), first, "written after going back");
    running.stop();
}

#[test]
fn no_field_and_no_name_of_a_file_keeps_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let body = json!({
        "kind": "leaked_secret", "story": "He has it.", "account": PHRASE, "wallet": PHRASE,
        "police_reference": PHRASE, "contact": { "name": PHRASE }, "answers": { "how_paid": PHRASE },
        "suspects": [{ "platform": PHRASE, "account": PHRASE, "name": PHRASE }],
        "losses": [{ "asset": "USDT", "token_contract": PHRASE }],
        "addresses": [{ "text": PHRASE }], "transactions": [{ "id": PHRASE }],
    });
    let try_it =
        |body: &Value| running.stranger().post("/v1/reports", JSON, body.to_string().as_bytes()).unwrap();
    let mut body = body;
    for list in ["losses", "addresses", "transactions"] {
        // What is checked for its form refuses words.
        if try_it(&body).status == 422 {
            body.as_object_mut().unwrap().remove(list);
        }
    }
    let answer = try_it(&body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    let path = format!("/v1/reports/{token}/files?name={}.png", PHRASE.replace(' ', "%20"));
    let file = running.stranger().post(&path, "application/octet-stream", PNG).unwrap();
    assert_eq!(file.status, 200, "{}", file.text());
    send(&running, &format!("/case/{token}/message"), &[], &[(&format!("{PHRASE}.png"), PNG)]);
    let draft = send(&running, "/report", &[("act", "upload")], &[(&format!("{PHRASE}.png"), PNG)]);
    assert!(draft.text().contains("recovery_phrase") && !draft.text().contains("sausage"));
    let open = running.block_on(flow::open_by_link(&running.ctx, &token)).unwrap();
    assert!(!format!("{:?}", open.report).contains("sausage"), "{:?}", open.report);
    for path in [format!("/case/{token}"), format!("/v1/reports/{token}")] {
        let page = get(&running, &path);
        assert!(page.text().contains("recovery_phrase") && !page.text().contains("sausage"), "{path}");
    }
    running.stop();
}

#[test]
fn files_and_messages_of_one_address_are_counted_and_what_was_written_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut start = Start::default();
    start.config.cases.files_per_case = 1; // Four an hour.
    let running = Running::start_with(folder.path(), start);
    let case = reported(&running);
    for n in 0..4 {
        let files = [("a.png", PNG)];
        assert_eq!(send(&running, "/report/files", &[], &files).status, 200, "{n}");
    }
    let fifth = send(&running, "/report/files", &[], &[("a.png", PNG)]);
    assert_eq!((fifth.status, fifth.json()["refused"][0]["code"].as_str()), (422, Some("too_many")));
    let letter = send(&running, &format!("{case}/message"), &[("text", "Kept words.")], &[]);
    assert_eq!(letter.status, 422);
    assert!(letter.text().contains("Kept words.") && letter.text().contains("Please wait"));
    let token = case.rsplit('/').next().unwrap();
    let path = format!("/v1/reports/{token}/messages");
    assert_eq!(running.stranger().post(&path, JSON, b"{\"text\": \"More.\"}").unwrap().status, 429);
    running.stop();
}

#[test]
fn an_address_that_reports_without_end_has_to_wait_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut start = Start::default();
    start.config.cases.reports_per_address_per_hour = 2;
    let running = Running::start_with(folder.path(), start);
    reported(&running);
    reported(&running);
    let third =
        send(&running, "/report", &[("kind", "other"), ("story", "A third story.")], &[("c.png", PNG)]);
    assert_eq!(third.status, 429);
    assert!(third.text().contains("A third story.") && third.text().contains("c.png"));
    running.stop();
}

#[test]
fn a_secret_in_a_form_with_a_mistake_is_not_shown_again() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let story = format!("I typed {PHRASE} into their page.");
    let page = send(&running, "/report", &[("kind", ""), ("story", &story)], &[]);
    assert_eq!(page.status, 422);
    assert!(page.text().contains("into their page") && !page.text().contains("sausage"));
    assert!(page.text().contains("We took it out and did not keep it"));
    running.stop();
}

#[test]
fn pages_of_victims_take_no_stream_from_the_desk() {
    let folder = tempfile::tempdir().unwrap();
    let mut start = Start::default();
    start.config.limits.streams = 1;
    let running = Running::start_with(folder.path(), start);
    let path = format!("{}/live", reported(&running));
    let _desk = running.ctx.streams.try_acquire().unwrap();
    let open = || {
        let mut stream = std::net::TcpStream::connect(running.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        let mut line = String::new();
        let mut lines = BufReader::new(stream);
        lines.read_line(&mut line).unwrap();
        (line, lines)
    };
    let (first, _page) = open();
    assert!(first.contains("200"), "{first}");
    let (second, _) = open();
    assert!(second.contains("503"), "they are counted all the same: {second}");
}

#[test]
fn another_site_sends_nothing_in_a_victims_name() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let headers = [("content-type", "multipart/form-data; boundary=b"), ("sec-fetch-site", "cross-site")];
    let body = form(&[("kind", "other"), ("story", "x")], &[]);
    assert_eq!(running.stranger().request("POST", "/report", &headers, &body).unwrap().status, 403);
    running.stop();
}
