# The words of the pages. Keys are the same as in zh.ftl; a test holds them together.

## Everywhere
name = Touchstone
skip = Skip to content
nav = Navigation
menu = Menu
close = Close
undo = Undo
save = Save
copy = Copy
copied = Copied
search = Search
older = Older
or = or
never = never
other-language = 中文
theme = Appearance
theme-light = Light
theme-dark = Dark
theme-auto = As the system
language = Language
number = Number
filter = Filter
since = since
when = When
what = What
details = Details
about = About
day = Day
yes = yes
no = no

## Keys
keys-title = Keyboard shortcuts
keys-move = Move down and up in a list
keys-open = Open what is selected
keys-search = Go to the search box
keys-help = Show or hide this help
keys-go = Go to live verdicts, review queue
keys-decide = Review: right, wrong, escalate
keys-next = Take the next; undo the last decision
keys-pause = Pause or resume live updates

## Side bar
nav-live = Live verdicts
nav-reviews = Review queue
nav-campaigns = Campaigns
nav-search = Search
nav-rules = Rules
nav-audit = Audit trail
nav-people = People
nav-keys = API keys
nav-group-house = House
nav-playground = Playground
nav-console = Console
nav-api = API docs
log-in = Log in
log-out = Log out
colophon = Touchstone tells real support from fake.

## Decisions and kinds
decision-allow = Passed
decision-warn = Warned
decision-hold = Held
decision-block = Blocked
decision-unscreened = Not screened
decision-allow-lead = Nothing found that calls for action. That is no guarantee.
decision-warn-lead = Let through, with a warning to the user.
decision-hold-lead = Kept for a while: it lapses by itself, or somebody who may releases it.
decision-block-lead = Stopped; it was not delivered.
decision-unscreened-lead = This kind of event is not known; it was kept as it came.
kind-message-sent = Message
kind-profile-changed = Profile change
kind-account-created = New account
kind-contact-added = Contact request
kind-login-attempted = Log-in
kind-transfer-requested = Transfer
kind-approval-requested = Approval
kind-call-started = Call
kind-client-seen = Client
kind-other = Other event
no-text = No text
score = Score
weight = Weight
share = Share
finding = Finding
strong = enough alone
needs-person = Needs a person
needs-person-long = The score asks for more than a machine may do to a protected account: a person has to decide.
hold-until = Held until { $until }. May be released by: { $who }.
releaser-user = the user
releaser-guardian = the user's guardian
releaser-staff = a reviewer

## Live
live-title = Live verdicts
live-lead = What just happened, and why it was judged so.
live-on = Live
live-paused = Paused, # waiting
live-lost = Connection lost, trying again
live-empty-title = No verdicts yet
live-empty = Verdicts appear here by themselves as soon as the platform sends its first event. To connect it, create an API key and post events to /v1/events.
pause = Pause
stats-label = Last 24 hours
stat-events = events in 24 hours
stat-warned = warned
stat-held = held
stat-blocked = blocked
stat-waiting = waiting for review
tab-all = All
tab-acted = Acted on

## One verdict
verdict-title = A verdict
the-text = The text
the-event = The event
the-sum = How the score adds up
no-findings = Nothing was found; the score is 0.
turning-point = The turning point:
likeness = Letter by letter against the official one
likeness-closeness = { $percent }% alike
likeness-label = Official above, candidate below
likeness-hint = Official above, candidate below; what was tampered with is red.
checks = Checks
check-identity = Imitates an official identity
check-language = What is asked, threatened, promised
check-secrets = A user giving away a secret
check-links = Links and domains
check-addresses = Chain addresses
check-memory = What happened before
check-unavailable = Not done: { $reason }
check-not-needed = Does not apply here
shadow-would = Rules in shadow would have added:
to-review = Review it
queue-it = Send to review
queued = Sent to the review queue.
account-actor = Who acted
account-user = Who may be harmed
conversation = Conversation
all-of-account = All verdicts on this account
also-did = What else this account did
came-from = Where it comes from
campaign = Campaign
same-text = The same text went to several people
fact-source = Source
fact-id = Event id
fact-time = Time
fact-policy = Policy hash
fact-display-name = Display name
fact-handle = Handle
fact-account-id = Platform id
fact-age = Account age
fact-started-by = Who wrote first
fact-mutual = Know each other
fact-conversation-kind = Kind
fact-to = To
fact-spender = Spender
fact-amount = Amount
fact-method = Method
fact-site = Site
fact-chain = Chain
fact-country = Country
fact-succeeded = Succeeded
fact-package = Package
fact-number = Phone number
fact-screen = Screen shared or remote control
fact-before = Before
fact-attachment = Attachment
started-by-actor = the one who acted
started-by-user = the user
kind-direct = direct
kind-group = group
kind-channel = channel
flag-staff = staff
flag-moderator = moderator
flag-bot = bot
flag-verified = verified by the platform
count-reasons = { $n ->
    [one] { $n } reason
   *[other] { $n } reasons
  }
