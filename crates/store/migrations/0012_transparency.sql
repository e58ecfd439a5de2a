-- What is published is counted by when it happened.
CREATE INDEX cases_answered ON cases (answered, opened) WHERE answered IS NOT NULL;
CREATE INDEX case_entries_published ON case_entries (kind, at) WHERE kind IN ('closed', 'packet_sent');
CREATE INDEX actions_frozen ON actions (requested) WHERE kind = 'freeze';
