# Reports, and the pages of those who made them.
nav-report = Report a theft
nav-transparency = Public figures
report-title = Report fraud or theft
report-lead = Take a breath. The first two answers are enough to send this; everything else can stay empty and be added later.
report-never = We never ask for a recovery phrase, private key, password or one-time code. Do not write one here, and do not tell anybody.
report-now-title = Is money leaving right now?
report-now = Send this page first: freezing the account is the first thing on the next one. Do not use the wallet on a device that may be in other hands.
report-now-call = Send this page, then call the operator on a number that you looked up yourself, and ask for the account to be frozen. Do not use the wallet on a device that may be in other hands.
report-wrong = Nearly there: { $n ->
    [one] one thing needs
   *[other] { $n } things need
  } a second look. All you typed and uploaded is still here.
report-kind = What happened?
kind-fake-support = Somebody played support
kind-fake-support-about = They wanted a transfer, a code, or an app installed
kind-stolen-wallet = A wallet or account was emptied
kind-stolen-wallet-about = Money is gone, or is going now
kind-locked-account = I cannot get into my account
kind-locked-account-about = It is locked or frozen, or somebody else is in it
kind-leaked-secret = A recovery phrase, key or code got out
kind-leaked-secret-about = The money may still be there; it must be moved soon
kind-other-report = Something else
kind-other-report-about = Also if you are not sure
report-story = Tell it in your own words
report-story-hint = A few sentences will do: who contacted you, what you did, what happened then.
report-when = When did it begin?
report-when-hint = About when is good enough.
report-until = When did it end? (leave empty if it has not)
report-zone = Time zone
report-just-now = Just now
report-hour-ago = About an hour ago
report-yesterday = Yesterday
report-optional = optional
report-losses = What is gone
report-losses-about = The asset, its chain, how much. One line for each; leave empty what you do not know.
report-asset = Asset
report-asset-hint = Such as USDT, ETH, BTC
report-chain = Chain
report-chain-none = Not sure
report-amount = Amount
report-contract = Contract of the token (only for rare tokens)
report-add-loss = Add another
report-pasted = Addresses and transaction ids
report-pasted-about = Paste every address, transaction id or block explorer link here, in any order. We sort them out.
report-pasted-hint = Write “mine” or “theirs” on the same line to say whose an address is.
report-pasted-found = Recognised: %a addresses, %t transactions
report-suspects = Who did it
report-suspects-about = Their accounts, numbers, web sites. One line for each.
report-platform = Platform
report-platform-hint = Such as Telegram, WeChat, phone, web site
report-suspect-account = Account, number or link
report-suspect-name = Name that was shown
report-add-suspect = Add another
report-files = Screenshots and files
report-files-about = Screenshots of the chat, records of transfers, mails. Take screenshots before you delete or leave the chat.
report-files-limit = Up to { $size } each, at most { $n } files. Pictures, video, sound, PDF, text and archives.
report-files-choose = Choose files (several at once)
report-files-have = Uploaded already; sent with the report:
report-files-upload = Upload these files first
report-files-drop = Remove
report-files-24h = Files of a report that is not sent are deleted after 24 hours.
report-file-too-large = “{ $name }” is larger than { $size } and was not taken. Compress it, or send it in parts.
report-file-too-many = “{ $name }” was not taken: there is room for { $n } files here. More can be added on the case page.
report-file-empty = “{ $name }” is empty and was not taken.
report-file-kind = “{ $name }” is of a kind that is not taken, such as a program. Please send a screenshot, PDF, text or archive.
report-file-full = “{ $name }” was not taken: the files of this draft are too large together. More can be added on the case page.
report-file-often = “{ $name }” was not taken: too many files came from your network. Please send it again in { $n ->
    [one] a minute
   *[other] { $n } minutes
  }. Everything else is still here.
report-file-broken = “{ $name }” did not arrive whole; please send it again. Everything else is still here.
report-you = Your account, and how to reach you
report-you-about = With your account here we can freeze sooner. No contact is needed: the case link is enough to see how things stand.
report-account = Your account (user name, e-mail or number)
report-name = What to call you
report-email = E-mail
report-phone = Phone
report-country = Where you live
report-country-hint = It decides which terms and authorities apply.
report-country-none = Please choose
report-more = More (for the police and complaints)
report-more-about = All of this can be added on the case page later.
report-wallet = The wallet or app you used
report-device = May your phone or computer be in other hands?
report-device-yes = It may
report-device-no = No
report-device-unknown = I do not know
report-police = Number of the police report, if there is one
ask-how_contact_began = How did they first contact you?
ask-what_raised_suspicion = What made you suspicious?
ask-domains_apps = Web sites and apps that play a part
ask-exchanges_used = Exchanges that were used
ask-how_paid = How it was paid (transfer, card, crypto…)
ask-bank_account = Their bank account and its holder
ask-bank_reference = The bank's reference of the transfer
ask-victim_address = Your own wallet addresses
ask-desired_resolution = What outcome do you wish for?
report-send = Send the report
report-sending = Sending; please keep this page open…
report-sent-after = You get a case number at once, with the first thing to do, who has it, and by when you are answered.
report-kept = What you had typed is back. It is kept in this tab only, and cleared once sent.
report-secret-warning = This looks like a recovery phrase, key or code. Please delete it: we do not need it, and nobody should know it.
report-busy = Too many reports or messages came from your network. Please wait { $n ->
    [one] a minute
   *[other] { $n } minutes
  } and send again. All you typed is still here.
