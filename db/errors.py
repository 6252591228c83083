"""Why the database cannot be used. The message says what was found and what to do."""


class DatabaseUnusable(Exception):
    """Not ours, damaged, locked, read-only, full or of a newer helpwatch."""


class NotInDatabase(LookupError):
    """An article, a version or a crawl that was asked for is not there."""
