# Who is official: applications, vetting, the public list.

## The public list of who is official

registry-title = Who is official
registry-lead = Every official identity that the operator vouches for, and how it changed. What is not here does not speak for the operator.
registry-search = Handle, domain, phone, address or organisation
registry-status = Status
registry-all = All
registry-count = { $n ->
    [one] { $n } identity
   *[other] { $n } identities
}
registry-empty-title = No identity is listed yet
registry-empty = Identities that passed vetting and the waiting time appear here.
registry-none-title = Nothing found
registry-none = Nothing listed fits. What is not found here should not be taken for official.
registry-more = Show more
registry-since = Since
registry-until = Until
registry-for = For:
registry-news = What changed lately
registry-feed = Follow the changes (Atom)
registry-proof = Proof
registry-proved = { $n ->
    [one] A public log of { $n } entry proves what is shown here.
   *[other] A public log of { $n } entries proves what is shown here.
}
registry-snapshot = Snapshot taken
registry-keys = Keys and witnesses
registry-unproved = No public log is kept here: this comes from the operator's file and cannot be verified independently.
registry-history = History
registry-no-such = There is no such identity in the list.
registry-of = { $value } ({ $name })
registry-happened = { $what }: { $of }
list-comma = ,{" "}
listing-listed = Listed
listing-not-yet = Not yet
listing-voided = Suspended
listing-lapsed = Lapsed
listing-revoked = Revoked
stated-organisation = Organisation updated
stated-identity = Listed
stated-renewed = Proved again
stated-voided = Suspended
stated-revoked = Revoked
stated-key = Key published
stated-announcement = Announcement
stated-snapshot = Snapshot
identity-handle = Handle
identity-display-name = Display name
identity-avatar = Picture
identity-domain = Domain
identity-email = Mail address
identity-phone = Phone number
identity-address = Address on a chain
identity-app = App
identity-agent = Support agent

## Notices of changes (console)

nav-webhooks = Webhooks
webhooks-title = Webhooks
webhooks-lead = These addresses are told of changes of who is official, or of calls to whoever is on duty. Each message is signed (Standard Webhooks).
webhook-secret = Signing secret
webhook-secret-once = This is the signing secret. It is shown this once; give it to whoever receives.
webhooks-empty-title = Nobody is told yet
webhooks-empty = Add an address, and it is told of every change, of one organisation, or of calls to staff.
webhook-url = Address
webhook-follows = Organisation followed
webhook-follows-hint = The short name of an organisation: only what concerns it is sent, and an alert when somebody applies for something like it.
webhook-everything = Every change of who is official
webhook-what = What it is told of
webhook-one = One organisation
webhook-calls = Calls to whoever is on duty
webhook-calls-hint = Which case, whom and why, for a pager: at once when a freeze is not answered, a clock runs over or nobody has a case. Nothing that a victim told.
webhook-new = Add a receiver
webhook-make = Add
webhook-end = End
webhook-end-sure = Stop telling this address? What was not sent yet is dropped.
webhook-ended = It is told nothing any more.
webhook-retried = It will be sent again.
webhooks-dead = Not delivered
webhooks-dead-none-title = Nothing is left undelivered
webhooks-dead-none = Messages that could not be delivered stay here and can be sent again.
webhooks-waiting = { $n } waiting
webhooks-delivered = { $n } delivered
webhook-message = Message
webhook-outcome = Last outcome
webhook-attempts = { $n ->
    [one] tried once
   *[other] tried { $n } times
}
webhook-retry = Send again
webhook-bad-url = The address has to begin with https://.
webhook-bad-organisation = There is no such organisation in the list.
webhook-too-many = There are as many receivers as there can be.

