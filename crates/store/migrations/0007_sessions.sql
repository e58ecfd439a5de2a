-- Live conversations, messages that were sent, agents and announcements.

-- A conversation that a user's own app began. `state`: 0 waits for an agent, 1 taken, 2 ended.
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    token_hash BYTES NOT NULL UNIQUE,
    user_id TEXT NOT NULL,       -- the operator's own, opaque
    inbox BYTES NOT NULL,
    case_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    user_nonce BYTES NOT NULL,
    phrase_zh TEXT NOT NULL,
    phrase_en TEXT NOT NULL,
    made_by TEXT NOT NULL,       -- the API key
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    state BIGINT NOT NULL,
    holder TEXT,                 -- login name
    agent TEXT,                  -- pseudonym
    taken BIGINT,
    agent_key TEXT,              -- JSON: text and signature
    proof TEXT,                  -- JSON: text and signature
    ended BIGINT,
    ended_by TEXT,
    reason TEXT
) STRICT;
CREATE INDEX conversations_open ON conversations (state, created) WHERE state <> 2;
CREATE INDEX conversations_expired ON conversations (expires);

-- The inbox of each user: what was sent, as a hash in a signed text. Never changed.
CREATE TABLE sent_messages (
    inbox BYTES NOT NULL,
    n BIGINT NOT NULL,
    conversation TEXT NOT NULL,
    at BIGINT NOT NULL,
    text TEXT NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (inbox, n)
) STRICT, WITHOUT ROWID;

-- As which listed agent a member of staff talks to users.
CREATE TABLE agents (
    staff BIGINT PRIMARY KEY,
    agent TEXT NOT NULL UNIQUE,
    by_whom TEXT NOT NULL,
    at BIGINT NOT NULL
) STRICT;

-- `state`: 0 draft, 1 published, 2 withdrawn, 3 dropped.
CREATE TABLE announcements (
    id TEXT PRIMARY KEY,
    severity TEXT NOT NULL,
    organisation TEXT NOT NULL,
    title_zh TEXT NOT NULL,
    title_en TEXT NOT NULL,
    text_zh TEXT NOT NULL,
    text_en TEXT NOT NULL,
    until_when BIGINT,
    made_by TEXT NOT NULL,
    made BIGINT NOT NULL,
    state BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    log_index BIGINT
) STRICT;
CREATE INDEX announcements_state ON announcements (state, changed);

CREATE TABLE announcement_approvals (
    announcement TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (announcement, by_whom)
) STRICT, WITHOUT ROWID;