detail-because = because
detail-paid-before = paid before
detail-never-writes-first = states
detail-never-asks-for-code = states
detail-never-asks-for-recovery-phrase = states
count-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
  }
count-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
  }
count-events = { $n ->
    [one] { $n } event
   *[other] { $n } events
  }
count-hits = { $n ->
    [one] { $n } hit
   *[other] { $n } hits
  }
count-messages = { $n ->
    [one] { $n } message
   *[other] { $n } near-identical messages
  }
count-people = { $n ->
    [one] { $n } recipient
   *[other] { $n } recipients
  }
count-senders = { $n ->
    [one] { $n } sender
   *[other] { $n } senders
  }
count-results = { $n ->
    [one] { $n } result
   *[other] { $n } results
  }
count-waiting = { $n } listed

## Review
reviews-title = Review queue
reviews-lead = What a machine must not settle alone. Each decision becomes a label.
reviews-empty-title = The queue is empty
reviews-empty = Verdicts that need a person appear here.
queue = Queue
tab-open = Open
tab-escalated = Escalated
tab-done = Decided
pick-title = Pick one to review
pick = Opening one locks it for you, so that nobody works on it twice. Move with j and k, take the next with n.
take-next = Take the next
release = Put back
lock-mine = Locked for you until { $until }.
lock-theirs = { $who } is working on it, until { $until }.
lock-none = Nobody is working on it.
lock-done = Decided by { $who }: { $what }
held-by = { $who } is on it
whole-page = See the whole page
reason = Reason
reason-placeholder = Please say why when you overturn or escalate
reason-needed = Overturning and escalating need a reason.
confirm = The verdict is right
overturn = The verdict is wrong
escalate = Escalate
decide-hint = You can undo it afterwards. It goes into the audit trail and counts for each rule's precision.
decided-confirm = Verdict right
decided-overturn = Verdict wrong
decided-fraud = Labelled fraud
decided-benign = Labelled harmless
decided-escalate = Escalated
decided-flash = { $what }.
undone = Undone; it is back in the queue.
cannot-decide = This one is no longer yours: the lock lapsed or somebody else took it.
nothing-left = There is nothing left to take.
released = Put back into the queue.
precision-title = Precision from labels
precision-hint = Precision: how many that had it were confirmed. Recall: in how many confirmed scams it was there. Do not trust either with few labels.
precision = Precision
recall = Recall
confirmed = Fraud
overturned = Harmless
export-labels = Export labels

## Campaigns
campaigns-title = Campaigns
campaigns-lead = The same words sent to many, seen and settled as one.
campaigns-empty-title = No campaigns
campaigns-empty = When the same words go to several people, they appear here as one.
members = Messages in it
bulk-title = Decide all at once
bulk-hint = Each message gets the label; the whole batch can be undone in one step.
bulk-sure = { $n ->
    [one] Decide this message?
   *[other] Decide all { $n } alike?
  }
bulk-done = { $n ->
    [one] One message decided.
   *[other] { $n } messages decided.
  }
bulk-undone = { $n ->
    [one] One decision undone.
   *[other] { $n } decisions undone.
  }
confirm-all = All right
overturn-all = All wrong

## Rules
rules-title = Rules
rules-lead = Policy version { $version }. Rules are data and are edited in policies/.
rules-empty-title = No rules
rules-empty = This policy has no rules with that status.
rule = Rule
status = Status
owner = Owner
hits = Hits
hits-30 = Hits in 30 days
status-draft = draft
status-shadow = shadow
status-live = live
status-retired = retired
policy = Policy
policy-hash = Hash
thresholds = Thresholds
condition = Condition
as-table = Show as a table
recent-hits = Recent hits
no-hits-title = No hits
no-hits = No stored verdict has this rule yet.
from-labels = From reviews
shadow-title = In shadow
shadow-lead = Recorded, not applied: what would change
shadow-alone = Passed without it
candidate-title = Candidate policy
candidate-lead = Events of the last 30 days that it would decide otherwise.
fact-wakes = Wakes on
fact-sentence = What a user reads
fact-weight = Weight
fact-owner = Owner
fact-cases = Own cases
chart-hits = Hits a day
chart-hits-text = { $n } in 30 days