# To apply
nav-registry = Official identities
apply-title = Apply to be listed as official
apply-lead = Anybody can check an account, domain, phone number or app that is listed here. The applicant first proves control of it, two identity officers review it, and after a public notice it enters an open log that can be verified.
apply-how-1 = Say what is to be listed; you get a link that is yours alone.
apply-how-2 = Prove control as the page says (with a DNS record, for instance).
apply-how-3 = Two identity officers review it.
apply-how-4 = It is on public notice for 72 hours (or what the operator set), in which anybody may object; then it is listed.
apply-closed = No applications are taken here yet: the operator has not opened a public log.
apply-what = What is to be listed?
apply-details = What is applied for
apply-value = Its value
apply-value-hint-plain = As users see it.
apply-value-hint-domain = Such as wallet.example, without https://.
apply-value-hint-handle = The user name, without @.
apply-value-hint-email = Such as help@wallet.example.
apply-value-hint-phone = With the country code, such as +1 555 010 0000.
apply-value-hint-address = The whole blockchain address.
apply-value-hint-app = The package name, such as example.wallet.
apply-value-hint-agent = The pseudonym that users see, not a real name.
apply-platform = Platform
apply-platform-hint = As events name it, such as /im/demo; ask the operator.
apply-account = The platform's own id of the account
apply-account-hint = The one that stays when the account is renamed.
apply-chain = Blockchain
apply-chain-hint = By its CAIP-2 name, such as eip155:1 (Ethereum).
apply-site = The site that vouches for the app
apply-site-hint = Your domain, such as wallet.example.
apply-certificate = SHA-256 of the signing certificate
apply-certificate-hint = 64 hexadecimal digits, with or without colons. Needed for Android.
apply-newest-safe = Lowest version without a known weakness
apply-role = Role
apply-purposes = Purposes
apply-purposes-hint = Such as: answers tickets; announcements only. Semicolons between several.
apply-languages = Languages it answers in
apply-who = Who vouches for it
apply-organisation = Short name of the organisation
apply-organisation-hint = Lower-case letters, digits and hyphens, such as lantern. One that is listed already keeps its name.
apply-new-organisation = Not listed yet? Describe the organisation
apply-name = Name of the organisation
apply-name-zh = Name in Chinese
apply-name-en = Name in English
apply-facts = What your support never does
apply-ways-in = The real ways in
apply-ways-in-hint = Such as: in the app, Me → Help. Semicolons between several.
apply-contact = Your e-mail address (if you like)
apply-contact-hint = Only to remind you before a proof ends; it is not published.
apply-send = Apply
apply-no-secrets = No recovery phrase, private key or password is ever needed here. Do not enter one.
apply-incomplete = Something that is needed is missing, or the short name has characters that cannot be used.
apply-too-many = { $n ->
    [one] Too many requests came from this network address. Try again in a minute.
   *[other] Too many requests came from this network address. Try again in { $n } minutes.
 }


stage-draft = Prove control
stage-proved = Proved
stage-cleared = Two officers review
stage-reviewed = Reviewed
stage-waiting = Public notice
stage-published = Listed
stage-refused = Not listed

application-link = The link to your application
application-link-about = Keep it. With it you go on, see how far it is, and prove again before a proof ends. So can anybody who has it: do not pass it on.
application-draft = Please do what stands below. The review follows by itself.
application-proved = Control is proved, but another organisation has the same listed. Identity officers look into it.
application-cleared = Control is proved. Two identity officers review it now.
application-reviewed = Both officers agreed; the public notice is about to begin.
application-waiting = Both officers agreed. It is on public notice until { $until }; anybody may object.
application-published = It is listed.
application-refused = This application was not listed.
application-ends = The proof holds until { $ends }; please prove control again before.
withdraw = Withdraw the application
withdraw-sure = Withdraw this application? You would have to apply again.
withdrawn = The applicant took it back.

