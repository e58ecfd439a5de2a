-- Actions on accounts: what is to be asked of the operator's systems, and what came of it.

-- One row an action. It is its own outbox: whoever finds `due` in the past looks at it.
CREATE TABLE actions (
    id TEXT PRIMARY KEY,         -- the key under which it is done once
    case_id BIGINT NOT NULL,
    reference TEXT NOT NULL,
    kind TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    second TEXT,                 -- login name of who agreed
    sealed BYTES NOT NULL,       -- account and reason
    mark BYTES NOT NULL,         -- keyed hash of the account
    requested BIGINT NOT NULL,
    lapses BIGINT,
    undoes TEXT UNIQUE,          -- a freeze ends once
    simulated BIGINT NOT NULL,
    state TEXT NOT NULL,
    since BIGINT NOT NULL,
    said TEXT NOT NULL,
    asks BIGINT NOT NULL,
    queries BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    call BIGINT,                 -- when the next call is
    paged BIGINT NOT NULL,
    due BIGINT,                  -- when to look at it next
    version BIGINT NOT NULL      -- grows with each change
) STRICT;
CREATE INDEX actions_due ON actions (due, id) WHERE due IS NOT NULL;
CREATE INDEX actions_case ON actions (case_id, requested);
CREATE INDEX actions_mark ON actions (mark, requested);
CREATE INDEX actions_state ON actions (state, simulated, since);

-- Every call, with what came of it.
CREATE TABLE action_deliveries (
    action TEXT NOT NULL,
    n BIGINT NOT NULL,           -- from 1
    at BIGINT NOT NULL,
    call TEXT NOT NULL,          -- ask or query
    outcome TEXT NOT NULL,       -- empty while it is under way, or if the process died
    PRIMARY KEY (action, n)
) STRICT, WITHOUT ROWID;

-- What one person asks for and another has to agree to. `state`: 0 waits, 1 agreed, 2 refused.
CREATE TABLE approvals (
    id IDENTITY,
    case_id BIGINT NOT NULL,
    reference TEXT NOT NULL,
    power TEXT NOT NULL,
    amount TEXT NOT NULL,        -- of a refund; else empty
    undoes TEXT,                 -- the freeze that is to end
    sealed BYTES NOT NULL,       -- account and reason
    simulated BIGINT NOT NULL,
    asked_by TEXT NOT NULL,      -- login name
    asked BIGINT NOT NULL,
    until_when BIGINT NOT NULL,
    state BIGINT NOT NULL,
    decided_by TEXT,
    decided BIGINT
) STRICT;
CREATE INDEX approvals_open ON approvals (state, until_when);
CREATE INDEX approvals_case ON approvals (case_id, id);
