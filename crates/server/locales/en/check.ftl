# The check page and its answers.
ask-title = Is this really support?
ask-lead = Somebody says they are support? Paste their name, account, link, number, address or message.
ask-label = What you received
ask-placeholder = @name, a link, a phone number, or the whole message
ask-ask = Check
ask-file = Or an app's file; it stays on this device, only its fingerprint is looked up:
ask-file-large = This file is larger than 1 GiB.
ask-private = No account needed. What you ask is not kept. Never paste recovery words or codes.
ask-empty = Paste something to check first.
ask-too-long = That is too long. Paste only the part in question.
ask-busy =
    { $n ->
        [one] Many questions came from your network. Please wait a second.
       *[other] Many questions came from your network. Please wait { $n } seconds.
    }
ask-broken = Something went wrong on our side. Please try again.
ask-word-listed = Listed
ask-word-name = A name only
ask-word-contradicted = Not official
ask-word-revoked = No longer official
ask-word-unknown = Unknown
ask-kind-name = name
ask-kind-handle = account
ask-kind-link = link
ask-kind-domain = domain
ask-kind-email = mail address
ask-kind-phone = phone number
ask-kind-address = address
ask-kind-app = app
ask-kind-hash = file or certificate
ask-comma = ,{" "}
ask-purposes = For
ask-role = Role
ask-languages = Languages
ask-platform = On
ask-since = Listed since
ask-until = Until
ask-ended = Ended
ask-newest-safe = Newest version without known faults
ask-log-index = Entry in the signed log
ask-drawing = Above: the official one. Below: what you asked about. What differs is marked.
ask-more =
    { $n ->
        [one] One more thing in it was not looked up.
       *[other] { $n } more things in it were not looked up.
    }
ask-tricks = It is written with characters that are hidden or pretend to be others, so that it reads as something else.
ask-signs = What else stands out
ask-way-in = The real way in to { $name }
ask-never = What { $name } never does
ask-no-way = Open the app you already use, or type the address you know. Do not follow the message.
ask-no-script = Without scripts this page works too, but it cannot check the signed list in your browser.
ask-about = What is Touchstone?
kept-ready = This browser keeps the signed list of %date (%n entries), has checked it against the public log, and can look things up in it without a network.
kept-stale = The kept list is older than a day: newer entries and withdrawals are missing from it.
kept-unsupported = This browser cannot check Ed25519 signatures, so the answers here are the server's word alone.
kept-refused = The list offered by the server could not be verified. The last good one stays in use.
kept-older = The server offered an older list than this browser has seen. The newer one stays in use.
kept-keys-changed = The keys of the log are not the ones this browser knows, and no key it knows vouches for them. Be careful, and ask the operator in another way.
kept-none = There is no network, and no list is kept in this browser yet. Nothing can be looked up now; until it can, do nothing the message asks for.
kept-offline = No network: looked up in the list kept in this browser.
kept-advice = Offline only exact matches are found: imitations and requests in a message are checked online only.|Not found does not mean fake, and listed does not say who is talking to you now.|Whoever it is: do not tell them a recovery phrase, private key, password or code.
kept-proven = Checked by this browser itself: entry %n of the signed log, list of %date.
kept-denied = This browser's own signed list does not have it. Do not rely on this answer.
kept-word-listed = Listed
kept-word-name = A name only
kept-word-revoked = No longer official
kept-word-unknown = Unknown
kept-listed = It is on the list and belongs to %name.
kept-name = %name uses this name. Anyone can take a name: check the account behind it.
kept-ended = It was official for %name and no longer is.
kept-not-found = It is not on the list.
kept-way-in = The real way in to %name
