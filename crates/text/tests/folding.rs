//! What folding promises, on examples and on any text.

use proptest::prelude::*;
use touchstone_text::{Folded, Tricks, fold, reading};

fn folded(text: &str) -> Folded {
    let mut out = Folded::new();
    fold(text, &mut out);
    out
}

#[test]
fn texts_read_as_a_person_reads_them() {
    for (written, read) in [
        ("MetaMask", "metamask"),
        ("ＭｅｔａＭａｓｋ　１２３", "metamask 123"),
        ("𝐌𝐞𝐭𝐚𝕄𝒶𝓈𝓀", "metamask"),
        ("🅼🅴🆃🅰 Ⓜask ⑫", "meta mask 12"),
        ("ᴍᴇᴛᴀᴍᴀꜱᴋ", "metamask"),
        ("M\u{200b}eta\u{ad}Mas\u{2060}k", "metamask"),
        ("Mëtämásk Ł", "metamask l"),
        ("z\u{335}a\u{31b}l\u{489}go", "zalgo"),
        ("раypаl", "paypal"),
        ("Ваш пaроль и кoд", "ваш пароль и код"),
        ("Мы никогда не спрашиваем код", "мы никогда не спрашиваем код"),
        ("Ωμέγα", "ωμεγα"),
        ("官方客服，請提供助記詞與錢包密碼", "官方客服,请提供助记词与钱包密码"),
        ("加微❤信 客*服", "加微信 客服"),
        ("客 服 在 线", "客服在线"),
        ("我们 今天 见面", "我们 今天 见面"),
        ("s e e d phrase, p.a.s.s.w.o.r.d", "seed phrase, password"),
        ("send  your   seed  phrase", "send your seed phrase"),
        ("192.168.0.1 and 1.2.3.4", "192.168.0.1 and 1.2.3.4"),
        ("电话一三八零零一三八零零零", "电话13800138000"),
        ("二〇二四年的一件事", "2024年的一件事"),
        ("🇨🇳 hi 🇲🇪🇹🇦", "🇨🇳 hi meta"),
        ("नमस्ते สวัสดี こんにちは 안녕", "नमस्ते สวัสดี こんにちは 안녕"),
    ] {
        assert_eq!(folded(written).text(), read, "{written}");
    }
}

#[test]
fn each_trick_is_named_where_it_is() {
    for (written, trick) in [
        ("a\u{200b}b", Tricks::INVISIBLE),
        ("раypаl", Tricks::CONFUSABLE),
        ("𝐚", Tricks::STYLED),
        ("ａ", Tricks::WIDE),
        ("é", Tricks::MARKS),
        ("\u{202e}ab", Tricks::BIDI),
        ("錢", Tricks::TRADITIONAL),
        ("微❤信", Tricks::SEPARATED),
        ("一三八零", Tricks::DIGITS),
    ] {
        let out = folded(&format!("plain {written}"));
        assert_eq!(out.tricks(), trick, "{written}");
        assert!(out.tricks_in(0..6).is_empty(), "{written}");
        assert!(out.tricks_in(0..out.text().len()).contains(trick) || trick == Tricks::BIDI, "{written}");
        assert_eq!(trick.names().count(), 1);
    }
    assert!(folded("Plain text, with nothing odd. 普通文字").tricks().is_empty());
}

#[test]
fn a_finding_marks_the_users_own_words() {
    let written = "Ѕеnd the 𝘀𝗲𝗲𝗱 微\u{200b}❤信 ok";
    let out = folded(written);
    for (read, original) in [("send", "Ѕеnd"), ("seed", "𝘀𝗲𝗲𝗱"), ("微信", "微\u{200b}❤信"), ("ok", "ok")]
    {
        let at = out.text().find(read).unwrap();
        assert_eq!(&written[out.original(at..at + read.len())], original);
    }
    assert_eq!(out.original(3..3), 4 + 1..4 + 1);
    assert_eq!(out.original(0..9999), 0..written.len());
}

/// Text that is full of what folding looks for.
fn tricky() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\u{200b}"),
        Just("\u{202e}"),
        Just("а"),
        Just("ж"),
        Just("п"),
        Just("𝐚"),
        Just("ａ"),
        Just("é"),
        Just("\u{301}"),
        Just("錢"),
        Just("一"),
        Just("零"),
        Just("客"),
        Just(" "),
        Just("."),
        Just("*"),
        Just("❤"),
        Just("a"),
        Just("b"),
        Just("q"),
        Just("E"),
        Just("7"),
        Just("🇨"),
        Just("🅰"),
        Just("①"),
        Just("㏂"),
        Just("ͺ"),
        Just("ß"),
        Just("İ"),
        Just("Ꮶ"),
        Just("ค"),
        Just("ا"),
        Just("\0"),
        Just("\n"),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

#[test]
fn a_latin_letter_beside_an_armenian_one_does_not_turn_cyrillic() {
    for text in ["\u{56b}t\u{2bb}", "\u{56b}t\u{2bb}3\u{56b}te"] {
        let once = folded(text);
        assert_eq!(once.text(), text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn folding_what_is_folded_changes_nothing(text in prop_oneof![tricky(), ".{0,24}"]) {
        let once = folded(&text);
        let twice = folded(once.text());
        prop_assert_eq!(twice.text(), once.text());
    }

    #[test]
    fn every_part_leads_back_into_the_original(text in prop_oneof![tricky(), ".{0,24}"]) {
        let out = folded(&text);
        let mut reached = 0;
        for (at, c) in out.text().char_indices() {
            let original = out.original(at..at + c.len_utf8());
            prop_assert!(text.get(original.clone()).is_some_and(|it| !it.is_empty()), "{:?} {:?}", c, original);
            prop_assert!(original.start >= reached || original.end >= reached);
            reached = original.start;
        }
        let all = out.original(0..out.text().len());
        prop_assert!(text.get(all).is_some());
    }

    #[test]
    fn buffers_may_be_used_again(first in tricky(), second in tricky()) {
        let mut reused = folded(&first);
        fold(&second, &mut reused);
        let fresh = folded(&second);
        prop_assert_eq!(reused.text(), fresh.text());
        prop_assert_eq!(reused.tricks(), fresh.tricks());
        prop_assert_eq!(reused.original(1..4), fresh.original(1..4));
    }
}

#[test]
fn every_character_folds_to_what_stays() {
    let (mut once, mut twice) = (Folded::new(), Folded::new());
    for c in (0..=0x10_FFFF).filter_map(char::from_u32).filter(|c| reading(*c).is_some()) {
        let text = format!("{c} a{c}b ж{c} {c}ж");
        fold(&text, &mut once);
        fold(once.text(), &mut twice);
        assert_eq!(once.text(), twice.text(), "U+{:04X}", c as u32);
    }
}

#[test]
fn what_looks_like_a_digit_splits_no_word() {
    for c in ['Ƽ', 'ƽ', 'ʒ', 'Ʒ', 'з', 'З', 'Ƨ', 'ȝ'] {
        let once = folded(&format!("ѧѭo{c}o a{c}b"));
        assert_eq!(folded(once.text()).text(), once.text(), "{c}");
    }
}
