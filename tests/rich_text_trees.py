"""Random rich-text trees, and the markup that a site makes of them (builders for the tests)."""

from html import escape

from hypothesis import strategies as st

TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "superscript": "sup",
    "subscript": "sub",
    "code": "code",
    "paragraph": "p",
    "unordered-list": "ul",
    "ordered-list": "ol",
    "list-item": "li",
    "blockquote": "blockquote",
    "table": "table",
    "table-row": "tr",
    "table-cell": "td",
    "table-header-cell": "th",
    **{f"heading-{level}": f"h{level}" for level in range(1, 7)},
}
MARKS = ["bold", "italic", "underline", "strikethrough", "superscript", "subscript", "code"]
IMAGE = "https://a.example/i.png"
TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from(" \n\t*_`~[]()<>!&#;|\\+-=.:123abcXé中（：\xa0\u200b\"'/1"),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=12,
)
ADDRESSES = st.sampled_from(
    [
        "https://a.example/b_(c)",
        "/help/y",
        "mailto:a@b.example",
        "https://a.example/?a=1&copy;=2",
        "https://a.example/[a]|b",
        "javascript:alert(1)",
        "",
    ]
)


def text(value: str, *marks: str) -> dict:
    return {"nodeType": "text", "value": value, "marks": [{"type": mark} for mark in marks]}


def node(kind: str, *content: dict, **data: object) -> dict:
    return {"nodeType": kind, "content": list(content), "data": data}


def image(alt: str, src: str = IMAGE) -> dict:
    return node("embedded-asset-block", target={"fields": {"title": alt, "file": {"url": src}}})


def _nodes(kind: str, content: st.SearchStrategy) -> st.SearchStrategy:
    return content.map(lambda children: node(kind, *children))


_TEXT_NODES = st.builds(
    lambda value, marks: text(value, *marks), TEXTS, st.lists(st.sampled_from(MARKS), max_size=2)
)
_LINKS = st.builds(
    lambda uri, content: node("hyperlink", *content, uri=uri),
    ADDRESSES,
    st.lists(_TEXT_NODES, max_size=3),
)
_INLINES = st.lists(st.one_of(_TEXT_NODES, _TEXT_NODES, _LINKS), max_size=5)
_LEAVES = st.one_of(
    _nodes("paragraph", _INLINES),
    _nodes("paragraph", _INLINES),
    st.integers(1, 6).flatmap(lambda level: _nodes(f"heading-{level}", _INLINES)),
    st.builds(image, TEXTS),
    st.just(node("hr")),
)


def _containers(blocks: st.SearchStrategy) -> st.SearchStrategy:
    inner = st.lists(blocks, max_size=3)
    items = st.lists(_nodes("list-item", inner), max_size=3)
    cells = st.sampled_from(["table-cell", "table-header-cell"]).flatmap(
        lambda kind: _nodes(kind, inner)
    )
    rows = st.lists(_nodes("table-row", st.lists(cells, max_size=3)), max_size=3)
    return st.one_of(
        _nodes("blockquote", inner),
        _nodes("ordered-list", items),
        _nodes("unordered-list", items),
        _nodes("table", rows),
    )


DOCUMENTS = _nodes(
    "document", st.lists(st.recursive(_LEAVES, _containers, max_leaves=8), max_size=4)
)


def as_html(tree: dict) -> str:
    """The markup of a tree's content."""
    return "".join(map(_html_of, tree["content"]))


def _html_of(one: dict) -> str:
    kind = one["nodeType"]
    if kind == "text":
        lines = one["value"].replace("\r\n", "\n").replace("\r", "\n").split("\n")
        shown = "<br>".join(map(escape, lines))
        for mark in one["marks"]:
            shown = f"<{TAGS[mark['type']]}>{shown}</{TAGS[mark['type']]}>"
        return shown
    if kind == "hyperlink":
        return f'<a href="{escape(one["data"]["uri"])}">{as_html(one)}</a>'
    if kind == "embedded-asset-block":
        fields = one["data"]["target"]["fields"]
        return f'<img alt="{escape(fields["title"])}" src="{escape(fields["file"]["url"])}">'
    return "<hr>" if kind == "hr" else f"<{TAGS[kind]}>{as_html(one)}</{TAGS[kind]}>"
