//! How control of an identity is proved.

use serde::{Deserialize, Serialize};
use touchstone_types::Moment;

use crate::Digest;
use crate::names::worded;

worded! {
    /// One way to prove that an applicant controls what it wants listed.
    ProofMethod, "a method of proof":
    DnsTxt "dns_txt" "在域名的 DNS TXT 记录里写入指定的字串" "the given text in a DNS TXT record of the domain",
    WellKnown "well_known" "在网站的 /.well-known/ 目录放置指定的文件" "the given file under /.well-known/ on the site",
    Posted "posted" "用该账号在平台上发出指定的字串" "the given text, posted from the account on its platform",
    MailboxCode "mailbox_code" "发送到邮箱的一次性字串" "a one-time text sent to the mailbox",
    PhoneCode "phone_code" "发送到电话的一次性字串" "a one-time text sent to the phone",
    AddressSignature "address_signature" "用该地址的私钥签署指定的文字" "the given text, signed with the key of the address",
    AssetLinks "asset_links" "在官网的 assetlinks.json 里写明应用的签名证书" "the app's signing certificate in the site's assetlinks.json",
    OfficerSeen "officer_seen" "身份专员亲自核实并留存凭据" "seen by an identity officer, with evidence kept",
}

/// One proof of control that was given and checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// How.
    pub method: ProofMethod,
    /// When it was checked.
    pub at: Moment,
    /// SHA-256 of what was seen (the DNS answer, the file, the signed text …), which is kept
    /// outside the log.
    pub evidence: Digest,
}
