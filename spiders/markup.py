"""HTML and Markdown -> canonical Markdown.

HTML is read as browsers show it: white space collapses, unknown elements keep their text, what is
never shown (scripts, styles, comments) is left out. Markdown goes through a CommonMark
parser first.
"""

import re
from functools import cache
from html import escape

from bs4 import BeautifulSoup, CData, NavigableString, Tag
from markdown_it import MarkdownIt

from spiders.blocks import Builder, span_of
from spiders.canonical import to_markdown
from spiders.errors import PageIncomplete
from spiders.fields import canonical_url
from spiders.runs import BOLD, CODE, ITALIC, STRIKE, SUBSCRIPT, SUPERSCRIPT, UNDERLINE

_MARKS = {
    **dict.fromkeys(("b", "strong"), BOLD),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), ITALIC),
    **dict.fromkeys(("u", "ins"), UNDERLINE),
    **dict.fromkeys(("s", "del", "strike"), STRIKE),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), CODE),
    "sup": SUPERSCRIPT,
    "sub": SUBSCRIPT,
}
_OPENED: dict[str, tuple[str, int | None]] = {
    **{f"h{level}": ("heading", level) for level in range(1, 7)},
    "ul": ("list", None),
    "menu": ("list", None),
    "ol": ("list", 1),
    "li": ("item", None),
    "blockquote": ("quote", None),
    "table": ("table", None),
    "tr": ("row", None),
    "td": ("cell", None),
    "th": ("cell", None),
}
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside body caption center dd details dialog div dl dt fieldset figcaption"
        " figure footer form header hgroup html legend main nav p search section summary tbody"
        " tfoot thead",
    )
)
_INLINE = frozenset(
    re.findall(
        r"\w+",
        "a abbr acronym bdi bdo big blink button colgroup data font label mark nobr q rp rt ruby"
        " small span time wbr",
    )
)
_UNSHOWN = frozenset(
    re.findall(
        r"\w+",
        "audio base canvas col datalist head input link map math meta noscript object option param"
        " script select source style svg template textarea title track",
    )
)
_FRAMES = frozenset({"iframe", "embed", "video"})
_WHITE = re.compile(r"[ \t\n\r\f]+")
_OWN_TARGET = re.compile(r"(?:asset|entry|resource):[^\s()]+")
"""Targets that `rich_text` writes for what has no address."""
_LANGUAGE = re.compile(r"(?:language|lang)-([A-Za-z0-9_+#.-]{1,30})")


MAX_TAGS = 200_000
"""Tags of one text, its characters as Markdown: real ones have a hundredth. More is no article, and
would take memory without bound."""
MAX_MARKDOWN = 1_000_000
MAX_SIGNS = 20_000
"""Signs of links and marks in a Markdown text; long real ones have a thousand."""


def parse(html: str) -> BeautifulSoup:
    """The tree of a page or a part of one; PageIncomplete where it is beyond all measure."""
    if html.count("<") > MAX_TAGS:
        raise PageIncomplete("A text with more tags than any article has", kind="too_large")
    if "<" not in html:
        html = f"<p>{html}</p>"  # else it is suspected, aloud, of being an address or a file
    return BeautifulSoup(html, "lxml")


def read_html(root: Tag, page_url: str) -> tuple[str, dict[str, int]]:
    """The canonical Markdown of an element's content, and how often which unknown element is in it.

    Links are written out from `page_url`.
    """
    walk = _Walk(page_url)
    walk.run(root)
    return to_markdown(walk.builder.blocks()), walk.unknown


def read_markdown(text: str, page_url: str) -> tuple[str, dict[str, int]]:
    """The canonical Markdown of a Markdown text, in which HTML may stand."""
    return read_html(parse(_as_html(text)), page_url)


MAX_NESTING = 200
"""Levels of Markdown's own nesting that are told apart (a list is two levels)."""


@cache
def _markdown_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    # Links are judged and written out by `canonical_url` alone, for every source alike.
    parser.validateLink = lambda url: True
    parser.normalizeLink = lambda url: url
    return parser


def _as_html(text: str) -> str:
    if len(text) > MAX_MARKDOWN:
        raise PageIncomplete("A text longer than any article has", kind="too_large")
    if sum(map(text.count, "[*_~`")) > MAX_SIGNS:
        return _as_plain_html(text)
    parser = _markdown_parser()
    tokens = parser.parse(text)
    if any(token.level >= MAX_NESTING - 2 for token in tokens):
        return _as_plain_html(text)
    return parser.renderer.render(tokens, parser.options, {})


