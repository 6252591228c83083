"""What a page said on a date, told so that a reviewer can rely on it: text, Markdown and JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from db.moments import to_text
from db.records import ArticleState, Version
from reports import wording
from reports.data import to_json
from reports.safe_text import markdown_code, markdown_line, one_line, visible
from tracker.standing import Standing

SCHEMA = "helpwatch.evidence/1"
"""The number grows when a field changes its meaning or goes; new fields may join without."""

_INSTANTS_NAMED = 4


class StoredPage(Protocol):
    """The bytes that a version was read from, with what is kept of the server's answer."""

    sha256: str
    url: str
    fetched_at: datetime
    http_status: int | None
    content_type: str | None
    etag: str | None
    last_modified: str | None
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One article at one instant, with all that speaks for its text."""

    site: str
    base_url: str
    state: ArticleState
    """What was known of the article at that instant."""
    standing: Standing
    page: StoredPage | None
    """None where the bytes are not kept."""
    recorded_until: datetime
    """The last thing on record for the site: later readings are not known."""

    @property
    def version(self) -> Version:
        return self.standing.version


# -- the statement, sentence by sentence --------------------------------------------------------


def sentences(evidence: Evidence) -> list[str]:
    """When the text was read and confirmed, and what follows for the instant asked for."""
    standing = evidence.standing
    said = [
        f"helpwatch read this text (version {standing.version.number} of "
        f"{standing.version_count}) on {_when(standing.version.captured_at)}."
    ]
    if standing.confirmed_before:
        said.append(f"It read the same text again on {_instants(standing.confirmed_before)}.")
    said.append(_conclusion(evidence))
    if standing.confirmed_after and standing.next_version:
        last = _when(standing.confirmed_after[-1])
        said.append(f"The text was last confirmed on {last}. {_otherwise(standing.next_version)}")
    if standing.other_answers:
        said.append(_other_answers(standing))
    said.append(
        "A page is read now and then: a text that stood only between two readings is not seen."
    )
    return said


def _conclusion(evidence: Evidence) -> str:
    standing = evidence.standing
    at, before = _when(standing.at), _when(standing.last_read_before_at)
    if standing.last_read_before_at == standing.at:
        return f"It was read at the very instant asked for, {at}."
    if standing.confirmed_after:
        return (
            f"The instant asked for, {at}, lies between two readings that showed the same text: "
            f"{before} and {_instants(standing.confirmed_after)}."
        )
    if standing.next_version:
        return (
            f"Before the instant asked for, {at}, it was last read on {before}. "
            f"{_otherwise(standing.next_version)}"
        )
    return (
        f"Before the instant asked for, {at}, it was last read on {before}; no later reading is "
        f"on record (the records end on {_when(evidence.recorded_until)})."
    )


def _otherwise(following: Version) -> str:
    return (
        f"When next read, on {_when(following.captured_at)}, the page showed another text or "
        f"title (version {following.number}): the change came between these two readings."
    )


def _other_answers(standing: Standing) -> str:
    """Requests that gave no text: they neither confirm nor deny."""
    kinds = sorted({reading.page_kind for reading in standing.other_answers})
    asked = wording.count(len(standing.other_answers), "request")
    instants = _instants([reading.fetched_at for reading in standing.other_answers])
    return f"{asked} in this time gave no text ({wording.listed(kinds)}): {instants}."


def _instants(instants: Sequence[datetime]) -> str:
    """All of a few; the first, the last and the number of many."""
    if len(instants) <= _INSTANTS_NAMED:
        return wording.listed([_when(instant) for instant in instants])
    number = wording.count(len(instants), "reading")
    return f"{number} from {_when(instants[0])} to {_when(instants[-1])}"


def _when(instant: datetime) -> str:
    """To the second: whoever checks it must find it in the records."""
    return f"{wording.day(instant)}, {instant.astimezone(UTC):%H:%M:%S} UTC"


def facts(evidence: Evidence) -> list[tuple[str, str]]:
    """Label and value; the values hold page text as it stood."""
    state, version, page = evidence.state, evidence.version, evidence.page
    told: list[tuple[str, str | None]] = [
        ("Title", version.title),
        ("Address", state.url),
        ("Site", f"{evidence.site}, {evidence.base_url}"),
        ("Locale", state.locale),
        ("The site's own id", state.source_id),
        ("Category and section", _place(state)),
        ("Published", state.published_at and wording.moment(state.published_at, UTC)),
        ("Updated, by the page", _updated(evidence)),
        ("Status then", state.status),
        ("Version", f"{version.number}, row {version.id} of versions"),
        ("Reader", f"{version.parser}, from the page's {version.form}"),
        ("SHA-256 of the text", version.body_sha256),
        ("Chain link", version.chain_sha256),
    ]
    if page is None:
        told.append(("Bytes", "not kept"))
    else:
        told += [
            ("Fetched from", page.url),
            ("Fetched at", wording.iso(page.fetched_at)),
            ("HTTP status", str(page.http_status or "none: a saved page was imported")),
            ("Content type", page.content_type),
            ("ETag", page.etag),
            ("Last-Modified", page.last_modified),
            ("Bytes", f"{len(page.body):,}"),
            ("SHA-256 of the bytes", page.sha256),
        ]
    return [(label, value) for label, value in told if value]


def _place(state: ArticleState) -> str | None:
    return " / ".join(part for part in (state.category, state.section) if part) or None


def _updated(evidence: Evidence) -> str | None:
    updated = evidence.version.source_updated_at
    if updated is None:
        return None
    hidden = evidence.state.shows_updated_date is False
    return wording.moment(updated, UTC) + ("; not shown to readers" if hidden else "")


# -- renderings ---------------------------------------------------------------------------------


def render_text(evidence: Evidence) -> str:
    """For a terminal: the statement, the facts, the text."""
    lines = [one_line(evidence.version.title), "", *sentences(evidence), ""]
    lines += [f"{label}: {one_line(value, 2_000)}" for label, value in facts(evidence)]
    return "\n".join([*lines, "", visible(evidence.version.body).rstrip("\n"), ""])


def render_markdown(evidence: Evidence) -> str:
    """The statement for a reviewer, without the text itself."""
    title = markdown_line(evidence.version.title)
    lines = [f"# What the page said: {title}", ""]
    lines += [f"Asked for: {_when(evidence.standing.at)}.", ""]
    lines += [f"- {sentence}" for sentence in sentences(evidence)]
    lines += ["", "| | |", "| --- | --- |"]
    lines += [f"| {label} | {_cell(label, value)} |" for label, value in facts(evidence)]
    return "\n".join([*lines, ""])


def _cell(label: str, value: str) -> str:
    if label.startswith(("SHA-256", "Chain")) or label in ("Address", "Fetched from", "ETag"):
        return markdown_code(value.replace("|", "%7C"))
    return markdown_line(value, 2_000)


def render_json(evidence: Evidence) -> str:
    """All of it for a program, texts as they stood."""
    return to_json(record(evidence))


def record(evidence: Evidence) -> dict[str, Any]:
    """The fields of `render_json`."""
    state, standing, version, page = (
        evidence.state,
        evidence.standing,
        evidence.version,
        evidence.page,
    )
    following = standing.next_version
    return {
        "schema": SCHEMA,
        "site": evidence.site,
        "base_url": evidence.base_url,
        "asked_for": to_text(standing.at),
        "recorded_until": to_text(evidence.recorded_until),
        "article": {
            "id": state.article_id,
            "locale": state.locale,
            "source_id": state.source_id,
            "slug": state.slug,
            "url": state.url,
            "category": state.category,
            "section": state.section,
            "published_at": to_text(state.published_at),
            "updated_at": to_text(state.updated_at),
            "shows_updated_date": state.shows_updated_date,
            "status": state.status,
        },
        "version": {
            "id": version.id,
            "number": version.number,
            "crawl_id": version.crawl_id,
            "captured_at": to_text(version.captured_at),
            "title": version.title,
            "source_updated_at": to_text(version.source_updated_at),
            "parser": version.parser,
            "form": version.form,
            "body_sha256": version.body_sha256,
            "snapshot_sha256": version.snapshot_sha256,
            "chain_sha256": version.chain_sha256,
        },
        "page": page and _page(page),
        "confirmed_before": [to_text(instant) for instant in standing.confirmed_before],
        "confirmed_after": [to_text(instant) for instant in standing.confirmed_after],
        "next_version": following
        and {"number": following.number, "captured_at": to_text(following.captured_at)},
        "other_answers": [
            {
                "fetched_at": to_text(reading.fetched_at),
                "page_kind": reading.page_kind,
                "status": reading.status,
            }
            for reading in standing.other_answers
        ],
        "statement": sentences(evidence),
        "text": version.body,
    }


def _page(page: StoredPage) -> dict[str, Any]:
    return {
        "url": page.url,
        "fetched_at": to_text(page.fetched_at),
        "http_status": page.http_status,
        "content_type": page.content_type,
        "etag": page.etag,
        "last_modified": page.last_modified,
        "size": len(page.body),
        "sha256": page.sha256,
    }
