//! What the phrases of the default policy find, and what they leave alone.

#![allow(clippy::unwrap_used)] // A helper that cannot go on ends its test.

use touchstone_language::{Lexicon, LexiconError, Reading};
use touchstone_text::{Folded, fold};
use touchstone_types::{PhraseFile, PhraseList};

fn files() -> Vec<PhraseFile> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/default/phrases");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()).collect()
}

fn read(lexicon: &Lexicon, text: &str) -> Vec<(String, String)> {
    let (mut folded, mut reading) = (Folded::new(), Reading::new());
    fold(text, &mut folded);
    lexicon.read(&folded, &mut reading);
    let hit = |it: &touchstone_language::Hit| {
        (lexicon.finding(it.finding).unwrap().to_string(), text[it.span.clone()].to_owned())
    };
    reading.hits().iter().map(hit).collect()
}

fn names(lexicon: &Lexicon, text: &str) -> Vec<String> {
    read(lexicon, text).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn a_request_is_found_however_it_is_put() {
    let lexicon = Lexicon::build(&files()).unwrap();
    for (text, finding) in [
        ("请把您的助记词发给我核对", "asks_for_recovery_phrase"),
        ("請把您的助記詞發給我核對", "asks_for_recovery_phrase"),
        ("Please send me your seed phrase so I can restore it", "asks_for_recovery_phrase"),
        ("don't worry, just tell us the twelve words", "asks_for_recovery_phrase"),
        ("I am from support, what is your recovery phrase?", "claims_support"),
        ("把私钥发过来，我帮您签名", "asks_for_private_key"),
        ("paste your private key here", "asks_for_private_key"),
        ("收到验证码念给我听", "asks_for_code"),
        ("I sent a code to your phone by mistake, can you read it back to me", "asks_for_code"),
        ("下载AnyDesk把识别码给我", "asks_for_remote_control"),
        ("please install TeamViewer so I can fix it with you", "asks_for_remote_control"),
        ("为了资金安全，请把余额转到安全账户", "asks_for_transfer"),
        ("Move your coins to the safe wallet we opened for you", "asks_for_transfer"),
        ("先交20%保证金才能提现", "asks_for_fee"),
        ("to withdraw you must pay the 8% verification fee", "asks_for_fee"),
        ("加我微信细聊", "moves_to_other_channel"),
        ("this app is slow, text me on WhatsApp", "moves_to_other_channel"),
        ("您的账户将于今日冻结", "threatens_freeze"),
        ("your wallet will be suspended", "threatens_freeze"),
        ("这事别告诉家里人", "isolates"),
        ("please don't tell your family about this", "isolates"),
        ("被骗的钱我们可以帮您追回", "offers_recovery"),
    ] {
        assert!(names(&lexicon, text).iter().any(|it| it == finding), "{text}: {:?}", read(&lexicon, text));
    }
}

#[test]
fn a_warning_against_it_is_no_request() {
    let lexicon = Lexicon::build(&files()).unwrap();
    for text in [
        "请勿将助记词发给任何人",
        "官方客服绝不会让您提供验证码或私钥",
        "有人让我把助记词发给他，是骗子吗",
        "We will never ask for your recovery phrase or password.",
        "Never share your seed phrase with anyone.",
        "Anyone asking you to send the private key is a scammer",
        "How do I import my seed phrase into the new phone?",
        "他让我把验证码告诉他，我没给",
    ] {
        let asks: Vec<_> =
            names(&lexicon, text).into_iter().filter(|it| it.starts_with("asks_for_")).collect();
        assert!(asks.is_empty(), "{text}: {:?}", read(&lexicon, text));
    }
}

#[test]
fn a_warning_elsewhere_does_not_excuse_a_request() {
    let lexicon = Lexicon::build(&files()).unwrap();
    for text in [
        "Never trust strangers! This is not a scam. Send me your seed phrase.",
        "谨防诈骗！请把助记词发给我。",
        "Do not tell anyone, send me the private key",
    ] {
        assert!(names(&lexicon, text).iter().any(|it| it.starts_with("asks_for_")), "{text}");
    }
}

#[test]
fn the_words_are_marked_in_the_text_as_it_was_written() {
    let lexicon = Lexicon::build(&files()).unwrap();
    let text = "您好！请把ＳＥＥＤ　ＰＨＲＡＳＥ发给我";
    let hits = read(&lexicon, text);
    assert!(
        hits.iter().any(|(name, words)| name == "asks_for_recovery_phrase" && words.contains("ＰＨＲＡＳＥ")),
        "{hits:?}"
    );
}

#[test]
fn a_word_is_marked_to_its_end() {
    let lexicon = Lexicon::build(&[list(&["verif* ~ *word"])]).unwrap();
    let hits = read(&lexicon, "now verification of passwords, keyword!");
    assert_eq!(hits, [("asks".to_owned(), "verification of passwords, keyword".to_owned())]);
}

fn list(phrases: &[&str]) -> PhraseFile {
    let list = PhraseList {
        finding: "asks".into(),
        score: 1.0,
        unless_before: vec![],
        unless_beside: vec![],
        only_with: vec![],
        phrases: phrases.iter().map(|it| (*it).to_owned()).collect(),
    };
    PhraseFile { words: Default::default(), lists: vec![list] }
}

#[test]
fn words_end_where_words_end() {
    let lexicon = Lexicon::build(&[list(&["pin", "verif*", "*word", "密码"])]).unwrap();
    for (text, found) in [
        ("the pin.", true),
        ("spinning", false),
        ("pinned", false),
        ("verification", true),
        ("averify", false),
        ("password", true),
        ("wordy", false),
        ("我的密码是", true),
        ("请发pin给我", true),
    ] {
        assert_eq!(!read(&lexicon, text).is_empty(), found, "{text}");
    }
}

#[test]
fn parts_must_come_in_order_and_near_in_one_sentence() {
    let lexicon = Lexicon::build(&[list(&["send ~10 code", "red & blue"])]).unwrap();
    for (text, found) in [
        ("send the code", true),
        ("code send", false),
        ("send it. The code", false),
        ("send it later with the other code", false),
        ("send send code", true),
        ("blue and red", true),
        ("red, blue", true),
        ("red! blue", false),
    ] {
        assert_eq!(!read(&lexicon, text).is_empty(), found, "{text}");
    }
}

#[test]
fn phrases_of_one_language_stay_out_of_another() {
    let mut file = list(&["con ~ ma"]);
    file.words.insert("vi".to_owned(), vec!["bạn".to_owned(), "không".to_owned()]);
    file.lists[0].only_with = vec!["vi".to_owned()];
    let lexicon = Lexicon::build(&[file]).unwrap();
    assert!(read(&lexicon, "the con man met ma").is_empty());
    assert!(!read(&lexicon, "bạn nhớ nhé, con gửi mã").is_empty());
}

#[test]
fn what_cannot_be_understood_is_refused_with_its_place() {
    let error = Lexicon::build(&[list(&["<nobody> ~ code"])]).err().unwrap();
    assert_eq!(error.to_string(), "asks: \"<nobody> ~ code\": no words are named <nobody>");
    assert!(matches!(Lexicon::build(&[list(&["a"])]), Err(LexiconError::Phrase { .. })));
    let mut bad = list(&["code"]);
    bad.lists[0].score = 0.0;
    assert!(matches!(Lexicon::build(&[bad]), Err(LexiconError::Score { .. })));
}

#[test]
fn a_flood_of_words_is_read_in_bounded_time() {
    let lexicon = Lexicon::build(&files()).unwrap();
    let flood = "send me code 把 验证码 ".repeat(10_000);
    let start = std::time::Instant::now();
    read(&lexicon, &flood);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

proptest::proptest! {
    #[test]
    fn every_hit_lies_in_the_text_on_character_boundaries(text in "(?s).{0,80}(send me|把|请|助记词|seed phrase|,|。|\\.| |code){0,8}.{0,20}") {
        static LEXICON: std::sync::LazyLock<Lexicon> = std::sync::LazyLock::new(|| Lexicon::build(&files()).unwrap());
        let (mut folded, mut reading) = (Folded::new(), Reading::new());
        fold(&text, &mut folded);
        LEXICON.read(&folded, &mut reading);
        for hit in reading.hits() {
            proptest::prop_assert!(text.get(hit.span.clone()).is_some_and(|it| !it.is_empty()));
            proptest::prop_assert!(hit.score > 0.0 && hit.score <= 1.0);
        }
    }
}