def _as_plain_html(text: str) -> str:
    """Every line as it stands: for what the parser would lose (it leaves out what is nested too
    deep) or take too long for (it pairs signs in time that grows with their square)."""
    return "".join(f"<p>{escape(line)}</p>" for line in text.split("\n"))


class _Walk:
    """Visits the elements of a tree of any depth in reading order."""

    def __init__(self, page_url: str):
        self.page_url = page_url
        self.builder = Builder()
        self.unknown: dict[str, int] = {}
        self._to_do: list[tuple[object, int, str | None]] = []
        """Nodes with the marks and the link that they stand in; 'close' and 'end' for what the
        builder is told behind an element's content."""

    def run(self, root: Tag) -> None:
        self._push(root, 0, None)
        while self._to_do:
            node, marks, href = self._to_do.pop()
            if isinstance(node, Tag):
                self._visit(node, node.name, marks, href)
            elif type(node) in (NavigableString, CData):
                self.builder.text(_WHITE.sub(" ", node), marks, href)
            elif node == "close":
                self.builder.close()
            elif node == "end":
                self.builder.end_paragraph()

    def _push(self, element: Tag, marks: int, href: str | None) -> None:
        self._to_do.extend((child, marks, href) for child in reversed(element.contents))

    def _visit(self, element: Tag, name: str, marks: int, href: str | None) -> None:
        if name in _MARKS:
            marks |= _MARKS[name]
        elif name in _BLOCKS:
            self.builder.end_paragraph()
            self._to_do.append(("end", 0, None))
        elif name in _OPENED:
            self._open(element, name)
        elif name == "a":
            href = self._resolved(_attribute(element, "href")) or href
        elif name in _UNSHOWN or self._leaf(element, name, marks, href):
            return
        elif name not in _INLINE:
            self.unknown[name] = self.unknown.get(name, 0) + 1
        self._push(element, marks, href)

    def _open(self, element: Tag, name: str) -> None:
        kind, number = _OPENED[name]
        span = (1, 1)
        if kind == "cell":
            span = span_of(_attribute(element, "colspan"), _attribute(element, "rowspan"))
        start = _attribute(element, "start")
        if name == "ol" and re.fullmatch(r"[0-9]{1,9}", start):
            number = int(start)
        self.builder.open(kind, number, span)
        self._to_do.append(("close", 0, None))

    def _leaf(self, element: Tag, name: str, marks: int, href: str | None) -> bool:
        """Tells the builder of an element that is read as a whole; False for any other."""
        if name == "br":
            self.builder.text("\n", marks, href)
        elif name == "hr":
            self.builder.rule()
        elif name == "img":
            sources = (_attribute(element, "src"), _attribute(element, "data-src"))
            source = next(filter(None, map(self._resolved, sources)), None)
            self.builder.image(_attribute(element, "alt"), source, marks, href)
        elif name in _FRAMES:
            self._frame(element)
        elif name == "pre":
            inner = element.find("code")
            classes = _attribute(inner or element, "class")
            language = _LANGUAGE.search(classes)
            self.builder.code_block(_code_of(element), language[1] if language else "")
        else:
            return False
        return True

    def _frame(self, element: Tag) -> None:
        """A film or another page shown inside the text: a paragraph with a link to it."""
        source = element.find("source")
        target = self._resolved(_attribute(element, "src") or _attribute(source, "src"))
        if target:
            self.builder.end_paragraph()
            self.builder.text(_attribute(element, "title") or target, 0, target)
            self.builder.end_paragraph()

    def _resolved(self, href: str) -> str | None:
        if not href.strip() or _OWN_TARGET.fullmatch(href):
            return href.strip() or None
        return canonical_url(href, self.page_url)


def _attribute(element: Tag | None, name: str) -> str:
    value = element.get(name, "") if element is not None else ""
    return " ".join(value) if isinstance(value, list) else value or ""


def _code_of(element: Tag) -> str:
    """The text of a code block, with its line breaks."""
    parts = []
    for node in element.descendants:
        if isinstance(node, Tag):
            if node.name == "br":
                parts.append("\n")
        elif type(node) in (NavigableString, CData):
            parts.append(node)
    return "".join(parts).replace("\r\n", "\n").replace("\r", "\n")