## Search
search-title = Search
search-lead = Find by account, link, address or phrase.
search-label = Search verdicts
search-by = What to look for
search-placeholder = Account, link, address, phrase
search-start-title = What are you looking for?
search-start = An account id or handle, a domain or link, a chain address, or words from a message.
search-none-title = Nothing found
search-none = Try another spelling or another kind.
search-more = Only the latest are shown
by-any = Anything
by-account = Account
by-link = Link or domain
by-address = Address
by-phrase = Phrase

## Audit
audit-title = Audit trail
audit-lead = Every act of staff: only added to, each entry chained to the one before by its hash.
audit-empty-title = Nothing yet
audit-empty = The first act of staff will appear here.
chain-sound = Chain intact
chain-broken = Chain broken
person = Person
act = Act

## People and keys
people-title = People
people-lead = Who may come in, and what they may do.
roles = Roles
guarded-by = Logs in with
guard-passkey = Passkey
guard-password = Password and code
disabled = Disabled
disable = Disable
disable-sure = Disable this person and end all their sessions?
enable = Enable
invite-title = Invite a colleague
invite = Make an invitation link
invite-ready = The invitation link, good for one use:
invite-link = Invitation link
invite-hint = Hand it to the person through a channel you trust.
invite-no-role = Choose at least one role.
last-administrator = At least one administrator has to remain.
people-saved = Saved.
role-analyst = Analyst
role-agent = Agent
role-lead = Lead
role-identity-officer = Identity officer
role-complaints-officer = Complaints officer
role-administrator = Administrator
role-analyst-about = Reviews verdicts, reads rules
role-agent-about = Answers those who ask for help
role-lead-about = Leads the desk, sees every clock
role-identity-officer-about = Vets official identities
role-complaints-officer-about = Answers complaints
role-administrator-about = Manages people and keys
api-keys-title = API keys
api-keys-lead = For platforms to send events and read verdicts. Only a hash is kept: replace what is lost.
api-keys-empty-title = No keys yet
api-keys-empty = Create one and a platform can send events.
api-key = API key
key-once = Copy it now: it is not shown again.
key-name = Name
key-name-placeholder = For example: chat server
key-bad = A name and at least one scope are needed.
scopes = Scopes
made = Created
last-used = Last used
revoke = Revoke
revoked = Revoked
revoke-key-sure = Whoever uses it loses access at once. Go on?
new-key = New key
make-key = Create the key
scope-events-write = Send events and get their verdicts
scope-verdicts-read = Read and follow verdicts
scope-labels-read = Take labelled events out
scope-reports-write = Report for a user, and read what became of it
scope-admin = Everything the API can do

## Own account
account-title = My account
sessions = Sessions
browser = Browser
began = Began
last-seen = Last seen
this-one = this one
end = End
end-others = End all others
session-ended = The session was ended.
sessions-ended = All other sessions were ended.
passkeys = Passkeys
no-passkeys = No passkeys yet. They withstand phishing; do add one.
add-passkey = Add a passkey
passkey-name = Name of the passkey
passkey-name-placeholder = For example: office computer
passkey-cancelled = It was cancelled, or this device has no passkey for this page.
passkey-added = The passkey was added.
passkey-removed = The passkey was removed.
remove = Remove
remove-passkey-sure = It cannot be used to log in any more. Go on?
last-way-in = This is the last way to log in; it cannot be removed.
password = Password
old-password = Current password
new-password = New password
password-hint = At least 15 characters. A few unrelated words do well; no names or birthdays.
password-changed = The password was changed and all other sessions were ended.
totp-on = Codes from an app are on.
totp-off = To log in with a password, codes from an app are needed as well.
totp-scan = Scan with an authenticator app, or type:
totp-qr = QR code for the authenticator app
totp-code = Six-digit code
looks = Display

