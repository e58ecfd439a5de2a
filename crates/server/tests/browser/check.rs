//! The check page in a real browser: four answers, two languages, with and without a network.

use super::*;

/// The answers that `docs/img/` shows, with what was asked.
const SHOWN: [(&str, &str); 4] = [
    ("listed", "@lantern_support"),
    (
        "contradicted",
        "灯塔钱包官方客服 @lantern_supp0rt：您的账户异常，请把 12 个助记词发给我核验 https://lantern-wa11et.example",
    ),
    ("unknown", "https://quick-unlock.top/help"),
    ("name", "Lantern Support"),
];

/// SHA-256 of the six bytes `an app`.
const AN_APP: &str = "66e93a7c5a2576c34833f10761ca00fadbd40b36eff79f1e0969652f607b0b43";

fn ask(browser: &Browser, query: &str, class: &str) {
    browser.fill("#q", query);
    browser.click("#ask button");
    browser.until(class, &format!("return document.querySelector('#asked .answer.{class}') !== null"));
}

#[test]
fn somebody_in_doubt_asks_in_either_language_on_a_phone_or_a_desk() {
    if !wanted() {
        return;
    }
    let site = Site::start();
    for (lang, title) in [("zh", "这是真客服吗？"), ("en", "Is this really support?")] {
        let browser = Browser::start("zh-CN");
        browser.go(&site.at(&format!("/?lang={lang}")));
        browser.sees(title);
        look(&browser, &format!("check-{lang}"));
        for (width, height, place) in [(1100, 900, ""), (390, 844, "-phone")] {
            browser.resize(width, height);
            for (class, query) in SHOWN {
                ask(&browser, query, class);
                look(&browser, &format!("check-{class}{place}-{lang}"));
            }
        }
        let chosen = "const given = new DataTransfer(); given.items.add(new File(['an app'], 'app.apk')); \
            const app = document.querySelector('#app'); app.files = given.files; \
            app.dispatchEvent(new Event('change'))";
        browser.run(chosen);
        browser.sees(&AN_APP[..12]);
        look(&browser, &format!("check-file-{lang}"));
        browser.prefer("dark");
        ask(&browser, "@lantern_supp0rt", "contradicted");
        inspect(&browser, "an answer in the dark");
    }
}
