//! A role word beside a brand's name is a claim, in whatever language.

use touchstone_lookalike::{Background, Index, Kind, Official, Scratch, Techniques, Tier};

#[test]
fn a_role_word_beside_a_brand_is_a_claim_in_every_language() {
    let official = Official { brand: "tallowpay".into(), kind: Kind::DisplayName, text: "Tallowpay".into() };
    let index = Index::build([official], &Background::new());
    let mut missed = Vec::new();
    for (language, words) in [
        ("ar", ["الدعم", "استرداد", "خدمة العملاء"]),
        ("bn", ["সহায়তা", "যাচাই", "grahokseba"]),
        ("de", ["Kundendienst", "Rückerstattung", "Verifizierung"]),
        ("en", ["Support", "Refund", "Customer Care"]),
        ("es", ["Soporte", "Servicio al cliente", "recuperación"]),
        ("fa", ["پشتیبانی", "امنیت", "poshtibani"]),
        ("fil", ["Opisyal", "Tulong", "seguridad"]),
        ("fr", ["Service Client", "Remboursement", "Vérification"]),
        ("hi", ["ग्राहक सेवा", "सत्यापन", "sahayata"]),
        ("id", ["Layanan Pelanggan", "Bantuan", "Pemulihan"]),
        ("it", ["Assistenza Clienti", "Ufficiale", "Rimborso"]),
        ("ja", ["公式サポート", "返金窓口", "お問い合わせ"]),
        ("ko", ["고객센터", "환불", "gogaeksenteo"]),
        ("mr", ["मदतकेंद्र", "पडताळणी", "अधिकृत"]),
        ("pcm", ["customakia", "helpcentre", "support"]),
        ("pl", ["Obsługa klienta", "Pomoc", "Weryfikacja"]),
        ("pt", ["Atendimento", "Reembolsos", "Suporte técnico"]),
        ("ru", ["Служба поддержки", "Возврат средств", "podderzhka"]),
        ("sw", ["Huduma", "Msaada", "usalama"]),
        ("ta", ["உதவி", "பாதுகாப்பு", "uthavi"]),
        ("te", ["సహాయం", "భద్రత", "bhadrata"]),
        ("th", ["ฝ่ายสนับสนุน", "คืนเงิน", "ตรวจสอบ"]),
        ("tr", ["Müşteri Hizmetleri", "Destek Ekibi", "Doğrulama"]),
        ("uk", ["Підтримка", "Повернення", "pidtrymka"]),
        ("ur", ["مدد", "تصدیق", "کسٹمر سروس"]),
        ("vi", ["Hỗ trợ", "Hoàn tiền", "Tổng đài"]),
        ("zh", ["客服", "退款", "renzheng"]),
        ("zh, Cantonese", ["客戶服務", "驗證", "支援中心"]),
    ] {
        for word in words {
            let candidate = format!("Tallowpay {word}");
            let found = index.closest(&candidate, Kind::DisplayName, &mut Scratch::default());
            let tier = found.map(|it| (it.tier, it.techniques.contains(Techniques::ROLE)));
            if tier != Some((Tier::Act, true)) {
                missed.push(format!("{language}: {candidate} {tier:?}"));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn what_is_also_a_name_claims_nothing() {
    let official = Official { brand: "vqx".into(), kind: Kind::Handle, text: "vqx".into() };
    let index = Index::build([official], &Background::new());
    for name in ["henkin", "adam", "sahayam", "aldam", "oga", "aman"] {
        let found = index.closest(&format!("{name}.vqx"), Kind::Handle, &mut Scratch::default());
        assert!(found.is_none_or(|it| !it.techniques.contains(Techniques::ROLE)), "{name}");
    }
}
