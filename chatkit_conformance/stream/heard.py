"""What a request tells the model: its words as one text, its pictures, and where in it something stands.

The promise is the facts, not the roles: a server may tell the conversation as messages, as a transcript inside the
instructions, as JSON or with every line quoted. So words are looked for as words, whatever stands between them.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from ..transcript import JSON, Call, Transcript
from .once import once

_WORD = re.compile(r"\w+")
_ESCAPE = re.compile(r'\\u([0-9a-fA-F]{4})|\\([nrtbf"/\\])')
_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")

BEGINNING = 256
"""Characters of a picture's base64 in which its mark would be; a multiple of four."""

PICTURES = ("image_url", "input_image", "image")
"""Types of the parts that carry a picture (Gemini docs, OpenAI compatibility: image_url)."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One request, as it reaches the model.

    Args:
        messages: the role and the words of each message; tool calls and other parts as JSON.
        pictures: how many pictures there are. inline: of these, how many come with their bytes. drawn: the first of
            these bytes, as a text, for a mark that may be in them.
    """

    messages: tuple[tuple[str, str], ...]
    pictures: int = 0
    inline: int = 0
    drawn: tuple[str, ...] = ()
    _found: dict[str, int] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """All words as one text, message by message."""
        return "\n".join(text for _, text in self.messages)

    @cached_property
    def _words(self) -> str:
        return words_of(unescaped(self.text))

    def has(self, said: str) -> bool:
        """Whether these words are told, whatever stands between them. Words of no letters count as told."""
        if said in self.text:
            return True
        words = words_of(said)
        # What looks like an escape in the words themselves is read as one in the text, too.
        return not words.strip() or words in self._words or words_of(unescaped(said)) in self._words


@once
def heard_in(t: Transcript) -> dict[int, Heard]:
    """What each request of a transcript tells the model, by the call's `n`."""
    return {call.n: _heard(call) for call in t.calls}


@lru_cache(maxsize=8192)
def words_of(text: str) -> str:
    """The words of a text, a blank before and behind each."""
    return f" {' '.join(_WORD.findall(unicodedata.normalize('NFC', text)))} "


def as_read(text: str) -> str:
    """A text as it is the same to whoever reads it: letters composed (NFC), plain line ends, no blanks at its ends."""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def unescaped(text: str) -> str:
    """A text as it was before it was written as JSON or HTML, once or twice."""
    for _ in range(2):
        text = _ESCAPE.sub(_plain, text)
    if _HALVES.search(text):  # JSON in ASCII writes what is beyond the first plane in two halves
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return html.unescape(text)


def _plain(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    return escape[2] if escape[2] in '"/\\' else " "


def _heard(call: Call) -> Heard:
    rows = tuple((str(m.get("role")), "\n".join(_texts(m))) for m in call.messages)
    pictures = list(picture_urls(call))
    inline = [url for url in pictures if url.startswith("data:")]
    return Heard(
        messages=rows, pictures=len(pictures), inline=len(inline), drawn=tuple(_beginning(url) for url in inline)
    )


def picture_urls(call: Call) -> Iterator[str]:
    """The address of each picture in a request: a data URL where it comes with its bytes."""
    for part in (part for m in call.messages for part in _parts(m.get("content"))):
        if part.get("type") in PICTURES:
            told = part.get("image_url")
            yield str(told.get("url") if isinstance(told, dict) else told)


def _beginning(url: str) -> str:
    """The first bytes of a data URL in base64, as a text; "" of any other."""
    try:
        return b64decode(url.partition(";base64,")[2][:BEGINNING]).decode("latin-1")
    except ValueError:  # binascii.Error is one; letters beyond ASCII are another
        return ""


def _parts(content: JSON) -> Iterator[dict[str, JSON]]:
    return (part for part in content if isinstance(part, dict)) if isinstance(content, list) else iter(())


def _texts(message: dict[str, JSON]) -> Iterator[str]:
    content = message.get("content")
    if isinstance(content, str):
        yield content
    for part in _parts(content):
        text = part.get("text")
        if isinstance(text, str):
            yield text
        elif part.get("type") not in PICTURES:
            yield json.dumps(part, ensure_ascii=False)
    if message.get("tool_calls"):
        yield json.dumps(message["tool_calls"], ensure_ascii=False)
