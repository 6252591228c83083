"""Golden reports: what a renderer gives for built findings, kept in tests/expected.

After a wanted change of wording or look, renew them and read the difference:

    HELPWATCH_RENEW=1 pytest tests/test_reports_*.py && git diff tests/expected
"""

import os
from pathlib import Path

EXPECTED = Path(__file__).parent / "expected"


def assert_golden(name: str, text: str) -> None:
    """Compares bytes, so that line ends count; with HELPWATCH_RENEW=1 it writes instead."""
    path = EXPECTED / name
    if os.environ.get("HELPWATCH_RENEW") == "1":
        path.write_bytes(text.encode())
    assert path.is_file(), f"{path} is missing; write it with HELPWATCH_RENEW=1"
    assert text.encode() == path.read_bytes(), f"{name} differs; see tests/report_golden.py"


# Text that tries to act: each case names what it would do if it reached its place unescaped.
HOSTILE_TEXTS = {
    "script": "<script>document.title='run'</script>",
    "handler": "<img src=x onerror=\"document.title='run'\">",
    "style_end": "</style><script>document.title='run'</script>",
    "attribute_end": "\" onmouseover=\"document.title='run'\" x='",
    "link": "[x](javascript:document.title='run') <javascript:alert(1)> ![y](data:text/html,z)",
    "address": "javascript:document.title='run'",
    "markdown": "# h\n- i\n1. n\n> q\n| a | b |\n***\n`c` ``d``\n~~~\n    code\n&lt;b&gt; &#60;",
    "template": "{{ 7 * 7 }}{% raw %}${7*7}#{7}",
    "bidi": "safe\u202egnp.exe\u2066 \u200frtl",
    "zero_width": "pass\u200bword\ufeff \u00adsoft \u2060 tag\U000e0041",
    "ansi": "\x1b[2J\x1b]0;owned\x07\x9b31m red \x08\x08",
    "xml_controls": "a\x00b\x01c\x0bd\x1fe\ufffef\uffff",
    "surrogate": "lone \ud800 half",
    "formula": '=HYPERLINK("http://x","y")',
    "formula_spaced": "  @SUM(1+1)*cmd|' /C calc'!A0",
    "rich_markup": "[bold red]loud[/] [link=http://x]go[/link] :smile:",
    "cdata": "]]><evil/><![CDATA[ <?xml?> <!DOCTYPE x [<!ENTITY e 'x'>]> &e;",
    "long": "a title without an end " * 50_000,
    "empty": "",
}
