"""Raw bodies by SHA-256 with an append-only manifest; never edited."""
