"""Pages as the SingleFile extension saves them: without the tags and quotes that HTML can spare.

Such a file has no `</p>`, `</li>`, `</body>` or `</html>` and quotes only what needs it. It names
itself in a comment in front (seen of version 1.5 in 2026).
"""

_SIGN = b"Page saved with SingleFile"
ABOVE_BYTES = 8_192
"""The comment stands right behind the first tag."""


def written_out(body: bytes) -> bytes:
    """The page with every tag and quote that was spared; any other body as it is.

    As it is too where it breaks off: a `div` is never left open, and what it holds is the page.
    """
    if body.find(_SIGN, 0, ABOVE_BYTES) < 0 or not _is_whole(body):
        return body
    from spiders.markup import parse  # for no page of a crawl: see article_reader

    page = str(parse(body.decode("utf-8", "replace"))).encode()
    return page if page.count(b"</div>") == body.count(b"</div>") else body


def _is_whole(body: bytes) -> bool:
    return body.count(b"<div") == body.count(b"</div>") > 0