prove-title = Prove that you control it
prove-sets = Any one of these is enough: { $sets }
prove-or = ; or { "" }
prove-value = What to put there
prove-done = proved { $at }
prove-check = Check now
prove-send = Send a one-time code
prove-hand-in = Hand in
prove-code = The 8 digits you got (leave empty for a new code)
prove-signature = Signature
prove-dns-txt = DNS record
prove-dns-txt-about = Add a TXT record to the DNS of the domain, then check. It may take some minutes to be seen.
prove-dns-txt-place = Name of the record
prove-well-known = File on the site
prove-well-known-about = Put a text file on the site that has this line, then check. Redirects are not followed.
prove-well-known-place = Address of the file
prove-posted = A message from the account
prove-posted-about = Send a message with this text from the very account, to anybody on its platform. The platform tells us by itself; you may also check now.
prove-posted-place = Account
prove-mailbox-code = Code by e-mail
prove-mailbox-code-about = We send a one-time code to this mailbox. It holds half an hour; enter it on this page only.
prove-mailbox-code-place = Mailbox
prove-phone-code = Code by phone
prove-phone-code-about = A one-time code goes to this number. It holds half an hour; enter it on this page only.
prove-phone-code-place = Number
prove-address-signature = Signature of the address
prove-address-signature-about = Sign this text with the wallet of the address (“sign message”). It is no transaction, costs nothing and lets nobody spend anything.
prove-address-signature-place = Address
prove-asset-links = The app in assetlinks.json
prove-asset-links-about = Name the app's package and signing certificate in the site's assetlinks.json, then check.
prove-asset-links-place = Address of the file
prove-officer-seen = Seen by an identity officer

outcome-proved = Seen: this is proved.
outcome-sent = The code is on its way.
outcome-not-there = It was reached, but the text is not there. Is it saved? DNS may need some more minutes.
outcome-no-file = There is no such file.
outcome-redirected = The address leads elsewhere; the file has to be right there.
outcome-no-certificate = The application names no signing certificate.
outcome-other-app = The file does not name this package with this certificate.
outcome-not-posted = The account has not posted this text yet.
outcome-other-handle = The text was seen, but the account then had another user name than applied for.
outcome-wrong-code = That is not the code.
outcome-no-code = No code was sent yet.
outcome-too-many = Too many wrong codes. Have a new one sent.
outcome-expired = The code is no longer taken. Have a new one sent.
outcome-chain = Signatures of this chain cannot be checked yet.
outcome-address = This is no address of that chain.
outcome-form = This is no whole signature. Copy all of it.
outcome-other-key = Not signed by this address, or another text was signed.
outcome-timeout = No answer in time. Try again later.
outcome-private = The address is not on the public network and cannot be checked.
outcome-not-found = The domain name system does not know this name.
outcome-too-large = The file is too large.
outcome-not-set-up = The operator has not set this way up.
outcome-bad-address = This address cannot be reached.
outcome-too-often = That was often. Wait a little.
outcome-not-used = Seen, but this application has no use for it now.
outcome-officer = An identity officer has to see to it.
outcome-failed = It did not work this time. Try again later.

letter-code-subject = One-time code
letter-code = Your one-time code is { $code }. It holds half an hour. Enter it only on the application page that you opened yourself, and tell it to nobody, not even to somebody who says to be support. If you did not apply, ignore this letter.
letter-remind-subject = Official registry: a proof ends soon
letter-remind = The proof of control of “{ $value }” ends at { $ends }. Use the link you kept to prove it again; after that it no longer counts as official. There is no link in this letter.

# Notice and objections
notices-title = On public notice
notices-lead = Two identity officers have reviewed these. After the notice they are listed as official. If one of them uses a name that is not theirs, object.
notices-empty-title = Nothing is on notice
notices-empty = What officers have reviewed appears here.
notice-lead = On notice until { $until }. If it uses your name, or does not belong to this organisation, say so.
notice-over = The notice is over.
object-title = Object
object-why = Why should it not be listed?
object-contact = How to reach you (if you like)
object-contact-hint = Only identity officers see this.
object-send = Object
object-thanks = Thank you. It is not listed before an identity officer has answered.
object-too-short = Please say in a few words more why.
object-over = The notice is over. Ask the operator to revoke the listing.
back = Back

# Identity officers
officers-title = Official identities
officers-lead = Once control is proved, two different officers review it. To revoke takes one, and holds at once.
officers-no-log = There is no public log yet ([log] in the configuration), so nothing can be listed.
officers-empty-title = No applications here
officers-empty = They appear once the applicant has proved control. The public page is /registry/apply.
registry-tab-review = To review
registry-tab-notice = On notice
registry-tab-draft = Not proved
registry-tab-ended = Ended
registry-tab-listed = Listed
queue-until = on notice until { $until }
queue-one-agreed = one officer agreed
queue-taken = listed for somebody else
queue-clashes = { $n ->
    [one] resembles one listed
   *[other] resembles { $n } listed
 }
