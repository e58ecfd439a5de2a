use std::path::Path;

use super::*;

fn built_in() -> Playbooks {
    Playbooks::built_in().unwrap()
}

#[test]
fn every_file_of_the_folder_is_built_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/playbooks");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), built_in().iter().count());
}

const GOOD: &str = r#"
id = "lost"
kinds = ["other"]
words = ["lost"]
title = { zh = "丢", en = "Lost" }
about = { zh = "丢了", en = "It is lost" }
sources = ["a guideline"]

[[first_contact]]
zh = "您好 {name}"
en = "Hello {name}"

[[step]]
id = "look"
who = "agent"
text.zh = "找"
text.en = "Look"
why = { zh = "先", en = "First" }
proves = { zh = "记", en = "A note" }

[[step]]
id = "tell"
who = "agent"
after = ["look"]
power = "freeze"
text = { zh = "说", en = "Tell" }
why = { zh = "后", en = "Then" }
proves = { zh = "信", en = "A letter" }
wording = [{ zh = "{reference} 好", en = "{reference} is well" }]
"#;

#[test]
fn a_playbook_that_is_not_whole_is_refused_with_file_line_and_reason() {
    Playbooks::load([("x/lost.toml", GOOD)]).unwrap();
    for (from, to, line, reason) in [
        ("id = \"lost\"", "id = \"Lost Keys\"", 2, "is no name"),
        ("id = \"lost\"", "id = \"mislaid\"", 2, "is called mislaid.toml"),
        ("[\"other\"]", "[\"others\"]", 3, "no kind of report is called `others`"),
        ("[\"other\"]", "[]", 2, "names no kind"),
        ("words = [\"lost\"]", "words = [\" \"]", 4, "would fit every story"),
        ("en = \"Lost\"", "en = \" \"", 5, "the text in `en` is empty"),
        ("\"It is lost\"", "\"It is {asset}\"", 6, "filled in only in"),
        ("[\"a guideline\"]", "[]", 7, "names nothing"),
        ("Hello {name}", "Hello {nmae}", 9, "nothing is known as `{nmae}`"),
        ("Hello {name}", "Hello", 9, "`{name}` is in one language only"),
        ("why = { zh = \"先\"", "wy = { zh = \"先\"", 18, "unknown field `wy`"),
        ("id = \"tell\"", "id = \"look\"", 22, "there is another step `look`"),
        ("after = [\"look\"]", "after = [\"tell\"]", 24, "no step before this one is called `tell`"),
        ("power = \"freeze\"", "power = \"spend\"", 25, "no power is called `spend`"),
        ("who = \"agent\"\nafter", "who = \"boss\"\nafter", 23, "unknown variant `boss`"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let problems = Playbooks::load([("x/lost.toml", GOOD.replacen(from, to, 1).as_str())]).unwrap_err();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let wanted = format!("x/lost.toml:{line}: ");
        assert!(said.iter().any(|it| it.starts_with(&wanted) && it.contains(reason)), "{to}: {said:?}");
    }
    let twice = Playbooks::load([("a/lost.toml", GOOD), ("b/lost.toml", GOOD)]).unwrap_err();
    assert_eq!(twice[0].to_string(), "b/lost.toml:2: there is another playbook `lost`");
}

#[test]
fn a_file_of_ones_own_takes_the_place_of_the_one_of_its_name_and_others_come_to_them() {
    let built_in = Playbooks::built_in().unwrap();
    let own = GOOD.replace("id = \"lost\"", "id = \"fake_police\"");
    let files = [("own/fake_police.toml", own.as_str()), ("own/lost.toml", GOOD)];
    let playbooks = Playbooks::with_own(files).unwrap();
    assert_eq!(playbooks.iter().count(), built_in.iter().count() + 1);
    assert_eq!(playbooks.get("fake_police").unwrap().title.en, "Lost");
    assert_eq!(playbooks.get("token_approval"), built_in.get("token_approval"));
    let broken = Playbooks::with_own([("own/lost.toml", "id = \"lost\"\nkinds = 1\n")]).unwrap_err();
    assert!(broken[0].to_string().starts_with("own/lost.toml:2: "), "{broken:?}");
}

#[test]
fn a_wording_is_filled_and_what_is_missing_stays_in_sight() {
    let wording = Wording(Bilingual {
        zh: "{name}：{amount} {asset}，编号 {reference}".into(),
        en: "{name}: {amount} {asset}, case {reference}".into(),
    });
    assert_eq!(wording.places(), ["name", "amount", "asset", "reference"]);
    let filled = wording.fill(|place| match place {
        "name" => Some("{asset}".into()), // What somebody wrote is not read as a place.
        "asset" => Some("USDT".into()),
        "reference" => Some(" ".into()),
        _ => None,
    });
    assert_eq!(filled.text.en, "{asset}: [amount] USDT, case [reference]");
    assert_eq!(filled.text.zh, "{asset}：[金额] USDT，编号 [案件编号]");
    assert_eq!(filled.missing, ["amount", "reference"]);
}

/// What a victim wrote, the kind they chose, whether anything is lost, and what an experienced
/// agent would open first.
#[test]
fn the_playbook_that_fits_best_comes_first() {
    let playbooks = built_in();
    for (kind, lost, story, first) in [
        (
            Kind::FakeSupport,
            false,
            "Telegram 上有个客服私聊我，说要同步钱包，要我助记词，我没给",
            "asked_for_phrase",
        ),
        (
            Kind::FakeSupport,
            false,
            "someone from 'support' messaged me first and asked for my seed phrase",
            "asked_for_phrase",
        ),
        (Kind::LeakedSecret, false, "我在一个网页上填了助记词，现在里面还有币", "phrase_leaked"),
        (
            Kind::StolenWallet,
            true,
            "I entered my seed on a website and a sweeper takes every bit of gas",
            "phrase_leaked",
        ),
        (Kind::StolenWallet, true, "连接钱包领空投，签了名之后 USDT 全没了", "token_approval"),
        (
            Kind::StolenWallet,
            true,
            "signed a permit on an airdrop claim page and the tokens left",
            "token_approval",
        ),
        (Kind::StolenWallet, true, "我复制了历史记录里的相似地址，转错地址了", "address_poisoning"),
        (
            Kind::StolenWallet,
            true,
            "copied the address from history, it was a lookalike address",
            "address_poisoning",
        ),
        (Kind::StolenWallet, true, "我的账户被盗，凌晨异地登录，提币不是我操作的", "account_taken_over"),
        (Kind::LeakedSecret, false, "手机突然没信号，去营业厅说我的手机卡被人补卡了", "phone_number_lost"),
        (
            Kind::StolenWallet,
            true,
            "SIM swap: no service since noon, then the exchange mailed me",
            "phone_number_lost",
        ),
        (Kind::LockedAccount, false, "账户被冻结两周了，客服不回", "account_locked"),
        (Kind::LockedAccount, false, "my account is locked and nobody answers", "account_locked"),
        (Kind::FakeSupport, true, "客服让我装了一个软件共享屏幕，他们远程控制了手机", "remote_control"),
        (Kind::FakeSupport, true, "he had me install AnyDesk and I shared my screen", "remote_control"),
        (Kind::Other, true, "找了一家公司追回资金，交了手续费才能继续，又要钱", "recovery_agent"),
        (Kind::FakeSupport, true, "自称公安说我涉嫌洗钱，让我把钱转到安全账户", "fake_police"),
        (
            Kind::Other,
            true,
            "a police officer called about money laundering and an arrest warrant",
            "fake_police",
        ),
        (Kind::Other, true, "冒充朋友找我借钱，说急用钱，后来知道是盗号借钱", "friend_in_need"),
        (Kind::Other, true, "my friend asked me for money but it was a voice clone", "friend_in_need"),
        (Kind::Other, true, "网上刷单做任务，充值之后提现要交保证金", "investment_fraud"),
        (
            Kind::StolenWallet,
            true,
            "an investment on a trading platform wants me to pay tax to withdraw my profit",
            "investment_fraud",
        ),
        (Kind::StolenWallet, true, "搜索下载的钱包是假钱包，导入后币就没了", "fake_wallet_app"),
        (Kind::StolenWallet, true, "it was a fake wallet, a malicious app I sideloaded", "fake_wallet_app"),
    ] {
        let signs = vec![if lost { Sign::Loss } else { Sign::NoLoss }];
        let fitting = playbooks.fitting(&Hints { kind, texts: vec![story], signs });
        let ids: Vec<&str> = fitting.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids.first(), Some(&first), "{story}: {ids:?}");
    }
}

#[test]
fn every_kind_of_report_has_a_playbook_even_without_a_word_that_helps() {
    let playbooks = built_in();
    for kind in Kind::ALL {
        let fitting = playbooks.fitting(&Hints { kind, texts: vec!["…"], signs: Vec::new() });
        assert!(!fitting.is_empty() && fitting.iter().all(|it| it.kinds.contains(&kind)), "{kind}");
    }
}

#[test]
fn a_word_is_found_where_a_word_begins() {
    let playbooks = built_in();
    let by_word = |story: &str| {
        let hints = Hints { kind: Kind::LockedAccount, texts: vec![story], signs: Vec::new() };
        playbooks.fitting(&hints).iter().any(|it| it.id == "investment_fraud")
    };
    assert!(by_word("a Job") && by_word("two\njobs") && !by_word("a nutjob"));
}
