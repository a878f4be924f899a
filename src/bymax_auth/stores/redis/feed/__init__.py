"""The revocation feed: what was revoked lately, kept in the memory of each process."""
