"""Random Markdown for property tests: pieces that matter to the reader of blocks, glued anyhow."""

from hypothesis import strategies as st

ORIGIN = "https://help.example"
PIECES = (
    "- ", "* ", "-", "+ ", "1. ", "2. ", "3) ", "10", "#", "## ", "> ", ">", "|", "| --- |",
    "| a | b |\n", "| a | b |\n| --- | --- |\n", "---", "***", "__", "```", "~~~", "\\", "\n",
    "\n\n", "  ", " ", "\u00a0", "\u200b", "\t", "\r", "a", "foo", "bar", "0.5%", "5%", "30 days",
    "Cuba", "![x](https://img.example/a.png?v=1)", "![x](https://img.example/y?id=3&v=2)",
    f"[t]({ORIGIN}/zh-hans/help/x)", f"{ORIGIN}/en", "<", "(", ")", "]", "[", "!", "<br>", "**",
    "_", "e\u0301", "\n- foo", "\n1. bar", "\n2. baz",
    "\n\nA longer paragraph of several words.\n\n",
)  # fmt: skip


def texts() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=40)


def edited_texts() -> st.SearchStrategy[tuple[str, str]]:
    """A text and the same after a few edits, or two texts that have nothing to do with another."""
    edits = st.lists(
        st.tuples(st.integers(0, 100), st.integers(0, 8), st.sampled_from(PIECES)), max_size=4
    )
    return st.tuples(texts(), edits).map(_edited) | st.tuples(texts(), texts())


def _edited(text_and_edits: tuple[str, list[tuple[int, int, str]]]) -> tuple[str, str]:
    before, edits = text_and_edits
    after = before
    for percent, length, piece in edits:
        at = percent * len(after) // 101
        after = after[:at] + piece + after[at + length :]
    return before, after