report-failed = We could not save it. Please send it again; all you typed is still here.
report-too-large = These files are too large to send at once. Your text is still here; please upload the files a few at a time.
report-expired = This page was open for too long; please send it once more.
country-CN = Mainland China
country-HK = Hong Kong, China
country-TW = Taiwan, China
country-SG = Singapore
country-JP = Japan
country-KR = South Korea
country-US = United States
country-UK = United Kingdom
country-EU = A country of the European Union
country-AU = Australia
country-CA = Canada
masked-what = There was a secret in what you wrote ({ $what }). We took it out and did not keep it.
masked-wallet = Make a new wallet on a clean device now and move what is left to it: whoever has seen those words or that key can take everything at any time.
masked-account = Please change it now, and tell nobody, whoever they say they are.
secret-recovery-phrase = recovery phrase
secret-private-key = private key
secret-keystore = wallet file
secret-one-time-code = one-time code
secret-password = password
secret-card-code = card security code
secret-api-secret = API secret
answer-title = We have it: your case is open
answer-lead = Your report is saved. Somebody is responsible for it, and there is a time limit for the answer.
answer-reference = Case number
answer-link = Your case link
answer-link-about = This link is the only way into your case; there is no account and no password. Keep it now, and do not pass it on.
answer-link-qr = QR code of the case link
answer-copy = Copy the link
answer-open = Open the case page
answer-first = Now, in this order
answer-first-about = Tick what is done; you can always take a tick back.
answer-files-missing = { $n ->
    [one] One file
   *[other] { $n } files
  } could not be put into the case; please upload again on the case page.
case-title = Case { $reference }
case-gone-title = There is nothing here
case-gone = The link may be incomplete, or no longer valid. Please copy the whole link again from where you kept it.
case-gone-report = Make a report
case-who = Who has it
case-who-duty = Everybody on duty ({ $level })
case-who-person = { $name } ({ $level })
level-agent = agent
level-lead = team lead
level-complaints-officer = complaints officer
level-outside = complaints officer; papers for the authority are ready
case-next = Next
case-by = At the latest
case-closed = This case is closed
case-closed-by = Closed by
case-closed-at = Closed at
case-closed-why = Why it was closed
case-closed-more = You disagree, or something happened? Write below and it is open again.
task-take = Somebody takes your case
task-answer = A person, not a machine, answers you
task-ask-again = We wait for your reply, and ask again if none comes
task-follow-up = What was promised is done, and you are told
task-send-packet = The papers go to the authority
task-await-outside = We wait for somebody outside, and keep asking
outcome-recovered = Recovered, or nothing was lost
outcome-partly-recovered = Partly recovered
outcome-frozen = Frozen; others decide now
outcome-referred = An authority has taken it on
outcome-not-recoverable = It cannot be recovered
outcome-not-a-case = It was something else
case-overdue = Overdue; the case goes up by itself
case-left = left
case-plan = What to do
case-plan-first = The first hour
case-plan-later = After that
case-step-done = Done
case-step-undo = Take back
case-step-done-at = Done { $at }
case-plan-progress = { $done } of { $all }
case-timeline = What happened so far
case-timeline-empty = Nothing yet.
case-write = Write to whoever has your case
case-write-hint = Each message of yours starts our time to answer anew. Please write no recovery phrase, key, password or code.
case-write-send = Send
case-write-empty = Please write something, or choose a file.
case-write-long = This is too long; there is room for { $n } bytes. The rest can be handed in as a file.
case-write-sent = Sent. The time to answer has started anew.
case-files = Files
case-files-add = Add files
case-files-none = No files yet.
case-file-kept = The file is in the case.
case-clocks = Time limits
case-clocks-about = Each says what it is based on. Only an answer by a person, to your case, counts; automatic replies and templates do not.
case-clock-due = Due
case-clock-no-date = No date yet: a person will set it and tell you
case-clock-started = Began
case-clock-source = Based on
case-clock-confidence = Confidence
case-clock-confidence-a = A: the rule or the authority's own page was read
case-clock-confidence-b = B: a reputable summary, or the rule read in part
case-clock-confidence-c = C: not verified
case-clock-calendar = Calendar
case-clock-calendar-ours = the operator's working calendar
case-clock-wall = by the clock, without breaks
case-clock-pauses = Paused
case-clock-length = Length
clock-running = running
clock-paused = paused, waiting for you
clock-stopped = done
clock-breached = missed
whose-ours = Our promise
whose-firm = By law, for the operator
whose-victim = Your own time limit
whose-authority = For the authority
unit-minute = { $n ->
    [one] 1 minute
   *[other] { $n } minutes
  }
