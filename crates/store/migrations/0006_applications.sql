-- Applications to be listed in the registry, and what watches over what is listed.

CREATE TABLE applications (
    id TEXT PRIMARY KEY,         -- becomes the identity's
    secret_hash BYTES NOT NULL,  -- of the applicant's link
    nonce TEXT NOT NULL,         -- what is shown in public to prove control; no secret
    contact TEXT NOT NULL,       -- where reminders go; may be empty
    stage TEXT NOT NULL,
    organisation TEXT NOT NULL,
    platform TEXT,
    account TEXT,
    record TEXT NOT NULL,        -- JSON, as `registry::vetting` writes it
    made BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    due BIGINT,                  -- when the clock has something to do with it
    reminded BIGINT,             -- for the term that ends at that time
    version BIGINT NOT NULL,     -- one more with each change
    UNIQUE (secret_hash)
) STRICT;
CREATE INDEX applications_stage ON applications (stage, changed);
CREATE INDEX applications_due ON applications (due) WHERE due IS NOT NULL;
CREATE INDEX applications_account ON applications (platform, account) WHERE account IS NOT NULL;

-- The last try at each way of proving control.
CREATE TABLE attempts (
    application TEXT NOT NULL,
    method TEXT NOT NULL,
    at BIGINT NOT NULL,
    outcome TEXT NOT NULL,       -- `proved`, `sent`, or why not
    code_hash BYTES,             -- of a code that was sent
    expires BIGINT,
    tries BIGINT NOT NULL,       -- wrong codes since it was sent
    PRIMARY KEY (application, method)
) STRICT;

-- What was seen when control was proved; the log has only its hash.
CREATE TABLE proofs (
    id IDENTITY,
    application TEXT NOT NULL,
    method TEXT NOT NULL,
    at BIGINT NOT NULL,
    seen BYTES NOT NULL
) STRICT;
CREATE INDEX proofs_application ON proofs (application, at);

CREATE TABLE objections (
    id IDENTITY,
    application TEXT NOT NULL,
    at BIGINT NOT NULL,
    said TEXT NOT NULL,
    contact TEXT NOT NULL,
    answered BIGINT,
    by_whom TEXT,
    answer TEXT
) STRICT;
CREATE INDEX objections_application ON objections (application, id);

CREATE TABLE alerts (
    id IDENTITY,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,         -- the identity or application
    at BIGINT NOT NULL,
    detail TEXT NOT NULL,        -- JSON
    seen BIGINT,
    seen_by TEXT
) STRICT;
CREATE INDEX alerts_open ON alerts (id) WHERE seen IS NULL;

-- Sessions that began with a passkey: only they vet.
CREATE TABLE passkey_sessions (
    token_hash BYTES PRIMARY KEY,
    at BIGINT NOT NULL
) STRICT;

-- How far the event log was read for nonces and changed profiles.
CREATE TABLE vetting_head (
    one BIGINT PRIMARY KEY,
    last BIGINT NOT NULL
) STRICT;
INSERT INTO vetting_head (one, last) SELECT 1, last FROM head;

-- only sqlite
CREATE TRIGGER proofs_are_never_changed BEFORE UPDATE ON proofs BEGIN SELECT RAISE(ABORT, 'what was seen stays'); END;
CREATE TRIGGER proofs_are_never_deleted BEFORE DELETE ON proofs BEGIN SELECT RAISE(ABORT, 'what was seen stays'); END;
-- end
-- only postgres
CREATE TRIGGER proofs_are_append_only BEFORE UPDATE OR DELETE ON proofs FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- end
