-- The event log with its verdicts, and what makes it searchable.
-- Words replaced for each engine: see `migrate.rs`.

CREATE TABLE events (
    seq BIGINT PRIMARY KEY,      -- total order, without gaps when written
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    time BIGINT NOT NULL,        -- microseconds since 1970, by the platform's clock
    received BIGINT NOT NULL,    -- microseconds since 1970, by ours
    actor TEXT,
    user_id TEXT,
    conversation TEXT,
    campaign TEXT,
    decision BIGINT,             -- 0 allow, 1 warn, 2 hold, 3 block; none: not screened
    score BIGINT NOT NULL,
    raw BYTES NOT NULL,
    verdict BYTES,
    UNIQUE (source, id)
) STRICT;
CREATE INDEX events_actor ON events (actor, seq) WHERE actor IS NOT NULL;
CREATE INDEX events_user ON events (user_id, seq) WHERE user_id IS NOT NULL;
CREATE INDEX events_conversation ON events (conversation, seq) WHERE conversation IS NOT NULL;
CREATE INDEX events_campaign ON events (campaign, seq) WHERE campaign IS NOT NULL;
CREATE INDEX events_decision ON events (decision, seq) WHERE decision > 0;

-- The last seq ever given: retention may delete the event that has it.
CREATE TABLE head (
    one BIGINT PRIMARY KEY,
    last BIGINT NOT NULL
) STRICT;
INSERT INTO head (one, last) VALUES (1, 0);

CREATE TABLE findings (
    name TEXT NOT NULL,
    seq BIGINT NOT NULL,
    shadow BIGINT NOT NULL,      -- 1: the rule only watched
    PRIMARY KEY (name, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_seq ON findings (seq);

CREATE TABLE entities (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (kind, value, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX entities_seq ON entities (seq);

CREATE TABLE texts (
    seq BIGINT PRIMARY KEY,
    body TEXT NOT NULL           -- lower case; only of events with a finding
) STRICT;

-- One row an hour: a time range becomes a range of seq, and charts need no scan.
CREATE TABLE hours (
    hour BIGINT PRIMARY KEY,     -- whole hours since 1970, of `received`
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    unscreened BIGINT NOT NULL,
    allowed BIGINT NOT NULL,
    warned BIGINT NOT NULL,
    held BIGINT NOT NULL,
    blocked BIGINT NOT NULL
) STRICT;

CREATE TABLE hits (
    name TEXT NOT NULL,
    shadow BIGINT NOT NULL,      -- 1: the rule only watched
    hour BIGINT NOT NULL,
    events BIGINT NOT NULL,
    PRIMARY KEY (name, shadow, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE campaigns (
    id TEXT PRIMARY KEY,
    first_seq BIGINT NOT NULL,   -- also the sample
    last_seq BIGINT NOT NULL,
    first_time BIGINT NOT NULL,
    last_time BIGINT NOT NULL,
    events BIGINT NOT NULL
) STRICT;
CREATE INDEX campaigns_last ON campaigns (last_seq);

CREATE TABLE snapshots (
    seq BIGINT NOT NULL,
    features TEXT NOT NULL,      -- hash of the features the memory was kept for
    taken BIGINT NOT NULL,
    bytes BYTES NOT NULL,
    PRIMARY KEY (features, seq)
) STRICT;

-- only sqlite
CREATE VIRTUAL TABLE texts_index USING fts5(body, content='texts', content_rowid='seq', tokenize='trigram', detail='full');
-- end
