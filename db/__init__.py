"""What we remember: one SQLite file, its writers and its readers."""
