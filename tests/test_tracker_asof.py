"""A help centre at two instants: what was added, what went, what differs."""

from datetime import timedelta

import pytest

from builders import NOW, article
from tracker.asof import ArticleThen, SiteThen, compare


def site(*articles, at=NOW) -> SiteThen:
    return SiteThen(
        site="demo",
        base_url="https://help.example",
        at=at,
        last_crawl_at=at,
        next_crawl_at=None,
        articles={
            state.article_id: ArticleThen(state=state, version_number=1, read_at=at)
            for state in articles
        },
    )


def differences(before, after, same_text=lambda was, now: False) -> list[tuple]:
    found = compare(site(*before), site(*after, at=NOW + timedelta(days=1)), same_text)
    return [(one.kind, one.article.article_id, one.before, one.after) for one in found]


def test_a_help_centre_compared_with_itself_yields_nothing():
    assert differences([article(1), article(2)], [article(1), article(2)]) == []


def test_an_article_that_was_not_known_before_is_added():
    assert differences([], [article(1)]) == [("added", 1, None, "listed")]


def test_an_article_that_is_back_is_added_and_its_status_before_is_told():
    before = [article(1, status="removed")]
    assert differences(before, [article(1)]) == [("added", 1, "removed", "listed")]


@pytest.mark.parametrize("status", ["unlisted", "removed"])
def test_an_article_that_went_is_told_with_how(status):
    assert differences([article(1)], [article(1, status=status)]) == [("gone", 1, "listed", status)]


def test_an_article_that_was_gone_at_both_instants_is_no_difference():
    gone = [article(1, status="removed")]
    assert differences(gone, gone) == []


def test_another_version_with_another_text_is_edited():
    assert differences([article(1)], [article(1, version_id=9)]) == [("edited", 1, None, None)]


def test_another_version_with_the_same_text_is_not_edited():
    alike = differences([article(1)], [article(1, version_id=9)], lambda was, now: True)
    assert alike == []


def test_a_text_first_read_between_the_two_instants_is_no_edit():
    assert differences([article(1, version_id=None)], [article(1)]) == []


def test_title_section_and_address_are_told_with_before_and_after():
    after = article(1, title="Other", section_slug="limits", slug="other")
    assert differences([article(1)], [after]) == [
        ("retitled", 1, "Article 1", "Other"),
        ("moved", 1, "fees", "limits"),
        ("readdressed", 1, "article-1", "other"),
    ]


def test_another_category_alone_is_a_move():
    assert differences([article(1)], [article(1, category_slug="news")]) == [
        ("moved", 1, "faq", "news")
    ]


def test_an_unknown_section_is_no_move():
    assert differences([article(1)], [article(1, section_slug=None)]) == []


def test_white_space_in_a_title_is_no_difference():
    assert differences([article(1, title="A  b")], [article(1, title="A b")]) == []


def test_differences_stand_by_kind_then_in_the_order_of_the_help_centre():
    before = [article(1), article(2), article(3)]
    after = [article(2, title="X"), article(1, title="Y"), article(4)]
    kinds = [(kind, number) for kind, number, *_ in differences(before, after)]
    assert kinds == [("added", 4), ("gone", 3), ("retitled", 2), ("retitled", 1)]


def test_removed_articles_are_not_present_and_unlisted_ones_are():
    then = site(article(1), article(2, status="unlisted"), article(3, status="removed"))
    assert [one.state.article_id for one in then.present] == [1, 2]
