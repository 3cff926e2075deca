"""What Gemini is asked for beside words: vectors of texts, and how many tokens there are.

A server that looks things up before it asks for words works with the stand-in as with Gemini. The same text has the
same vector, texts that share words have vectors that are near each other, and nothing more is meant by them.

Sources: ai.google.dev/gemini-api/docs/openai, Embeddings; ai.google.dev/api/embeddings, embedContent and
batchEmbedContents; ai.google.dev/api/tokens, countTokens.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import struct
from collections.abc import Callable, Mapping
from typing import Any

from .nesting import read_json

JSON = Any

SIZE = 3072
"""Numbers of a vector of gemini-embedding-001, where a request asks for no other size."""

LARGEST = 4096
"""Numbers of a vector at most, whatever is asked for."""

CHARS_OF_A_TOKEN = 4
"""About how many characters a token has (ai.google.dev/gemini-api/docs/tokens)."""


def vector(text: str, size: int = SIZE) -> list[float]:
    """A vector of length 1, in which each word of the text has a place of its own."""
    made = [0.0] * size
    for word in re.findall(r"\w+", text.lower()) or [""]:
        made[int.from_bytes(hashlib.sha256(word.encode()).digest()[:8]) % size] += 1.0
    length = math.sqrt(sum(n * n for n in made))
    return [round(n / length, 6) for n in made]


def embeddings(asked: Mapping[str, JSON]) -> JSON:
    """The answer to POST embeddings, the endpoint for OpenAI's clients. Raises ValueError for what it does not take."""
    given = asked.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise ValueError("input: a text or a list of texts is expected.")
    size = _size(asked.get("dimensions"))
    packed = asked.get("encoding_format") == "base64"
    rows = [
        {"object": "embedding", "index": n, "embedding": _packed(made) if packed else made}
        for n, made in enumerate(vector(text, size) for text in texts)
    ]
    tokens = sum(map(_tokens, texts))
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": rows, "model": asked.get("model"), "usage": usage}


def _embed_one(asked: Mapping[str, JSON]) -> JSON:
    return {"embedding": {"values": vector(_text(asked.get("content")), _size(asked.get("outputDimensionality")))}}


def _embed_many(asked: Mapping[str, JSON]) -> JSON:
    rows = asked.get("requests")
    return {"embeddings": [_embed_one(row)["embedding"] for row in rows if isinstance(row, dict)] if rows else []}


def _count(asked: Mapping[str, JSON]) -> JSON:
    return {"totalTokens": _tokens(_text(asked))}


NATIVE: Mapping[str, Callable[[Mapping[str, JSON]], JSON]] = {
    "embedContent": _embed_one,
    "batchEmbedContents": _embed_many,
    "countTokens": _count,
}
"""Methods of a model in Gemini's own API, and what each answers."""


def _size(asked: JSON) -> int:
    right = isinstance(asked, int) and not isinstance(asked, bool) and 0 < asked <= LARGEST
    return asked if right else SIZE


def _tokens(text: str) -> int:
    return -(-len(text) // CHARS_OF_A_TOKEN)


def _text(value: JSON) -> str:
    """All texts in a value, one after the other, however deep they lie."""
    found, left = [], [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            found += [one["text"]] if isinstance(one.get("text"), str) else []
            left += reversed(list(one.values()))
        elif isinstance(one, list):
            left += reversed(one)
    return " ".join(found)


def _packed(made: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(made)}f", *made)).decode()


def answer(what: Callable[[Mapping[str, JSON]], JSON], raw: bytes) -> JSON:
    """What is answered to a body. Raises ValueError where it cannot be read."""
    body = read_json(raw)
    if not isinstance(body, dict):
        raise ValueError("The body is no object.")
    return what(body)
