"""What a page carries and few people open: kept compressed in the page itself, and unfolded when it is asked for.

A run with many findings has more than a megabyte of events, pictures and transcripts. All of it compresses to a tenth,
so the page stays one file that can be sent by mail. The template says what is packed:

    {% call packed() %} ... {% endcall %}

and ends with `{{ packed.block() }}`. report.js puts the text where it was called for (`data-packed`).
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable

from markupsafe import Markup

BLOCK = "packed"
"""The HTML id of the block that holds all that is packed: base64 of gzip of a JSON list of HTML texts."""


class Packed:
    """The packed texts of one page, in the order in which the template met them."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def __call__(self, caller: Callable[[], Markup]) -> Markup:
        """Take what the template wrote between `call` and `endcall`; what stands in its place on the page."""
        self._texts.append(str(caller()).strip())
        return Markup('<div class="packed" data-packed="{}"></div>').format(len(self._texts) - 1)

    def block(self) -> Markup:
        """The element that holds them; no browser takes it for a script, for its type is none."""
        packed = gzip.compress(json.dumps(self._texts).encode(), 9, mtime=0)
        text = base64.b64encode(packed).decode("ascii")
        return Markup('<script type="text/plain" id="{}">{}</script>').format(BLOCK, text)


def unpacked(html: str) -> str:
    """The page with everything in its place, as it reads once all of it was opened."""
    begin = html.rindex(f'<script type="text/plain" id="{BLOCK}">')
    text = html[html.index(">", begin) + 1 : html.index("</script>", begin)]
    for n, part in enumerate(json.loads(gzip.decompress(base64.b64decode(text)))):
        html = html.replace(f'<div class="packed" data-packed="{n}"></div>', f'<div class="packed">{part}</div>', 1)
    return html
