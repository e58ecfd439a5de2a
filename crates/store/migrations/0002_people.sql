-- Reviews, staff, keys, policies and the audit trail.

-- What people say about an event. `state`: 0 open, 1 decided, 2 escalated.
CREATE TABLE reviews (
    seq BIGINT PRIMARY KEY,
    opened BIGINT NOT NULL,
    score BIGINT NOT NULL,
    state BIGINT NOT NULL,
    label BIGINT,                -- 1 fraud, 0 benign
    act BIGINT,                  -- the act in force
    holder TEXT,
    held_until BIGINT
) STRICT;
CREATE INDEX reviews_open ON reviews (state, score, seq) WHERE state <> 1;
CREATE INDEX reviews_label ON reviews (label, seq) WHERE label IS NOT NULL;

-- One act of one person on one or many events. Never changed, never deleted.
CREATE TABLE acts (
    id IDENTITY,
    ruling BIGINT NOT NULL,      -- 0 confirm, 1 overturn, 2 escalate, 3 undo
    by_whom TEXT NOT NULL,
    at BIGINT NOT NULL,
    note TEXT NOT NULL,
    undoes BIGINT
) STRICT;
CREATE UNIQUE INDEX acts_undone_once ON acts (undoes) WHERE undoes IS NOT NULL;

CREATE TABLE act_events (
    act BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    state BIGINT NOT NULL,       -- after the act
    label BIGINT,
    PRIMARY KEY (act, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX act_events_seq ON act_events (seq, act);

CREATE TABLE staff (
    id IDENTITY,
    login TEXT NOT NULL UNIQUE,  -- lower case
    name TEXT NOT NULL,
    roles TEXT NOT NULL,         -- separated by spaces
    language TEXT NOT NULL,
    created BIGINT NOT NULL,
    disabled BIGINT
) STRICT;

CREATE TABLE credentials (
    id IDENTITY,
    staff BIGINT NOT NULL,
    kind TEXT NOT NULL,          -- password, totp, passkey
    name TEXT NOT NULL,
    secret TEXT NOT NULL,        -- a hash, or the state of a second factor as JSON
    created BIGINT NOT NULL,
    last_used BIGINT,
    revoked BIGINT
) STRICT;
CREATE INDEX credentials_staff ON credentials (staff);

CREATE TABLE sessions (
    token_hash BYTES PRIMARY KEY,
    staff BIGINT NOT NULL,
    created BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    revoked BIGINT
) STRICT;
CREATE INDEX sessions_staff ON sessions (staff);

CREATE TABLE invitations (
    token_hash BYTES PRIMARY KEY,
    roles TEXT NOT NULL,
    made_by TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used BIGINT
) STRICT;

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,         -- the public part of the key
    secret_hash BYTES NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    made_by TEXT NOT NULL,
    created BIGINT NOT NULL,
    last_used BIGINT,
    revoked BIGINT
) STRICT;

CREATE TABLE throttle (
    subject TEXT PRIMARY KEY,    -- account:… or address:…
    failures BIGINT NOT NULL,
    last_failure BIGINT NOT NULL
) STRICT;

CREATE TABLE policy_versions (
    hash TEXT PRIMARY KEY,
    files TEXT NOT NULL,         -- JSON: [[path, text], …]
    note TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    at BIGINT NOT NULL
) STRICT;

CREATE TABLE policy_changes (
    id IDENTITY,
    hash TEXT NOT NULL,
    status TEXT NOT NULL,        -- live, candidate, withdrawn
    by_whom TEXT NOT NULL,
    at BIGINT NOT NULL
) STRICT;

CREATE TABLE audit (
    n BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    act TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous BYTES NOT NULL,
    hash BYTES NOT NULL
) STRICT;

-- only sqlite
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER acts_are_never_changed BEFORE UPDATE ON acts BEGIN SELECT RAISE(ABORT, 'acts are append-only'); END;
CREATE TRIGGER acts_are_never_deleted BEFORE DELETE ON acts BEGIN SELECT RAISE(ABORT, 'acts are append-only'); END;
-- end
-- only postgres
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER acts_are_append_only BEFORE UPDATE OR DELETE ON acts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER acts_are_not_emptied BEFORE TRUNCATE ON acts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- end
