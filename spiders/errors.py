"""Why a page gives no record, named by what to do about it."""

from typing import ClassVar


class PageError(Exception):
    """A page that cannot be read. `kind` is counted in `fetches.page_kind`."""

    kind: ClassVar[str] = "unreadable"

    def __init__(self, message: str, *, kind: str | None = None):
        super().__init__(message)
        self.kind = kind or type(self).kind


class NotAnArticle(PageError):
    """A sound page of another kind (the site's home, a shop, a file): skip it.

    Kinds: not_an_article, wrong_type, other_host, home.
    """

    kind = "not_an_article"


class PageIncomplete(PageError):
    """The page is of the right kind but broken off or empty: ask again later.

    Kinds: incomplete, cut_off, empty_shell, soft_error, server_error, too_large.
    """

    kind = "incomplete"


class LayoutUnknown(PageError):
    """The page answers as it should, and the reader does not know its shape: mend the site file."""

    kind = "layout_unknown"


class Blocked(PageError):
    """A challenge, a login, a 403 or 429: stop asking.

    Kinds: blocked, challenge.
    """

    kind = "blocked"
