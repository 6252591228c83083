"""Rich-text trees -> canonical Markdown."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rich_text_trees import DOCUMENTS, IMAGE, TEXTS, as_html, image, node, text
from spiders import markup, rich_text
from spiders.blocks import MAX_DEPTH
from spiders.canonical import to_markdown
from spiders.inline import inline
from spiders.rich_text_tree import Mark, Node, decode
from spiders.rich_text_walk import EMBEDDED, OPENED, walked
from spiders.runs import BOLD, CODE, ITALIC, STRIKE, UNDERLINE, Run, tidy
from spiders.usual_line import usual_line

PAGE = "https://www.okx.com/help/an-article"


def read(*blocks: dict) -> tuple[str, dict[str, int]]:
    return rich_text.read(decode(json.dumps(node("document", *blocks))), PAGE)


def body(*blocks: dict) -> str:
    text, unknown = read(*blocks)
    assert unknown == {}
    return text


def paragraph(*content: dict | str) -> dict:
    return node("paragraph", *(text(one) if isinstance(one, str) else one for one in content))


def test_blocks_of_every_kind():
    assert body(
        node("heading-2", text("Fees")),
        paragraph("Rates"),
        node("blockquote", paragraph("Said"), paragraph("twice")),
        node("hr"),
        node(
            "ordered-list",
            node("list-item", paragraph("One")),
            node(
                "list-item",
                paragraph("Two"),
                node("unordered-list", node("list-item", paragraph("Inner"))),
            ),
            node("list-item", paragraph("Three"), paragraph("and more")),
        ),
    ) == (
        "## Fees\n\nRates\n\n> Said\n>\n> twice\n\n***\n\n"
        "1. One\n2. Two\n   - Inner\n3. Three\n\n   and more"
    )


@pytest.mark.parametrize(
    ("mark", "markdown"),
    [
        ("bold", "**a** b"),
        ("italic", "_a_ b"),
        ("underline", "<u>a</u> b"),
        ("strikethrough", "~~a~~ b"),
        ("superscript", "<sup>a</sup> b"),
        ("subscript", "<sub>a</sub> b"),
        ("code", "`a` b"),
    ],
)
def test_marks_with_white_space_outside_them(mark, markdown):
    assert body(paragraph(text("a ", mark), "b")) == markdown


def test_neighbours_of_one_kind_are_one_run_and_marks_nest_the_longest_outside():
    assert body(paragraph(text("a", "bold"), text("b", "bold"))) == "**ab**"
    assert body(paragraph(text("a", "bold"), " ", text("b", "bold"))) == "**a b**"
    assert body(paragraph(text("a", "italic"), text(" b", "italic", "bold"))) == "_a **b**_"


def test_marks_that_markdown_would_not_read_are_written_as_tags():
    assert body(paragraph(text("Note:", "bold"), "text")) == "<b>Note:</b>text"
    assert body(paragraph("2", text("nd", "italic"), " try")) == "2<i>nd</i> try"


def test_code_between_code_keeps_the_spaces_at_its_ends():
    found = body(
        paragraph(text("a", "code", "bold"), text(" b ", "code"), text("c", "code", "bold"))
    )
    assert found == "**`a`**`  b  `**`c`**"
    assert markup.read_markdown(found, PAGE)[0] == found


def test_a_table_joins_paragraphs_and_escapes_pipes():
    table = node(
        "table",
        node(
            "table-row",
            node("table-header-cell", paragraph("Fee")),
            node("table-header-cell", paragraph("Rate")),
        ),
        node(
            "table-row",
            node("table-cell", paragraph("a|b"), paragraph("c\nd")),
            node("table-cell", node("unordered-list", node("list-item", paragraph("x")))),
        ),
    )
    assert body(table) == "| Fee | Rate |\n| --- | --- |\n| a\\|b<br>c<br>d | - x |"


def test_spanning_cells_keep_the_columns():
    def cell(value: str, **data: int) -> dict:
        return node("table-cell", paragraph(value), **data)

    table = node(
        "table",
        node("table-row", cell("A"), cell("B"), cell("C")),
        node("table-row", cell("tall", rowspan=2), cell("wide", colspan=2)),
        node("table-row", cell("b"), cell("c")),
    )
    assert body(table).split("\n")[2:] == ["| tall | wide |  |", "|  | b | c |"]


def test_a_table_whose_cells_span_all_they_can_takes_no_memory_without_bound():
    cell = node("table-cell", paragraph("x"), colspan=64, rowspan=64)
    found = body(node("table", *[node("table-row", *[cell] * 50) for _ in range(200)]))
    assert found.count("x") == 200 * 50
    assert len(found) < 2_000_000  # 64,000 columns, were all of them believed


def test_links_lead_to_absolute_targets_and_others_are_text():
    assert body(paragraph(node("hyperlink", text("x"), uri="/help/b"))) == (
        "[x](https://www.okx.com/help/b)"
    )
    assert body(paragraph(node("hyperlink", text("x"), uri="javascript:alert(1)"))) == "x"
    assert body(paragraph("wow!", node("hyperlink", text("x"), uri="/help/b"))) == (
        "wow\\![x](https://www.okx.com/help/b)"
    )


def test_assets_and_entries():
    file = {"url": "//cdn.example/a b.pdf", "contentType": "application/pdf", "fileName": "a.pdf"}
    assert body(image("Chart [1]", "/img/1.png")) == (
        "![Chart \\[1\\]](https://www.okx.com/img/1.png)"
    )
    assert body(node("embedded-asset-block", target={"fields": {"file": file}})) == (
        "[a.pdf](https://cdn.example/a%20b.pdf)"
    )
    assert body(
        paragraph(node("asset-hyperlink", text("pdf"), target={"fields": {"file": file}}))
    ) == ("[pdf](https://cdn.example/a%20b.pdf)")
    entry = {"sys": {"id": "E1"}, "fields": {"title": "Terms", "slug": "terms"}}
    assert body(paragraph("see ", node("embedded-entry-inline", target=entry), ".")) == (
        "see [Terms](https://www.okx.com/help/terms)."
    )
    assert body(paragraph(node("entry-hyperlink", text("it"), target={"sys": {"id": "E2"}}))) == (
        "[it](entry:E2)"
    )
    resource = {"sys": {"urn": "crn:contentful:x"}}
    assert body(node("embedded-resource-block", target=resource)) == (
        "[resource:crn:contentful:x](resource:crn:contentful:x)"
    )


def test_an_embedded_entry_keeps_the_text_it_brings():
    inner = node("document", paragraph("Inner text"))
    entry = {"sys": {"id": "E1"}, "fields": {"title": "Box", "text": inner, "body": "More"}}
    box = node("embedded-entry-block", target=entry)
    found = body(paragraph("before"), box, paragraph("after"))
    assert found == "before\n\n[Box](entry:E1)\n\nInner text\n\nMore\n\nafter"


def test_an_unknown_node_or_mark_keeps_its_text_and_is_counted():
    unknown = node("callout", paragraph("Careful"), paragraph("now"))
    assert read(unknown, paragraph(text("a", "glow"), node("badge", text("b")))) == (
        "Careful\n\nnow\n\nab",
        {"callout": 1, "mark glow": 1, "badge": 1},
    )


def test_line_breaks_stay_inside_a_paragraph_and_fall_away_at_its_edges():
    assert body(paragraph("\n", text("a", "bold"), "\nb  c\r\n\r\nd \n")) == "**a**\\\nb c\\\nd"


def test_odd_characters_are_kept():
    odd = "pay\u200bpal аpple \u202eright é e\u0301 ﬁ"
    assert body(paragraph(odd)) == odd


def test_what_looks_like_markup_is_escaped():
    assert body(paragraph("1. *a* _b_ snake_case [c](d) <e> &amp; `f` a~~b \\ # 5 < 6")) == (
        "1\\. \\*a\\* \\_b\\_ snake_case \\[c\\](d) \\<e> \\&amp; \\`f\\` a\\~\\~b \\\\ # 5 < 6"
    )
    assert body(paragraph("- a\n+ b\n# c\n> d\n2) e\n---")) == (
        "\\- a\\\n\\+ b\\\n\\# c\\\n\\> d\\\n2\\) e\\\n\\---"
    )


@pytest.mark.parametrize(
    "kind", ["unordered-list", "blockquote", "table", "paragraph", "hyperlink", "unknown"]
)
def test_ten_thousand_levels_keep_their_text(kind):
    deep = Node("text", "deepest")
    for level in range(10_000):
        children = [Node("text", f"t{level} "), deep]
        if kind == "unordered-list":
            children = [Node("list-item", None, children)]
        deep = Node(kind, None, children)
    found, _ = rich_text.read(Node("document", None, [deep]), PAGE)
    words = set(found.replace("- ", " ").replace(">", " ").split())
    assert {"deepest", *(f"t{level}" for level in range(10_000))} <= words


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(DOCUMENTS)
def test_tree_markup_and_canonical_text_all_give_the_same_text(document):
    found, unknown = rich_text.read(decode(json.dumps(document)), PAGE)
    assert unknown == {}
    assert markup.read_html(markup.parse(as_html(document)), PAGE) == (found, {})
    assert markup.read_markdown(found, PAGE) == (found, {})


NODES = st.recursive(
    st.builds(Node, st.text(max_size=5), st.text(max_size=5)),
    lambda nodes: st.builds(
        Node,
        st.one_of(st.none(), st.sampled_from([*OPENED, *EMBEDDED, "text"])),
        st.one_of(st.none(), st.text(max_size=5)),
        st.lists(nodes, max_size=3),
        st.lists(st.builds(Mark, st.sampled_from(["bold", "?", None])), max_size=2),
        st.dictionaries(
            st.sampled_from(["uri", "target", "colspan"]),
            st.one_of(st.none(), st.text(max_size=3), st.integers(), st.just({"sys": {"id": 3}})),
        ),
    ),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None)
@given(NODES)
def test_any_tree_of_nodes_gives_a_text(tree):
    assert isinstance(rich_text.read(tree, PAGE)[0], str)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(DOCUMENTS.map(json.dumps).map(decode) | NODES)
def test_what_is_read_straight_reads_as_if_it_were_walked(tree):
    unknown: dict[str, int] = {}
    blocks = walked((tree,), PAGE, unknown, 0)
    assert rich_text.read(tree, PAGE) == (to_markdown(blocks), unknown)


RUNS = st.lists(
    st.builds(
        Run,
        TEXTS | st.sampled_from(["a", "b ", " c", " ", "d!", "_e", "~", "f_", "(g)", "\u00a0h"]),
        st.sampled_from([0, 0, 0, BOLD, BOLD, ITALIC, STRIKE, UNDERLINE, CODE, BOLD | ITALIC]),
        st.sampled_from([None, None, None, "https://a.example/b", "https://a.example/c"]),
        st.sampled_from([None] * 9 + [IMAGE]),
    ),
    max_size=5,
)


@settings(max_examples=1000, deadline=None)
@given(RUNS)
def test_a_line_written_in_one_pass_is_what_its_tidy_runs_give(runs):
    assert usual_line(runs) in (None, inline(tidy(runs), "\\\n"))


def test_the_lines_of_articles_are_written_in_one_pass():
    link = Run("x", 0, "https://a.example/b")
    assert usual_line([Run("\n"), Run("I. Schedule", BOLD)]) == "**I. Schedule**"
    assert usual_line([Run("wow!"), link, Run(" y. "), Run("Note:", BOLD), Run("z")]) == (
        "wow\\![x](https://a.example/b) y. <b>Note:</b>z"
    )
    assert usual_line([Run("a", BOLD), Run(" "), Run("b", BOLD)]) is None


def around(how: str, cell: dict) -> dict:
    """A block in which a cell stands in its place or out of it."""
    if how == "behind a loose text of its row":
        return node("table", node("table-row", text("loose"), cell))
    if how == "in no row":
        return node("blockquote", paragraph("Above"), text("loose"), cell)
    tree = node("table", node("table-row", cell, cell))
    for _ in range(MAX_DEPTH if how == "deeper than is told apart" else 0):
        tree = node("blockquote", tree)
    return tree


@pytest.mark.parametrize(
    "how", ["in a row", "behind a loose text of its row", "in no row", "deeper than is told apart"]
)
@pytest.mark.parametrize("word", ["0.10%", " 0.10 %\r\n", " ", "a\0b", "\u00a0x"])
def test_a_cell_of_one_text_reads_as_a_cell_of_its_parts(how, word):
    whole = node("table-cell", node("paragraph", text(word, "bold", "odd")), colspan=2)
    parts = [text(part, "bold", "odd") for part in (word[:1], word[1:])]
    divided = node("table-cell", node("paragraph", *parts), colspan=2)
    whole, divided = (read(around(how, cell)) for cell in (whole, divided))
    assert whole[0] == divided[0]
    assert whole[1].keys() == divided[1].keys()
