//! Can every message be read for phrases and secrets? Budget, one core, ordinary chat of 80
//! characters: 400,000 messages/s for phrases and the model, 1,000,000 for secrets, folding not counted.

use divan::counter::ItemsCount;
use touchstone_language::model::Model;
use touchstone_language::secrets::{self, Secret};
use touchstone_language::{Lexicon, Reading, entities, fingerprint};
use touchstone_text::{Folded, fold};
use touchstone_types::PhraseFile;

/// Messages as people send them; nothing in them is asked for.
const CHAT: [&str; 6] = [
    "Thanks for dinner yesterday, the kids are still talking about the pancakes you made!",
    "We missed the bus by a minute, so we are walking; be there in half an hour or a bit more",
    "Could you look over the second page before we print it? No rush at all, Monday is fine",
    "明天下午三点在老地方见，记得把上次借的书带过来，路上小心，如果下雨我们就改到周日上午再说吧",
    "会议改到周五上午十点了，材料我已经放在共享文件夹里，大家先看一下，有问题在群里直接提就行",
    "今天超市的苹果打折，要不要我多买两斤带回去给你们，顺便问一下晚上想吃什么，我好提前准备",
];

fn main() {
    divan::main();
}

#[allow(clippy::unwrap_used)] // A bench that cannot go on has failed.
fn lexicon() -> Lexicon {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/default/phrases");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let files: Vec<PhraseFile> = paths.iter().map(read).collect();
    Lexicon::build(&files).unwrap()
}

fn folded() -> Vec<Folded> {
    let one = |text: &&str| {
        let mut folded = Folded::new();
        fold(text, &mut folded);
        folded
    };
    CHAT.iter().map(one).collect()
}

#[divan::bench]
fn phrases(bencher: divan::Bencher) {
    let (lexicon, texts, mut reading) = (lexicon(), folded(), Reading::new());
    bencher.counter(ItemsCount::new(CHAT.len())).bench_local(|| {
        texts.iter().for_each(|text| lexicon.read(divan::black_box(text), &mut reading));
    });
}

#[divan::bench]
fn likelihood(bencher: divan::Bencher) {
    let (lexicon, texts, mut reading) = (lexicon(), folded(), Reading::new());
    let bound = Model::built_in().bind(lexicon.findings());
    lexicon.read(&texts[0], &mut reading);
    bencher.counter(ItemsCount::new(CHAT.len())).bench_local(|| {
        texts.iter().map(|text| bound.probability(divan::black_box(text), &reading)).sum::<f32>()
    });
}

#[divan::bench]
fn given_away(bencher: divan::Bencher) {
    let (texts, mut found) = (folded(), Vec::<Secret>::new());
    bencher.counter(ItemsCount::new(CHAT.len())).bench_local(|| {
        for (text, folded) in CHAT.iter().zip(&texts) {
            secrets::find(divan::black_box(text), folded, &mut found);
        }
    });
}

#[divan::bench]
fn pointed_to(bencher: divan::Bencher) {
    let mut found = Vec::new();
    bencher.counter(ItemsCount::new(CHAT.len())).bench_local(|| {
        CHAT.iter().for_each(|text| entities::find(divan::black_box(text), &mut found));
    });
}

#[divan::bench]
fn alike(bencher: divan::Bencher) {
    let texts = folded();
    bencher.counter(ItemsCount::new(CHAT.len())).bench_local(|| {
        texts.iter().map(|text| fingerprint(divan::black_box(text))).fold(0, |all, one| all ^ one)
    });
}
