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
webhooks-lead = These addresses are told of every change of who is official. Each message is signed (Standard Webhooks).
webhook-secret = Signing secret
webhook-secret-once = This is the signing secret. It is shown this once; give it to whoever receives.
webhooks-empty-title = Nobody is told yet
webhooks-empty = Add an address, and it is told of every change.
webhook-url = Address
webhook-follows = Organisation followed
webhook-follows-hint = The short name of an organisation: only what concerns it is sent, and an alert when somebody applies for something like it. Empty: every change.
webhook-everything = Every change
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
