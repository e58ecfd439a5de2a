-- The registry's signed log, and whom to tell of what is new in it.

-- The leaves, in the order of the log. Never changed, never deleted.
CREATE TABLE log_entries (
    place BIGINT PRIMARY KEY,    -- from 0 without gaps
    at BIGINT NOT NULL,          -- microseconds since 1970
    about TEXT NOT NULL,         -- the identity or organisation that it speaks of; empty: of none
    leaf BYTES NOT NULL
) STRICT;
CREATE INDEX log_entries_about ON log_entries (about, place) WHERE about <> '';

-- The hashes of the tree, 256 at most in a row. A row only grows at its end.
CREATE TABLE log_tiles (
    level BIGINT NOT NULL,
    place BIGINT NOT NULL,
    hashes BYTES NOT NULL,
    PRIMARY KEY (level, place)
) STRICT;

-- Each signed statement of how large the log is. Witnesses add signatures to the text later.
CREATE TABLE log_checkpoints (
    size BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    note TEXT NOT NULL
) STRICT;

-- The whole registry as one file: only the newest.
CREATE TABLE log_snapshot (
    one BIGINT PRIMARY KEY,
    entries BIGINT NOT NULL,     -- how many leaves it is made of
    statement BIGINT NOT NULL,   -- place of the leaf that vouches for it
    at BIGINT NOT NULL,
    bytes BYTES NOT NULL
) STRICT;

CREATE TABLE subscriptions (
    id IDENTITY,
    url TEXT NOT NULL,
    secret BYTES NOT NULL,       -- what deliveries are signed with
    follows TEXT NOT NULL,       -- id of an organisation; empty: every statement
    made_by TEXT NOT NULL,
    created BIGINT NOT NULL,
    ended BIGINT
) STRICT;

-- What is to be told to one subscriber. `state`: 0 waits, 1 delivered, 2 given up.
CREATE TABLE deliveries (
    id IDENTITY,
    subscription BIGINT NOT NULL,
    message TEXT NOT NULL,       -- the same for every subscriber and every attempt
    body TEXT NOT NULL,
    created BIGINT NOT NULL,
    due BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    state BIGINT NOT NULL,
    outcome TEXT NOT NULL,       -- of the last attempt
    UNIQUE (subscription, message)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (due) WHERE state = 0;
CREATE INDEX deliveries_state ON deliveries (state, id);

-- only sqlite
CREATE TRIGGER log_entries_are_never_changed BEFORE UPDATE ON log_entries BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_entries_are_never_deleted BEFORE DELETE ON log_entries BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_tiles_only_grow BEFORE UPDATE ON log_tiles
WHEN NEW.level <> OLD.level OR NEW.place <> OLD.place OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes
BEGIN SELECT RAISE(ABORT, 'a tile only grows'); END;
CREATE TRIGGER log_tiles_are_never_deleted BEFORE DELETE ON log_tiles BEGIN SELECT RAISE(ABORT, 'a tile only grows'); END;
CREATE TRIGGER log_checkpoints_stay BEFORE DELETE ON log_checkpoints BEGIN SELECT RAISE(ABORT, 'a checkpoint stays'); END;
-- end
-- only postgres
CREATE FUNCTION refuse_shrinking() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.level <> OLD.level OR NEW.place <> OLD.place OR substring(NEW.hashes FROM 1 FOR length(OLD.hashes)) <> OLD.hashes THEN
        RAISE EXCEPTION 'a tile only grows' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER log_entries_are_append_only BEFORE UPDATE OR DELETE ON log_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_entries_are_not_emptied BEFORE TRUNCATE ON log_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_tiles_only_grow BEFORE UPDATE ON log_tiles FOR EACH ROW EXECUTE FUNCTION refuse_shrinking();
CREATE TRIGGER log_tiles_are_never_deleted BEFORE DELETE ON log_tiles FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_tiles_are_not_emptied BEFORE TRUNCATE ON log_tiles FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_checkpoints_stay BEFORE DELETE ON log_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- end
