//! What can be wrong with a field, in words that help.

use serde::Serialize;
use touchstone_types::Bilingual;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Which field: `kind`, `contact.email`, `losses.0.asset` (counted from 0).
    pub field: String,
    /// What is wrong: one of [`CODES`].
    pub code: &'static str,
    /// What was given, its first characters.
    pub given: String,
    /// What fits instead, or the limit; empty where there is nothing to say.
    pub wanted: String,
}

impl FieldError {
    /// A sentence for whoever filled in the field.
    #[must_use]
    pub fn sentence(&self) -> Bilingual {
        let Bilingual { zh, en } = code(self.code);
        let fill = |text: String| text.replace("{given}", &self.given).replace("{wanted}", &self.wanted);
        Bilingual { zh: fill(zh), en: fill(en) }
    }
}

macro_rules! codes {
    ($($code:literal $zh:literal $en:literal)+) => {
        /// Everything that can be wrong with a field.
        pub const CODES: [&str; [$($code),+].len()] = [$($code),+];

        /// What a code means, in words; `{given}` and `{wanted}` stand for what was given and what
        /// fits instead. Of a code that there is not, nothing.
        #[must_use]
        pub fn code(code: &str) -> Bilingual {
            match code {
                $($code => Bilingual { zh: $zh.to_owned(), en: $en.to_owned() },)+
                _ => Bilingual::default(),
            }
        }
    };
}

codes! {
    "required"
        "请填写这一项。"
        "Please fill this in."
    "unknown_kind"
        "“{given}”不在可选的情况之内。可选：{wanted}。"
        "“{given}” is none of the kinds to choose from: {wanted}."
    "unknown_language"
        "“{given}”不是语言代码，请用 zh、en 这样的两个字母。"
        "“{given}” is no language code; two letters such as zh or en are expected."
    "unknown_country"
        "“{given}”不是国家或地区代码，请用 CN、HK、SG 这样的两个字母。"
        "“{given}” is no country code; two letters such as CN, HK or SG are expected."
    "unknown_time_zone"
        "没有“{given}”这个时区，请用 Asia/Shanghai 这样的名称。"
        "There is no time zone “{given}”; a name such as Asia/Shanghai is expected."
    "bad_date"
        "“{given}”不是日期，请按 2026-11-22T14:30 这样填写；只记得日期也可以，写 2026-11-22。"
        "“{given}” is no date. Write it as 2026-11-22T14:30; if only the day is known, 2026-11-22 will do."
    "date_in_future"
        "“{given}”还没有到，请检查日期和时区。"
        "“{given}” is in the future. Please check the date and the time zone."
    "date_too_early"
        "“{given}”太早了，请检查年份。"
        "“{given}” is too long ago. Please check the year."
    "until_before_from"
        "结束时间“{given}”早于开始时间，请检查这两项。"
        "The end, “{given}”, is before the beginning. Please check both."
    "too_long"
        "这一项太长了，最多 {wanted} 个字符。其余内容可以作为文件上传，或稍后在案件页面补充。"
        "This is too long; there is room for {wanted} characters. The rest can be handed in as a file, or on the case page later."
    "too_many"
        "这里最多可以填 {wanted} 项。其余的可以作为文件上传，或稍后在案件页面补充。"
        "There is room for {wanted} entries here. The rest can be handed in as a file, or on the case page later."
    "unknown_asset"
        "没有找到名为“{given}”的资产。请填写代号（例如 USDT）；如果是少见的代币，请填写它的合约地址和所在的链。"
        "No asset called “{given}” is known. Give its symbol, such as USDT; for a rare token give its contract and its chain."
    "unknown_chain"
        "没有找到名为“{given}”的链。可以填写：{wanted}。不确定就留空。"
        "No chain called “{given}” is known. These are: {wanted}. If you are not sure, leave it empty."
    "bad_amount"
        "“{given}”不是数量，请只填写数字，例如 1250.50。不清楚就留空。"
        "“{given}” is no amount. Write digits only, such as 1250.50. If you do not know, leave it empty."
    "amount_is_zero"
        "数量是零。不清楚损失多少就留空。"
        "The amount is zero. If you do not know how much is gone, leave it empty."
    "bad_address"
        "“{given}”不像任何一条链的地址，可能少复制了几个字符。请从转账记录里重新复制。"
        "“{given}” is not the form of an address on any chain we know; some characters may be missing. Please copy it again from the transfer."
    "bad_checksum"
        "“{given}”里至少有一个字符不对，校验没有通过。请从转账记录里重新复制，不要手打。"
        "At least one character of “{given}” is wrong: its checksum does not fit. Please copy it again from the transfer rather than typing it."
    "address_of_other_chain"
        "“{given}”不是这条链的地址，它的格式属于：{wanted}。请检查选择的链。"
        "“{given}” is not an address on this chain; it has the form of one on: {wanted}. Please check the chain."
    "bad_transaction"
        "“{given}”不是交易哈希，可能少复制了几个字符，或填成了地址。请从转账记录里重新复制。"
        "“{given}” is not the form of a transaction id; some characters may be missing, or it is an address. Please copy it again from the transfer."
    "unknown_whose"
        "请说明这个地址是谁的：{wanted}。"
        "Please say whose address this is: {wanted}."
    "chain_needed"
        "请填写这个合约所在的链。"
        "Please name the chain that this contract is on."
    "bad_email"
        "“{given}”不是电子邮箱地址，请检查。也可以留空，凭案件链接即可查看进展。"
        "“{given}” is no e-mail address; please check it. It may stay empty: the case link is enough."
    "bad_phone"
        "“{given}”不是电话号码，请只填写数字，可带国家代码，例如 +86 138 0000 0000。也可以留空。"
        "“{given}” is no telephone number. Write digits with the country code, such as +86 138 0000 0000. It may stay empty."
    "bad_answer_name"
        "“{given}”不是问题的名称。"
        "“{given}” is not the name of a question."
}
