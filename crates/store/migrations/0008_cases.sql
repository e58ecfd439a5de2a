-- Cases: who looks after what, by when; what was said and done; who is there to do it.

-- One row a case, with what it is looked for by. What the victim said is sealed, elsewhere.
CREATE TABLE cases (
    id IDENTITY,
    reference TEXT NOT NULL UNIQUE,
    version BIGINT NOT NULL,     -- grows with each change
    kind TEXT NOT NULL,
    rank BIGINT NOT NULL,        -- by harm: 0 critical, 1 high, 2 normal, 3 low
    score BIGINT NOT NULL,
    level BIGINT NOT NULL,       -- 0 agent, 1 lead, 2 complaints officer, 3 outside
    owner TEXT,                  -- login name; nobody: everybody on duty at the level
    next_task TEXT,
    next_by BIGINT,              -- when the next step must be done
    due BIGINT,                  -- when to look again if nothing happens
    language TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    chains TEXT NOT NULL,        -- each with a space before and behind
    channel TEXT NOT NULL,
    user_ref TEXT,               -- the operator's own id of the user, vouched for by its key
    opened BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    answered BIGINT,             -- by a person, the first time
    closed BIGINT,
    outcome TEXT,
    entries BIGINT NOT NULL,     -- in the timeline so far
    files BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL, -- of what was told; 0: too short to have one
    link_hash BYTES NOT NULL UNIQUE,
    status_hash BYTES NOT NULL UNIQUE,
    state BYTES NOT NULL         -- the engine's own form of it
) STRICT;
CREATE INDEX cases_queue ON cases (rank, next_by, id) WHERE closed IS NULL;
CREATE INDEX cases_overdue ON cases (next_by, id) WHERE closed IS NULL;
CREATE INDEX cases_owned ON cases (owner, rank, next_by, id) WHERE closed IS NULL;
CREATE INDEX cases_level ON cases (level, rank, next_by, id) WHERE closed IS NULL;
CREATE INDEX cases_due ON cases (due, id) WHERE due IS NOT NULL;
CREATE INDEX cases_closed ON cases (closed, id) WHERE closed IS NOT NULL;
CREATE INDEX cases_opened ON cases (opened, id);
CREATE INDEX cases_user ON cases (user_ref, id) WHERE user_ref IS NOT NULL;

-- What the victim told, sealed. Apart, so that a case that moves does not carry it along.
CREATE TABLE case_reports (
    case_id BIGINT PRIMARY KEY,
    report BYTES NOT NULL
) STRICT;

-- The timeline. Never changed, never deleted.
CREATE TABLE case_entries (
    case_id BIGINT NOT NULL,
    n BIGINT NOT NULL,           -- from 1 without gaps
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    by_kind TEXT NOT NULL,       -- victim, staff, system, key
    by_whom TEXT NOT NULL,       -- login name, or the public part of a key
    by_name TEXT NOT NULL,       -- the name under which the victim knows them
    by_role TEXT NOT NULL,
    text BYTES,                  -- sealed
    detail TEXT NOT NULL,        -- JSON; nothing that somebody wrote
    visible BIGINT NOT NULL,     -- to the victim
    PRIMARY KEY (case_id, n)
) STRICT, WITHOUT ROWID;

-- What makes two cases kin: suspects, addresses, transactions, texts; as keyed hashes.
CREATE TABLE case_marks (
    mark BYTES NOT NULL,
    case_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (mark, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_marks_of ON case_marks (case_id);

CREATE TABLE case_files (
    case_id BIGINT NOT NULL,
    n BIGINT NOT NULL,           -- from 1 without gaps
    at BIGINT NOT NULL,
    by_kind TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    name BYTES NOT NULL,         -- sealed
    kind TEXT NOT NULL,          -- media type, by what is in it
    size BIGINT NOT NULL,
    hash BYTES NOT NULL,         -- SHA-256 of what came in
    visible BIGINT NOT NULL,
    PRIMARY KEY (case_id, n)
) STRICT;
CREATE TABLE case_file_bodies (
    case_id BIGINT NOT NULL,
    n BIGINT NOT NULL,
    body BYTES NOT NULL,         -- sealed
    PRIMARY KEY (case_id, n)
) STRICT;

-- Each clock that ran out, for the statistics. Never changed, never deleted.
CREATE TABLE case_breaches (
    id IDENTITY,
    case_id BIGINT NOT NULL,
    rule TEXT NOT NULL,
    whose TEXT NOT NULL,         -- ours, firm
    kind TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    level BIGINT NOT NULL,
    at BIGINT NOT NULL
) STRICT;
CREATE INDEX case_breaches_at ON case_breaches (at);
CREATE INDEX case_breaches_of ON case_breaches (case_id);

-- The steps of the plan that the victim ticked, or of the playbook that staff did.
CREATE TABLE case_steps (
    case_id BIGINT NOT NULL,
    step TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_kind TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    PRIMARY KEY (case_id, step)
) STRICT;

-- Calls to whoever is on duty at a level, until somebody has seen them.
CREATE TABLE duty_pages (
    id IDENTITY,
    case_id BIGINT NOT NULL,
    reference TEXT NOT NULL,
    level BIGINT NOT NULL,
    to_whom TEXT,                -- login name; nobody: everybody at the level
    why TEXT NOT NULL,           -- new, warned, breached, lapsed, escalated, written, no_date, action
    detail TEXT NOT NULL,
    at BIGINT NOT NULL,
    seen BIGINT,
    seen_by TEXT
) STRICT;
CREATE INDEX duty_pages_open ON duty_pages (level, id) WHERE seen IS NULL;
CREATE INDEX duty_pages_of ON duty_pages (case_id) WHERE seen IS NULL;

CREATE TABLE staff_skills (
    staff BIGINT NOT NULL,
    skill TEXT NOT NULL,
    PRIMARY KEY (staff, skill)
) STRICT;
CREATE TABLE staff_duty (
    staff BIGINT PRIMARY KEY,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL
) STRICT;

-- By which key the sealed columns were sealed.
CREATE TABLE vault (
    one BIGINT PRIMARY KEY,
    fingerprint BYTES NOT NULL,
    made BIGINT NOT NULL
) STRICT;

-- only sqlite
CREATE TRIGGER case_entries_are_never_changed BEFORE UPDATE ON case_entries BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;
CREATE TRIGGER case_entries_are_never_deleted BEFORE DELETE ON case_entries BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;
CREATE TRIGGER case_breaches_are_never_changed BEFORE UPDATE ON case_breaches BEGIN SELECT RAISE(ABORT, 'breaches are append-only'); END;
CREATE TRIGGER case_breaches_are_never_deleted BEFORE DELETE ON case_breaches BEGIN SELECT RAISE(ABORT, 'breaches are append-only'); END;
-- end
-- only postgres
CREATE TRIGGER case_entries_are_append_only BEFORE UPDATE OR DELETE ON case_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_entries_are_not_emptied BEFORE TRUNCATE ON case_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_breaches_are_append_only BEFORE UPDATE OR DELETE ON case_breaches FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_breaches_are_not_emptied BEFORE TRUNCATE ON case_breaches FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- end
