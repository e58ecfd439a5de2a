//! Can every message be folded before anything else looks at it? Budget: 1 GB/s of plain
//! ASCII, 100 MB/s of Chinese, and no allocation after the first text.

use divan::counter::BytesCount;
use touchstone_text::{Folded, fold};

fn main() {
    divan::main();
}

#[divan::bench(args = [
    "Hello, thanks for writing in. Could you tell me which version of the app you are using?",
    "您好，感谢您的来信。请问您使用的是哪个版本的应用程序？我们会尽快为您核实处理。",
    "Здравствуйте, спасибо за обращение. Подскажите, пожалуйста, версию приложения?",
    "Ѕеnd 𝘁𝗵𝗲 t\u{200b}welve w-o-r-d-s to ｓｕｐｐｏｒｔ, 客*服 微❤信",
])]
fn folding(bencher: divan::Bencher, text: &str) {
    let mut out = Folded::new();
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        fold(divan::black_box(text), &mut out);
        out.text().len()
    });
}
