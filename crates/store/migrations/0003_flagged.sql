-- What is flagged, in the order of the log: for lists of several decisions at once.
CREATE INDEX events_flagged ON events (seq) WHERE decision > 0;

-- The queue in its order: the worst first, then the oldest.
DROP INDEX reviews_open;
CREATE INDEX reviews_open ON reviews (state, score DESC, seq) WHERE state <> 1;
