"""Builders of evidence: one article whose text was read on a day, with all that speaks for it."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from builders import NOW, article, version
from reports.evidence import Evidence
from tracker.standing import Standing

DAY = timedelta(days=1)
HTML = b"<html><title>Fees</title>\r\n<p>The fee is 0.10%.</p></html>"


@dataclass(frozen=True)
class Page:
    """A stored page as the database gives it."""

    body: bytes = HTML
    url: str = "https://help.example/help/article-1"
    fetched_at: datetime = NOW
    http_status: int | None = 200
    content_type: str | None = "text/html; charset=utf-8"
    etag: str | None = '"abc"'
    last_modified: str | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True)
class Reading:
    fetched_at: datetime
    version_id: int | None = None
    page_kind: str = "gone"
    status: int | None = 404


def evidence(page: Page | None = Page(), title: str = "Fees", **facts: Any) -> Evidence:
    """Read on NOW, asked for a day later; nothing read since, unless `facts` of Standing say so."""
    first = version(
        title=title,
        body="The fee is 0.10%.\n",
        captured_at=NOW,
        snapshot_sha256=page and page.sha256,
        chain_sha256="c" * 64,
    )
    return Evidence(
        site="demo",
        base_url="https://help.example",
        state=article(title=title),
        standing=Standing(
            **{
                "at": NOW + DAY,
                "version": first,
                "version_count": 1,
                "confirmed_before": (),
                "confirmed_after": (),
                "next_version": None,
                "other_answers": (),
            }
            | facts
        ),
        page=page,
        recorded_until=NOW + 9 * DAY,
    )


SECOND = replace(version(2, number=2), captured_at=NOW + 5 * DAY)