unit-hour = { $n ->
    [one] 1 hour
   *[other] { $n } hours
  }
unit-business-hour = { $n ->
    [one] 1 business hour
   *[other] { $n } business hours
  }
unit-calendar-day = { $n ->
    [one] 1 day
   *[other] { $n } days
  }
unit-business-day = { $n ->
    [one] 1 business day
   *[other] { $n } business days
  }
unit-week = { $n ->
    [one] 1 week
   *[other] { $n } weeks
  }
unit-month = { $n ->
    [one] 1 month
   *[other] { $n } months
  }
case-readers = Who has read it
case-readers-about = Each time staff opens your case, it is written down here.
case-readers-none = Nobody has opened it yet.
case-reader-why = Why
case-rights = Your rights
case-escalate = Bring it to the next level
case-escalate-about = At any time, without giving a reason. The case goes up at once; the time limits stay as they are.
case-escalate-why = Why (optional)
case-escalate-top = Your case is at the highest level already.
case-complain = Make a formal complaint
case-complain-about = A formal complaint starts the time limits of the law. You need not hand in anything again.
case-complain-done = A formal complaint was made.
case-complain-why = What you complain about (optional)
case-escalated = Brought to the next level.
case-complained = Your formal complaint is recorded; the time limits of the law are running.
case-happened = Has any of this happened?
case-happened-about = Some time limits begin with it.
happened-payment-stopped = The police stopped the payment
happened-hold-began = A platform is holding the money
happened-police-reported = I reported it to the police
happened-police-refused = The police refused to take it on
case-share = Share how it stands
case-share-about = Makes a page for family, a lawyer or the police: only progress and time limits; no name, amount, address or message.
case-share-make = Make a link to share
case-share-stop = Withdraw the link
case-share-link = Link to share
case-share-again = Once withdrawn, the link shows nothing at once; made again, it is the same link.
case-shared = The link to share is ready.
case-unshared = Withdrawn: the link shows nothing any more.
case-saved = Noted.
case-refresh = Refresh
case-live = Updates by itself
case-lost = Not connected; this page may not be up to date
case-details = Your report
case-no-script = Everything works without scripts; press “Refresh” to see the newest state.
case-failed = That did not work; please try again.
case-retry = That did not work; please try again. What you wrote is still below.
case-you = You
case-system = The desk
case-operator = The operator
entry-reported = Report received
entry-message = You wrote
entry-answer = Answer
entry-asked = A question for you
entry-template = General information
entry-auto-reply = Automatic reply
entry-taken = Taken by { $who }
entry-assigned = Given to { $who }
entry-handed-over = Handed to { $who }
entry-escalated = Brought up to: { $level }
entry-warned = A time limit is near; whoever has the case was reminded
entry-breached = A time limit was missed; the case went up by itself
entry-lapsed = A next step was not done in time
entry-packet-prepared = Papers for the authority are ready
entry-packet-sent = Papers were sent to the authority
entry-file = File
entry-step = Step
entry-step-done = Done: { $step }
entry-step-undone = Taken back: { $step }
entry-step-share = You made a link to share
entry-step-unshare = You withdrew the link to share
entry-action = Action
entry-viewed = Opened the case
entry-closed = Closed
entry-reopened = Opened again
entry-complained = Formal complaint
entry-paged = People on duty were called
entry-other = Noted
status-title = How the case stands
status-about = The person concerned shared this page. It shows progress only, nothing personal.
status-state = State
status-open = In progress
status-opened = Reported
status-answered = First answer by a person
status-not-yet = not yet
status-level = Level
status-updated = As of
letter-subject = News about your case { $reference }
letter-text = Hello,

    There is news about your case { $reference }. Please open the case link that you kept when you made the report.

    There is no link in this letter, and nothing of your case. We never ask for a recovery phrase, private key, password or code. Whoever does is not us.
letter-report-subject = We have your report { $reference }
letter-report-text = Hello,

    We have your report; its number is { $reference }. The case link that you kept shows how it stands and what to do.

    There is no link in this letter, and nothing of your case. We never ask for a recovery phrase, private key, password or code. Whoever does is not us.
