# Live conversations, message proofs, announcements.
