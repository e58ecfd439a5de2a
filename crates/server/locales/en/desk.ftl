# The desk: the queue, the page of a case, who is on duty.

nav-group-desk = Desk
nav-cases = Cases
nav-duty = Duty and skills

desk-title = Cases
desk-lead = The gravest first, then by deadline. Each case has an owner, a next step and a deadline.
desk-you = you
desk-nobody = not taken
desk-everybody = everybody on duty at this level
desk-take = Take
desk-taken-now = The case is yours; the reporter sees who has it. Taking it buys no time.
desk-taken-by-other = Somebody else has just taken this case. Nothing was changed.
desk-back = Back to the queue
desk-on-duty = On duty
desk-go-on-duty = Go on duty
desk-find = Find a reference
desk-no-filter = Clear
desk-next-page = Next page
desk-first-page = First page
desk-pick = Select case { $reference }
desk-bulk-hint = Selected cases can be worked on together; each keeps its own record.
desk-bulk-open = Work on them together
desk-keys = Keys: j / k move, Enter opens, t takes, e escalates, x selects, / finds, n next page.
desk-not-found = There is no case { $reference }.

desk-tab-mine = Mine
desk-tab-skills = My skills
desk-tab-duty = Not taken
desk-tab-overdue = Overdue
desk-tab-all = All open
desk-tab-closed = Closed

desk-empty-mine = You have no cases
desk-empty-mine-text = Take one from “Not taken”, or go on duty and cases come to you by skill.
desk-empty-skills = No case asks for your skills
desk-empty-skills-text = Skills are kept under “Duty and skills”: chains, wallets, languages, jurisdictions.
desk-empty-duty = No case waits to be taken
desk-empty-duty-text = New reports appear here at once; the page brings itself up to date.
desk-empty-overdue = No case is overdue
desk-empty-overdue-text = A case whose next step is late is listed here, and has gone up one level.
desk-empty-all = No open cases
desk-empty-all-text = Reports appear here, the gravest first.
desk-empty-closed = No case was closed yet
desk-empty-closed-text = Closing takes an outcome and a reason that the reporter reads.
desk-empty-filter = No case fits this filter
desk-empty-filter-text = Ask for less, or clear the filter.

desk-filter-kind = Every kind
desk-filter-language = Every language
desk-filter-jurisdiction = Everywhere
desk-language-zh = Chinese
desk-language-en = English
desk-filter-chain = Every chain

desk-left = { $time } left
desk-late = { $time } late
desk-moment = under a minute
desk-minutes = { $n } min
desk-hours = { $n } h
desk-days = { $n } d
desk-units = # d|# h|# min

desk-harm-critical = Critical
desk-harm-high = High
desk-harm-normal = Normal
desk-harm-low = Low

desk-kind-fake-support = Fake support
desk-kind-stolen-wallet = Stolen wallet
desk-kind-locked-account = Locked account
desk-kind-leaked-secret = Leaked secret
desk-kind-other = Something else

desk-task-take = to be taken
desk-task-answer = answer the reporter
desk-task-ask-again = ask the reporter again
desk-task-follow-up = do what was promised, and say so
desk-task-send-packet = look through and send the packet

desk-level-0 = Agent
desk-level-1 = Lead
desk-level-2 = Complaints officer
desk-level-3 = Outside authority

desk-outcome-recovered = recovered, or nothing was lost
desk-outcome-partly-recovered = partly recovered
desk-outcome-frozen = frozen; others decide
desk-outcome-referred = handed to an authority
desk-outcome-not-recoverable = cannot be recovered, with the reason why
desk-outcome-not-a-case = it was something else

desk-owner = Owner
desk-next = Next
desk-outcome = Outcome
desk-level = Level
desk-opened = Reported
desk-to-answer = Write
desk-packets = Complaint packets
desk-stale = This page no longer brings itself up to date: you have logged out, or the case is no longer open to you. Load it again.
desk-news = Something new has happened here. What you are writing is kept.
desk-news-show = Show it
desk-closed-as = Closed: { $outcome }

