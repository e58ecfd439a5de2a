-- The queue by what is rare: each filter of the desk has a walk of its own, in the order of the queue.
CREATE INDEX cases_kind ON cases (kind, rank, next_by, id) WHERE closed IS NULL;
CREATE INDEX cases_language ON cases (language, rank, next_by, id) WHERE closed IS NULL;
CREATE INDEX cases_jurisdiction ON cases (jurisdiction, rank, next_by, id) WHERE closed IS NULL;

-- A case may be about several chains: a row each, with its place in the queue.
CREATE TABLE case_chains (
    case_id BIGINT NOT NULL,
    chain TEXT NOT NULL,
    chain_rank BIGINT NOT NULL,
    chain_by BIGINT,             -- when the next step must be done; NULL once the case is closed
    PRIMARY KEY (case_id, chain)
) STRICT;
CREATE INDEX case_chains_queue ON case_chains (chain, chain_rank, chain_by, case_id) WHERE chain_by IS NOT NULL;

-- only sqlite
INSERT INTO case_chains (case_id, chain, chain_rank, chain_by)
WITH RECURSIVE part (id, chain, rest, rank, next_by) AS (
    SELECT id, '', trim(chains) || ' ', rank, next_by FROM cases WHERE trim(chains) <> ''
    UNION ALL
    SELECT id, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1), rank, next_by FROM part WHERE rest <> ''
)
SELECT DISTINCT id, chain, rank, next_by FROM part WHERE chain <> '';
-- end
-- only postgres
INSERT INTO case_chains (case_id, chain, chain_rank, chain_by)
SELECT DISTINCT id, chain, rank, next_by FROM cases, regexp_split_to_table(trim(chains), ' +') AS chain WHERE chain <> '';
-- end

-- Nothing asks by these any more: reports are counted along `cases_arrivals`.
DROP INDEX cases_opened;
DROP INDEX cases_user;

-- Actions by state, and trials in any.
CREATE INDEX actions_trials ON actions (since) WHERE simulated = 1;
