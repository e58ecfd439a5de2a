//! What is being asked of the user? Phrases, tactics, secrets and near-duplicates.