desk-reason-title = Opening this case takes a reason
desk-reason-lead = You are not its owner, and it does not ask for your skills. What people tell us is only for those who need it.
desk-reason-label = Why do you want to open it?
desk-reason-placeholder = For example: the owner is ill, I answer in their place
desk-reason-hint = The reporter reads who looked, when and why. It also goes into the audit trail.
desk-reason-short = Please give the reason in a sentence (8 characters at least).
desk-reason-open = Give the reason and open

desk-report = What was reported
desk-no-story = Nothing was told in words.
desk-files = Files
desk-files-count = { $n ->
    [one] { $n } file
   *[other] { $n } files
}
desk-timeline = What happened since
desk-timeline-lead = newest first
desk-older = Earlier
desk-views = Who looked: { $n ->
    [one] once
   *[other] { $n } times
}
desk-internal = not for the reporter
desk-happened = Happened
desk-country = Country
desk-wallet = Wallet
desk-police = Police reference
desk-device = Device
desk-device-yes = may be in other hands
desk-device-no = no sign of that
desk-contact = Contact
desk-account = Account here
desk-account-confirmed = confirmed by the operator's key
desk-account-claimed = only as the reporter says
desk-addresses = Addresses
desk-transactions = Transactions
desk-suspects = The other side

desk-write = Write to the reporter
desk-write-label = Text
desk-clock-hint = Only words for this case stop the answer clock. Wording sent as it stands is delivered, but it is a template and stops nothing.
desk-same = This is still ready wording: it will be delivered, and the clock runs on. Say something about this case.
desk-holes = Still to be filled in:
desk-send-answer = Send the answer
desk-send-ask = Ask the reporter
desk-ask-hint = “Ask” makes those clocks stand still that may, until the reporter writes. It is no answer.
desk-note = Internal note
desk-note-label = Only staff see this
desk-note-save = Keep the note
desk-call = Log a call
desk-call-how = How you spoke
desk-call-reached = I called and reached them
desk-call-called = They called
desk-call-missed = I called and did not reach them
desk-call-label = What was said and promised
desk-call-hint = The reporter sees it in the timeline. A call in which you told them how it stands is an answer and stops the answer clock; one that was missed is none.
desk-call-save = Log the call

desk-sent-answer = Sent. The answer clock has stopped; next is to do what was promised.
desk-sent-template = Sent, but it says no more than ready wording: the answer clock runs on.
desk-sent-ask = Asked. Clocks that may stand still do so until the reporter writes.
desk-noted = Noted; the reporter does not see it.
desk-call-kept = The call is logged.
desk-call-answered = The call is logged as an answer; the answer clock has stopped.
desk-handed = Handed over; your colleague and the reporter see it.
desk-escalated = It went one level up, and those on duty there were called.
desk-was-closed = Closed. The reporter has the outcome and the reason.
desk-was-reopened = The case is open again.
desk-step-kept = The step is done.
desk-step-undone = The step was taken back.
desk-power-asked = Asked for; the reporter sees how it goes.
desk-power-waits = Asked for; it is done once a second person agrees.
desk-page-seen = You have answered the call.
desk-duty-on = You are on duty. Cases and calls will find you.
desk-duty-off = You are off duty. The cases you have stay yours.
desk-skills-saved = Skills saved.
desk-changed-nothing = Nothing was changed.

desk-problem-empty = Please write something.
desk-problem-hole = { $place } is still to be filled in, or taken out.
desk-problem-secret = This seems to hold a secret (a recovery phrase, a private key or a code), so it was not sent. We never ask for these and never repeat them; please take it out.
desk-problem-moved = The case changed while you wrote: { $what }. Please look before you decide; your text is kept, and goes when you send it once more.
desk-problem-closed = The case is closed. Open it again first.
desk-problem-not-yours = You cannot do this: the case is with { $who }. Take it first.
desk-problem-reason = Please say why.
desk-problem-person = Please choose somebody who can take it.
desk-problem-busy = It was not saved, and your text is still here. Please try again.
desk-problem-may-not = Your role may not do this.
desk-problem-proof = Please say what proves that this is done.
desk-problem-after = The steps before it come first.
desk-problem-amount = Please give an amount, such as 120.50 USDT.
desk-problem-outcome = Please choose an outcome.

