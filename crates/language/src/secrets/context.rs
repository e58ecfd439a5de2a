//! Words that say what a number or a string is.

/// How far from it such a word may stand, in bytes of the folded text.
const REACH: usize = 60;

pub(super) const PRIVATE_KEY: &[&str] = &[
    "private key", "privatekey", "priv key", "privkey", "secret key", "my key", "wallet key", "signing key", "pk:",
    "pk is", "私钥", "私匙", "密钥", "秘钥", "钱包key", "clave privada", "chave privada", "приватный ключ",
    "закрытый ключ", "khóa riêng", "khoa rieng", "kunci pribadi", "private-key", "ozel anahtar", "özel anahtar",
    "निजी कुंजी", "秘密鍵", "秘密键", "개인키", "개인 키", "clé privée", "cle privee",
];

pub(super) const CODE: &[&str] = &[
    "verification code", "security code", "confirmation code", "login code", "auth code", "access code",
    "one-time", "one time pass", "otp", "2fa", "passcode", "code is", "code:", "the code", "code was", "code i got",
    "sms code", "my code", "is your code", "code for", "pin is", "pin code", "验证码", "校验码", "动态码", "动态密码",
    "动态口令", "确认码", "短信码", "口令是", "码是", "验证短信", "谷歌码", "codigo", "código", "код", "mã otp",
    "mã xác", "ma xac", "kode", "kodu", "kodunuz", "कोड", "ओटीपी", "認証コード", "认证コード", "確認コード", "コード",
    "인증번호", "인증 번호", "코드",
];

/// Codes that open nothing.
pub(super) const OTHER_CODE: &[&str] = &[
    "error code", "errorcode", "zip code", "zipcode", "postcode", "postal code", "area code", "country code",
    "promo code", "discount code", "coupon", "voucher", "referral code", "invite code", "source code", "product code",
    "item code", "status code", "exit code", "qr code", "bar code", "barcode", "swift", "sort code", "stock code",
    "flight code", "course code", "booking code", "dress code", "unicode", "opcode", "错误码", "错误代码", "邮编",
    "邮政编码", "优惠码", "邀请码", "推荐码", "股票代码", "基金代码", "代码", "编码", "条码", "取件码", "提货码",
    "餐码", "区号", "二维码", "桌码", "promocode", "código postal", "codigo postal", "código de área", "промокод",
    "ошибк", "mã giảm", "ma giam", "kode pos", "hata kod", "posta kod", "우편번호",
];

pub(super) const CARD: &[&str] = &[
    "card", "visa", "mastercard", "amex", "debit", "credit", "卡号", "银行卡", "信用卡", "储蓄卡", "借记卡", "卡片", "工行",
    "建行", "农行", "招行", "中行", "银联", "tarjeta", "cartao", "cartão", "карт", "thẻ", "kartu", "kart", "カード", "카드",
    "कार्ड",
];

pub(super) const CARD_CODE: &[&str] = &["cvv", "cvc", "cvn", "安全码", "背面三位", "后三位", "背后三位", "卡背", "3 digits on the back"];

pub(super) const PASSPORT: &[&str] = &["passport", "护照", "pasaporte", "passaporte", "паспорт", "hộ chiếu", "pasaport", "旅券", "여권"];

pub(super) const API_SECRET: &[&str] = &[
    "api secret", "api-secret", "apisecret", "secret key", "secretkey", "api key", "apikey", "api_secret", "api_key",
    "secret_key", "api密钥", "api 密钥", "api秘钥", "secret:",
];

/// What stands right before a password.
pub(super) const PASSWORD: &[&str] = &[
    "password is", "password:", "passwort:", "pwd:", "pwd is", "pass:", "passwd:", "password =", "my password",
    "密码是", "密码:", "密码为", "密码就是", "口令是", "口令:", "contraseña es", "contrasena es", "contraseña:", "contrasena:",
    "senha é", "senha e ", "senha:", "пароль:", "пароль -", "şifrem", "sifrem", "şifre:", "sifre:", "비밀번호:", "비밀번호는",
    "パスワード:", "パスワードは", "mật khẩu là", "mat khau la", "kata sandi:",
];

/// The text around a range, cut at character boundaries.
pub(super) fn around(folded: &str, start: usize, end: usize) -> &str {
    let mut from = start.saturating_sub(REACH);
    while !folded.is_char_boundary(from) {
        from -= 1;
    }
    let mut to = (end + REACH).min(folded.len());
    while !folded.is_char_boundary(to) {
        to += 1;
    }
    &folded[from..to]
}

/// Whether one of the words stands in the text.
pub(super) fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}