## Log-in and set-up
log-in-lead = For staff. Users need no account here and never enter anything about a wallet.
login-name = Log-in name
login-name-hint = Usually the work e-mail address.
with-passkey = Log in with a passkey
with-password = Log in with password and code
log-in-failed = That did not work. Please check log-in name, password and code.
log-in-throttled = { $n ->
    [one] Too many attempts. Please try again in one second.
   *[other] Too many attempts. Please try again in { $n } seconds.
  }
passkey-failed = The passkey was not accepted.
form-expired = The page has expired; please try again.
setup-title = Welcome
setup-lead = Create your account. Role: { $role }. This link works only once.
your-name = Your name
make-passkey = Create a passkey
no-passkey-here = This browser has no passkeys; please use a password with codes.
password-and-app = Use a password and an authenticator app instead
finish-setup = Finish
setup-gone-title = This link does not work
setup-gone = It was used before or has expired. Please ask an administrator for a new one.
setup-done = Your account is ready. Welcome.
login-taken = This log-in name is taken.
fields-missing = Please fill in your name and a log-in name.
wrong-code = The code is not right. Check that the phone's clock is, and enter the current code.
wrong-password = The current password is not right.
password-too-short = A password needs at least 15 characters.
password-breached = This password is in lists of leaked ones; please choose another.
password-personal = The password has personal data of yours in it; please choose another.
password-weak = This password is too easy to guess; please choose another.
password-too-long = The password is too long.
not-allowed-title = Not permitted
not-allowed = Your role does not include this page. Ask an administrator if you need it.
not-found-title = No such page
not-found = It may have moved, or the address is wrong.
busy-title = Not available right now
busy = The database does not answer. Please try again soon; nothing is lost.
back-to-live = Back to live verdicts

## Landing page
landing-short = Real support or fake
landing-title = Is this support, or a scammer?
landing-lead = Touchstone looks at what is being asked, and by whom: the copied name, the request for a recovery phrase, the deadline, the transfer. It warns or holds at the moment that counts, and always says why.
landing-try = Play the scammer
landing-console = Open the console
sample-label = Example: a message from fake support, and the warning a user sees
sample-who = Official Security Desk · 2 days old
sample-1 = Your account is at risk. Please
sample-2 = send me your 12 recovery words
sample-3 = { " " }so that I can verify you.
sample-warning = This message was stopped
sample-why-1 = It asks for the recovery phrase. Real support never does.
sample-why-2 = The name looks official; the account is 2 days old.
trio-playground = Two chat windows: you write the scammer's lines and see what the victim would be shown. Nothing is kept.
trio-console = Analysts read the reason for every verdict, review, and see how rules perform.
trio-api = One HTTP call, one verdict with its reasons.

## Playground
playground-title = Playground
playground-lead = You play the impostor. Write on the left; the right shows what would appear on the other phone. The verdicts come from the live policy.
nothing-kept = Nothing is kept
scenes = Prepared scenes
start-over = Start over
scene-next = Next line ({ $n } left)
scene-rest = Play the rest
you-play-impostor = You: the impostor
victim-sees = What the other side sees
shown-name = Display name
handle = Handle
account-age = Account age
impostor-says = What the impostor writes
impostor-placeholder = For example: your account is frozen…
impostor-empty = Write a first line, or choose a scene.
impostor-stopped = The other side stopped this conversation; nothing gets through.
victim-says = What the other side writes
victim-placeholder = You may answer for them, too
victim-empty = No messages yet.
send = Send
why = Why
line-blocked = A message was stopped and is not shown.
line-held = A message is held and not shown until it is checked.
line-not-sent = This message was not sent.
warn-title-warn = Take care
warn-title-hold = Held for now
warn-title-block = Stopped
act-stop = Stop
act-report = Report
act-support = Real support
stopped-done = The conversation is stopped. Nothing more from this account is shown; you owe it no answer.
reported-done = Reported. Thank you.
reported-kept = { $n ->
    [one] Sealed with the report: one message, the other side's name and handle, and each verdict. (Practice: nothing was really sent.)
   *[other] Sealed with the report: { $n } messages, the other side's name and handle, and each verdict. (Practice: nothing was really sent.)
  }
support-done = Real support is here
support-none = No official identities are listed on this server yet. Use “Help” inside the app, never a link from a chat.
support-never = Wherever it is: never give recovery phrase, private key or codes to anybody.
playground-full = This conversation is long enough; please start over.
playground-broken = This conversation could not be read; it starts over.
playground-busy = That was too fast; please wait a few seconds.
way-domain = Web site
way-handle = Handle
way-email = E-mail
way-phone = Phone