desk-clocks = Clocks
desk-whose-ours = our promise
desk-whose-firm = the law, of the firm
desk-whose-victim = the reporter's own
desk-whose-authority = the authority's
desk-clock-paused = stands still: waiting for the reporter
desk-clock-stopped = stopped
desk-clock-breached = ran out
desk-clock-no-date = no date; a person must set one
desk-pauses = { $n ->
    [one] paused once
   *[other] paused { $n } times
}

desk-step-who = For: { $who }
desk-step-proves = Proof: { $what }
desk-step-proof = What proves it
desk-step-done = Done
desk-step-undo = Take back
desk-first-contact = First contact
desk-first-contact-proves = A first answer was sent
desk-wording = Ready wording
desk-wording-use = Put into the answer
desk-who-victim = the reporter
desk-who-agent = an agent
desk-who-lead = a lead
desk-who-complaints-officer = a complaints officer
desk-who-analyst = an analyst

desk-powers = What can be done
desk-until = until
desk-simulated = a trial; nothing is done
desk-two = two people
desk-amount = Amount
desk-why = Reason
desk-why-placeholder = The reporter and the trail show it
desk-ask-second = Ask a second person
desk-approvals = To approve
desk-approval-by = Asked for by { $who }

desk-linked = Linked cases
desk-linked-all = { $n ->
    [one] Work on it together
   *[other] All { $n } together
}
desk-kin-suspect = same suspect
desk-kin-address = same address
desk-kin-transaction = same transaction
desk-kin-text = told in the same words
desk-kin-other = something in common

desk-hand = Hand over
desk-hand-to = To whom
desk-hand-do = Hand over
desk-suggest = Suggested: { $who }
desk-person = { $name } ({ $n } in hand)
desk-person-off = { $name } ({ $n } in hand, off duty)
desk-escalate = Escalate
desk-escalate-hint = It goes one level up, to those on duty there; the reporter sees it.
desk-close = Close
desk-close-reason = Reason, for the reporter
desk-close-hint = The reporter reads it word for word. There is no closing without one, and the case opens again as soon as they write.
desk-preview = All that the reporter will read:
desk-preview-show = Preview
desk-preview-again = Changed: preview again
desk-close-do = Close it like this
desk-preview-title = Your case { $reference } is closed: { $outcome }
desk-preview-after = If you do not agree, just answer: the case opens again with a new clock, and you can ask for it to go one level up.
desk-reopen = Open again
desk-reopen-hint = For a case closed by mistake. It goes one level up, and those on duty look at it anew.

desk-entry-reported = reported it
desk-entry-message = wrote
desk-entry-answer = answered
desk-entry-asked = asked
desk-entry-note = noted
desk-entry-taken = took the case
desk-entry-assigned = given by skill
desk-entry-handed-over = handed it over
desk-entry-escalated = escalated it
desk-entry-warned = a clock passed a warning
desk-entry-breached = a clock ran out
desk-entry-lapsed = a next step was late
desk-entry-packet-prepared = packets are ready
desk-entry-packet-sent = sent a packet
desk-entry-packet-filled = filled in a packet
desk-entry-file = handed in a file
desk-entry-step = a step
desk-entry-action = action
desk-entry-viewed = looked at the case
desk-entry-closed = closed it
desk-entry-reopened = opened it again
desk-entry-template = sent ready wording (stops no clock)
desk-entry-auto-reply = confirmed receipt (stops no clock)
desk-entry-complained = complained in form
desk-entry-paged = called those on duty
desk-entry-no-date = a clock has no date
desk-entry-unexpected = did not fit the case; kept as evidence
desk-entry-happened = recorded a fact
desk-entry-call = a call: { $how }
desk-by-victim = The reporter
desk-by-system = The desk
desk-by-key = The operator's program
desk-detail-to = To { $who }
desk-detail-step-done = Done: { $step }
desk-detail-step-undone = Taken back: { $step }
desk-detail-outcome = Outcome: { $outcome }
desk-detail-level = Up to: { $level }
desk-detail-percent = { $percent } % have run
desk-detail-shared = A link to the status page was made
desk-detail-unshared = The link to the status page was withdrawn
desk-detail-bulk = together with other cases

