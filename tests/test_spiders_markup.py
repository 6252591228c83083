"""HTML and Markdown -> canonical Markdown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders import markup
from spiders.errors import PageIncomplete

PAGE = "https://www.okx.com/help/an-article"


def html(source: str) -> str:
    text, unknown = markup.read_html(markup.parse(source), PAGE)
    assert unknown == {}
    return text


def markdown(source: str) -> str:
    return markup.read_markdown(source, PAGE)[0]


class TestHtml:
    def test_white_space_collapses_as_browsers_show_it(self):
        assert html("<p> a \n\t b <b> c </b> d&nbsp;e </p>\n <p>&nbsp;</p>") == "a b **c** d\xa0e"

    def test_text_outside_paragraphs_is_a_paragraph(self):
        assert html("a<div>b<p>c</p>d</div><span>e</span>") == "a\n\nb\n\nc\n\nd\n\ne"

    def test_paragraphs_that_begin_or_end_in_a_line_break(self):
        assert html("<p><br><b>I. Schedule</b></p><p>a<br>b<br></p>") == "**I. Schedule**\n\na\\\nb"

    def test_what_is_never_shown_is_left_out(self):
        unshown = "<script>b()</script><style>c</style><!-- d --><svg><title>e</title></svg>"
        assert html(f"<p>a{unshown}</p>") == "a"

    def test_unknown_elements_keep_their_text_and_are_counted(self):
        found = markup.read_html(markup.parse("<p>a <x-fee>1%</x-fee><x-fee>2%</x-fee></p>"), PAGE)
        assert found == ("a 1%2%", {"x-fee": 2})

    def test_lists_nest_and_start_where_they_say(self):
        assert html("<ol start=3><li>a<ul><li>b</li></ul></li><li><p>c</p><p>d</p></li></ol>") == (
            "3. a\n   - b\n4. c\n\n   d"
        )

    def test_a_list_numbered_beyond_what_markdown_reads_stays_one(self):
        found = html("<ol start=999999999><li>a</li><li>b</li></ol>")
        assert found == "999999998. a\n999999999. b" == markdown(found)

    @pytest.mark.filterwarnings("error")
    def test_a_text_that_is_an_address_is_a_text(self):
        assert html("https://a.example/x.html") == "https://a.example/x.html"

    def test_lists_out_of_order_keep_their_text(self):
        assert html("<ul><ul><li>a</li></ul>b<li>c</li></ul><li>d</li>") == "- - a\n- b\n- c\n\nd"

    def test_tables_with_spans_captions_and_blocks_in_cells(self):
        assert html(
            "<table><caption>Fees</caption><thead><tr><th>A</th><th colspan=2>B</th></tr></thead>"
            "<tr><td rowspan=2>x</td><td><ul><li>1</li><li>2</li></ul></td><td><pre>c\nd</pre></td>"
            "</tr><tr><td>y</td></tr></table>"
        ) == (
            "Fees\n\n| A | B |  |\n| --- | --- | --- |\n"
            "| x | - 1<br>- 2 | `c`<br>`d` |\n|  | y |  |"
        )

    def test_code_keeps_its_lines(self):
        assert html('<pre><code class="language-sql">select 1\n\n  -- `two`\n</code></pre>') == (
            "```sql\nselect 1\n\n  -- `two`\n```"
        )
        assert html("<p>run <code>a`b</code></p>") == "run ``a`b``"

    def test_images_links_and_films(self):
        assert html('<a href="/x"><img src="/i.png" alt="A"></a>') == (
            "[![A](https://www.okx.com/i.png)](https://www.okx.com/x)"
        )
        assert html('<img src="data:image/png;base64,x" data-src="/i.png" alt="">') == (
            "![](https://www.okx.com/i.png)"
        )
        assert html('<img src="data:image/png;base64,x" alt="only words">') == "only words"
        assert html('a<iframe src="https://v.example/1" title="How to"></iframe>') == (
            "a\n\n[How to](https://v.example/1)"
        )

    def test_images_beside_each_other_are_paragraphs(self):
        assert html('<img src="/1.png"><img src="/2.png">') == (
            "![](https://www.okx.com/1.png)\n\n![](https://www.okx.com/2.png)"
        )

    def test_link_targets_stand_in_markdown_as_they_are(self):
        assert html('<a href="https://a.example/b_(c)?d=1&amp;copy;|e">x</a>') == (
            "[x](https://a.example/b_%28c%29?d=1&amp;copy;%7Ce)"
        )

    @pytest.mark.parametrize("tag", ["div", "b", "ul><li", "blockquote", "table><tr><td", "h1"])
    def test_ten_thousand_levels_keep_their_text(self, tag):
        found = html("".join(f"<{tag}>t{level} " for level in range(10_000)))
        assert all(f"t{level}" in found for level in (0, 1, 300, 5000, 9999))

    def test_more_tags_than_any_article_has_are_refused(self):
        with pytest.raises(PageIncomplete) as raised:
            markup.parse("<b>" * (markup.MAX_TAGS + 1))
        assert raised.value.kind == "too_large"


class TestMarkdown:
    def test_commonmark_with_tables_and_html(self):
        assert markdown(
            "Title\n===\n\n* a\n* b\n\n    code\n\n| A | B |\n|--|:-:|\n| `x|y` | **z** |\n\n"
            'see <https://a.example> ![i](/i.png "t")<br>and <u>this</u>  \nline\n\n<div>raw</div>'
        ) == (
            "# Title\n\n- a\n- b\n\n  code\n\n| A | B |\n| --- | --- |\n| \\`x | y\\` |\n\n"
            "see [https://a.example](https://a.example/) ![i](https://www.okx.com/i.png)\\\n"
            "and <u>this</u>\\\nline\n\nraw"
        )

    def test_a_reference_is_a_link(self):
        assert markdown("[a][1]\n\n[1]: /help/b 'B'") == "[a](https://www.okx.com/help/b)"

    def test_a_dangerous_link_is_text(self):
        assert markdown("[a](javascript:alert(1)) b") == "a b"

    @pytest.mark.parametrize("sign", ["> ", "- ", "1. ", "* > "])
    def test_text_nested_too_deep_for_the_parser_is_kept(self, sign):
        assert markdown(sign * 5_000 + "deepest").endswith("deepest")

    @pytest.mark.parametrize("signs", ["[", "![", "**a", "`a", "[a]("])
    def test_signs_without_end_are_text(self, signs):
        assert len(markdown(signs * 50_000)) >= 50_000

    def test_a_text_longer_than_any_article_is_refused(self):
        with pytest.raises(PageIncomplete):
            markdown("word " * markup.MAX_MARKDOWN)


SIGNS = st.text(alphabet=" \n\t*_`~[]()<>!&#;|\\+-=.:123ab\"'/é中\xa0\u200b", max_size=60)
TAG_NAMES = st.sampled_from(
    ["p", "b", "i", "u", "s", "ul", "ol", "li", "table", "tr", "td", "th", "caption", "h2", "br"]
    + ["hr", "blockquote", "pre", "code", "sup", "a", "dl", "dt", "div", "span"]
)
HTML_PIECES = st.lists(
    st.one_of(
        st.builds("<{}>".format, TAG_NAMES),
        st.builds("</{}>".format, TAG_NAMES),
        st.sampled_from(['<a href="/x">', '<img src="/i.png" alt="*">', "<td colspan=2>"]),
        st.text(alphabet=" \nab*_|`#-1.<&[]!~\\", max_size=6),
    ),
    max_size=25,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(SIGNS)
def test_canonical_text_of_any_markdown_is_stable(source):
    once = markdown(source)
    assert markdown(once) == once


@settings(max_examples=300, deadline=None)
@given(HTML_PIECES)
def test_canonical_text_of_any_html_is_stable(source):
    once = markup.read_html(markup.parse(source), PAGE)[0]
    assert markdown(once) == once


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=200), HTML_PIECES))
def test_any_text_at_all_gives_a_text(source):
    assert isinstance(markup.read_html(markup.parse(source), PAGE)[0], str)
    assert isinstance(markdown(source), str)
