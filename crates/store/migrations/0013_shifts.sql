-- How many agents are planned, and what it takes to count reports by the hour.

-- A row an hour of a day: `day` is `mon` to `sun` for every week, or a date, which goes first.
CREATE TABLE shifts (
    day TEXT NOT NULL,
    hour BIGINT NOT NULL,        -- 0 to 23, at the desk's clock
    agents BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (day, hour)
) STRICT, WITHOUT ROWID;

-- Twelve weeks of a large desk are counted from the index alone.
CREATE INDEX cases_arrivals ON cases (opened, kind);