desk-together = Work on them together
desk-together-lead = Each case keeps its own record; one that cannot be done does not hold up the others.
desk-together-empty = No case is selected
desk-together-empty-text = Tick some in the queue, or come from the linked cases of one.
desk-together-all = Select all
desk-together-cases = Selected cases
desk-together-what = What to do
desk-together-answer = Send an answer
desk-together-answer-hint = {"{reference}"} and {"{name}"} are filled in. What is the same for everybody is a template and stops no answer clock; where you add words for one case, its clock stops.
desk-together-own = Words for this one only
desk-together-note = Internal note
desk-together-assign = Hand over to
desk-together-reason = Why you open those that are not yours
desk-together-do = Do it to the selected
desk-together-sure = This is done to each selected case. Go on?
desk-together-running = { $n ->
    [one] Working on { $n } case
   *[other] Working on { $n } cases
}
desk-together-running-lead = Results appear one by one. It goes on if you leave the page.
desk-together-over = Finished: { $done } done, { $failed } not
desk-together-ok = done
desk-together-ok-template = sent; the clock runs on
desk-together-twice = this was done to it before
desk-together-not-opened = not yours: a reason for opening is needed
desk-together-missing = no such case
desk-together-closed = closed already

duty-title = Duty and skills
duty-lead = Those on duty are given cases and called. Skills decide who gets which case, and who may open it without a reason.
duty-me = My duty
duty-is-on = On duty until
duty-is-off = You are not on duty.
duty-start = Go on duty
duty-hours = For how long
duty-hours-n = { $n } hours
duty-end = Go off duty
duty-extend = Extend
duty-skills = My skills
duty-skills-hint = Set by a lead. Separated by spaces or lines: language:zh chain:eip155:1 jurisdiction:CN wallet:metamask
duty-skills-none = no skills yet
duty-team = Team
duty-team-load = In hand
duty-team-duty = Duty
duty-team-skills = Skills
duty-save = Save
duty-bad-skill = Skills read “kind:value”, with chain, wallet, language, jurisdiction or kind before the colon.
duty-nobody = Nobody yet who can be given cases

pages-title = { $n ->
    [one] { $n } call waits
   *[other] { $n } calls wait
}
pages-see = I am on it
pages-why-new = New case
pages-why-warned = A clock is close
pages-why-breached = A clock ran out
pages-why-lapsed = A next step is late
pages-why-escalated = Escalated
pages-why-written = The reporter wrote
pages-why-no-date = A clock has no date
pages-why-action = An action was not confirmed
pages-why-assigned = Given to you

desk-fact = Record a fact
desk-fact-hint = Some terms begin with something outside: only what is recorded starts their clock.
desk-fact-which = What happened
desk-fact-save = Record it
desk-fact-kept = Recorded; clocks that begin with it run now.
desk-fact-payment-stopped = a bank or the police stopped a payment
desk-fact-hold-began = an exchange, bank or issuer began a hold
desk-fact-police-reported = the police took the report
desk-fact-police-refused = the police wrote that they open no case
desk-loss-unknown = an unknown amount of
desk-problem-long = That is too long; please shorten it.
desk-role-agent = agents
desk-role-lead = leads
desk-role-complaints-officer = complaints officers
desk-role-outside = the authority outside
desk-address-mine = the reporter's
desk-address-theirs = theirs
desk-address-unknown = whose is unknown
keys-cases = Take, escalate or select a case
desk-unfreeze = End the freeze
desk-unfreeze-proof = What proves that it may end
desk-unfreeze-hint = How you know that this is the owner: what was shown, who called back on which number. It is kept with the case. Never ask for a recovery phrase or a code.
desk-power-freeze = Nobody can use the account until its time is over. It ends by itself, or earlier with proof.
desk-power-revoke-sessions = Everybody who is logged in to the account is logged out.
desk-power-refund = The firm's own money. Above your limit a second person has to agree.
desk-power-disclose = The case goes to an authority that asked for it. This puts leave on record; you hand it over.
desk-power-override = Sets a decision of somebody else aside. This puts leave and reason on record.
desk-powers-off = The operator's systems are not connected, so nothing can be frozen from here. Call the operator.
desk-close-waits = Closing takes a second person, who has been asked. Close it again once they have agreed.
desk-action-allowed = leave is on record
desk-action-waits = waits for a second person
desk-action-declined = a second person did not agree
