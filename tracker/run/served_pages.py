"""Our own pages in Datasette: the home page, and one page for each article."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Request, Response
from markupsafe import Markup

from db.connection import connect_for_reading
from db.errors import NotInDatabase
from reports import article_page, home_page
from reports.webpage import article_path
from tracker.run import browsing
from tracker.run.config import Config

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


class ServedPages:
    """A plugin of Datasette; the routes of plugins come before its own."""

    def __init__(self, config: Config) -> None:
        self._config = config
        # Datasette expects modules for plugins, and lists them by their name.
        self.__name__ = "helpwatch"

    @hookimpl
    def register_routes(self) -> list[tuple[str, Callable[..., Any]]]:
        # Datasette looks at the names of a function's arguments, and takes functions alone.
        async def home(request: Request) -> Response:
            return await self._answer(self._home, request.args.get("site"))

        async def article(request: Request) -> Response:
            return await self._answer(self._article, int(request.url_vars["article_id"]))

        return [(r"^/$", home), (r"^/-/article/(?P<article_id>[0-9]{1,18})$", article)]

    @hookimpl
    def render_cell(self, value: Any, column: str, table: str | None) -> Markup | None:
        """The number of an article leads to its page, in every table, view and answer."""
        is_one = column == "article_id" or (table, column) == ("current_articles", "id")
        if not is_one or not isinstance(value, int):
            return None
        return Markup('<a href="{}">{}</a>').format(article_path(value), value)

    def _home(self, connection: sqlite3.Connection, site: str | None) -> str:
        return home_page.render(browsing.home(connection, self._config, site))

    def _article(self, connection: sqlite3.Connection, article_id: int) -> str:
        return article_page.render(browsing.history(connection, self._config, article_id))

    async def _answer(self, render: Callable[..., str], asked: Any) -> Response:
        """What it renders, in a thread of its own: others are answered meanwhile."""

        def made() -> str:
            with closing(connect_for_reading(self._config.database)) as connection:
                return render(connection, asked)

        try:
            html = await asyncio.to_thread(made)
        except NotInDatabase as error:
            # Datasette's own NotFound would lead from "/" to "/" again.
            return Response.text(f"{error}\n", status=404, headers=_HEADERS)
        return Response.html(html, headers=_HEADERS)
