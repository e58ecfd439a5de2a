-- Files that somebody uploaded before the report was sent. They lapse; nothing else is kept of
-- a report that was not sent.

CREATE TABLE case_drafts (
    draft BYTES PRIMARY KEY,     -- hash of the form's token
    lapses BIGINT NOT NULL,
    files BIGINT NOT NULL,
    size BIGINT NOT NULL         -- bytes, as they came
) STRICT, WITHOUT ROWID;
CREATE INDEX case_drafts_lapse ON case_drafts (lapses);

CREATE TABLE case_draft_files (
    draft BYTES NOT NULL,
    file TEXT NOT NULL,          -- a name of our own
    at BIGINT NOT NULL,
    size BIGINT NOT NULL,
    name BYTES NOT NULL,         -- sealed
    content BYTES NOT NULL,      -- sealed
    PRIMARY KEY (draft, file)
) STRICT;
