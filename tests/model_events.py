"""Events of the model centre: what the people who run it do.

Each is called with the centre, the instant, a number that chooses whom it befalls, and whether the
page's updated date moves with it (or what else its two ways are).
"""

from datetime import datetime, timedelta

from model_centre import FOOTER, LOCALES, SECTIONS, Article, Centre


def publish(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    number = centre.fresh()
    for locale in LOCALES[: 1 + pick % 2]:
        centre.put(
            Article(
                number=number,
                locale=locale,
                slug=f"article-{number}",
                title=f"Article {number} in {locale}",
                text=(
                    ("fee", centre.fresh()), ("link", number), ("image", number),
                    ("table", centre.fresh()), ("item", centre.fresh()), (FOOTER, 0),
                ),
                section=centre.section(pick),
                published_at=now,
                updated_at=now,
                is_in_search=is_dated,
            )
        )  # fmt: skip


def chosen(centre: Centre, pick: int, *presences: str) -> list[Article]:
    """One article, as a list; none where none is so."""
    fitting = [
        article for article in centre.articles.values()
        if article.presence in (presences or ("listed", "unlisted"))
    ]  # fmt: skip
    return [fitting[pick % len(fitting)]] if fitting else []


def _date(now: datetime, is_dated: bool) -> dict[str, datetime]:
    return {"updated_at": now} if is_dated else {}


def edit(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    for article in chosen(centre, pick):
        at = pick % len(article.text)
        text = list(article.text)
        text[at] = (text[at][0], centre.fresh())
        centre.change(article.key, text=tuple(text), **_date(now, is_dated))


def add_paragraph(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    for article in chosen(centre, pick):
        text = (("fee", centre.fresh()), *article.text)
        centre.change(article.key, text=text, **_date(now, is_dated))


def revert(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    for article in chosen(centre, pick):
        texts = centre.past[article.key]
        text = texts[pick % len(texts)]
        centre.change(article.key, text=text, **_date(now, is_dated))


def edit_footers(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    number = centre.fresh()
    for article in list(centre.articles.values()):
        text = tuple((kind, number if kind == FOOTER else n) for kind, n in article.text)
        centre.change(article.key, text=text, **_date(now, is_dated))


def touch(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    for article in chosen(centre, pick):
        set_to = now if is_dated else article.updated_at - timedelta(days=1 + pick % 3)
        centre.change(article.key, updated_at=set_to)


def stamp(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    for article in list(centre.articles.values())[pick % 3 :]:
        centre.change(article.key, updated_at=now)


def retitle(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    for article in chosen(centre, pick):
        title = f"Title {centre.fresh()} of {article.locale}"
        centre.change(article.key, title=title, **_date(now, is_dated))


def move(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    for article in chosen(centre, pick):
        section = centre.section(pick // 7)
        centre.change(article.key, section=section, **_date(now, is_dated))


def readdress(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    for article in chosen(centre, pick):
        centre.change(article.key, slug=f"address-{centre.fresh()}", **_date(now, is_dated))


def give_address_away(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    """An article goes to another address, and another article takes its own."""
    for article in chosen(centre, pick):
        heirs = [
            other for other in centre.articles.values()
            if other.locale == article.locale and other.number != article.number
        ]  # fmt: skip
        if heirs:
            centre.has_given_away = True
            slug = f"address-{centre.fresh()}"
            centre.change(article.key, slug=slug, **_date(now, is_dated))
            heir = heirs[pick // 5 % len(heirs)]
            centre.change(heir.key, slug=article.slug, **_date(now, is_dated))


def search_otherwise(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    for article in chosen(centre, pick, "listed"):
        centre.change(article.key, is_in_search=not article.is_in_search)


def unlist(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    for article in chosen(centre, pick, "listed", "removed"):
        centre.change(article.key, presence="unlisted")


def remove(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    for article in chosen(centre, pick, "listed", "unlisted"):
        centre.change(article.key, presence="removed")


def relist(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    for article in chosen(centre, pick, "unlisted", "removed"):
        section = centre.section(pick) if article.section in centre.closed else article.section
        centre.change(article.key, presence="listed", section=section)


def close_section(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    """A section goes, and most of its articles with it."""
    if len(centre.closed) < len(SECTIONS) - 1:
        slug = centre.section(pick)
        centre.closed.add(slug)
        for article in list(centre.articles.values()):
            if article.section == slug and article.presence == "listed":
                if (article.number + pick) % 3:
                    centre.change(article.key, presence="removed" if is_dated else "unlisted")
                else:
                    centre.change(article.key, section=centre.section(pick))


def reopen_section(centre: Centre, now: datetime, pick: int, is_dated: bool) -> None:
    centre.closed.clear()


EVENTS = (
    publish, edit, add_paragraph, revert, edit_footers, touch, stamp, retitle, move, readdress,
    give_address_away, search_otherwise, unlist, remove, relist, close_section, reopen_section,
)  # fmt: skip