listed-find = Find
listed-empty-title = Nothing found
listed-empty = No listed identity fits.
listed-more = Only the first 200 are shown; search for less.
listed-ends = proof ends { $ends }
listed-now = As it stands
listed-until = Proof ends
listed-index = Place in the log
listed-listed = listed
listed-not-yet = not in force yet
listed-lapsed = lapsed
listed-voided = void until proved again
listed-revoked = revoked
case-clashes = Resembles what is listed
case-proofs = Proofs of control
case-no-proofs = Nothing was proved yet.
case-objections = Objections
case-reviews = Reviews
case-reason-placeholder = Why (needed to refuse, or where something is alike)
case-agree = Agree
case-refuse = Refuse
case-hint = Two different officers agree, each logged in with a passkey. The reason goes into the audit trail; the applicant reads why it was refused.
attest = Confirm
attest-what = What you saw, and on what evidence (20 characters at least)
objection-answer = Answer
objection-send = Record the answer
backing-title = Who stands behind it
backing-done = done
backing-consented = This organisation is listed, and its own domain { $domain } says that the application is its own.
backing-reasoned = The organisation has not said so on its own domain; both identity officers gave their reasons.
backing-nobody = This organisation is listed already. That you control the new identity does not show that the organisation wants it listed.
backing-ask = Have { $organisation } put this text on one of its domains, then check. If it cannot, both identity officers have to give reasons, which are published.
backing-instead = Why you do without the organisation's own word (public)
backing-instead-hint = Needed from both officers where the organisation is listed, or is listed by the end of the notice. Say how you know that the organisation wants this.

void-title = Void it until it is proved again
void-which = What is no longer as it was vetted
void-name-changed = The display name changed
void-handle-changed = The user name changed
void-avatar-changed = The picture changed
void-proof-failed = Control can no longer be shown
void-reason = What you saw (audit trail)
void-about = Holds at once; the log says which reason it is. It ends by itself once control is proved again. If it is not theirs at all, revoke it.
void-sure = Void it? It does not count as official until control is proved again.
void-now = Void
registry-voided = Void, at once.
revoke-reason = Why (public)
revoke-about = Holds at once and cannot be undone; to be listed again takes a new application.
revoke-sure = Revoke it? It holds at once, for everybody.
revoke-now = Revoke
registry-agreed = Your agreement is recorded.
registry-refused = Refused.
registry-attested = What you saw is recorded.
registry-answered = The answer is recorded.
registry-revoked = Revoked, at once.
registry-conflict = The application has just changed. Please look again.
registry-not-published = The log did not take it; see the server's log.
registry-say-more = Please say what you saw.
alert-see = Seen to
alert-seen = Marked as seen to.
alert-changed = A listed account changed: it may have been taken over
alert-changed-name-changed = Its display name changed; it does not count as official until proved again.
alert-changed-handle-changed = Its user name changed; it does not count as official until proved again.
alert-changed-avatar-changed = Its picture changed; it does not count as official until proved again.
alert-changed-proof-failed = It failed to prove control again.
alert-resembles = An application resembles a listed identity
alert-objection = Somebody objects to what is on notice
alert-lapses = A proof ends soon
alert-lapsed = A proof has ended; it no longer counts as official
alert-stuck = An application cannot be listed
wrong-form = What was entered cannot be listed: { $what }
wrong-unproved = Control is not proved yet.
wrong-stale = The proof is too old; prove again.
wrong-taken = “{ $by }” has the same listed.
wrong-same-officer = It takes two different officers; you agreed already, or filed it yourself.
wrong-no-passkey = Reviewing needs a log-in by passkey. Log out and come back with yours.
wrong-needs-reason = Please say why.
wrong-needs-backing = This organisation is listed already. It has to say so on its own domain, or both officers write why they do without; that is published.
wrong-waiting = On public notice until { $until }.
wrong-objections = { $n ->
    [one] One objection is not answered.
   *[other] { $n } objections are not answered.
 }
wrong-contradiction = The record of this application contradicts itself; it cannot go on.
