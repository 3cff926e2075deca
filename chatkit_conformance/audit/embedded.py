"""The scripts inside Vue and Svelte components and HTML pages, each with the line in which it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

OPENING = re.compile(r"<!--.*?(?:-->|\Z)|<script\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE | re.DOTALL)
CLOSING = re.compile(r"</script\s*>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"([\w:@.-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?")
SCRIPT_TYPES = frozenset({"", "module", "text/javascript", "application/javascript", "text/babel", "text/typescript"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedScript:
    """One `<script>`: its text, the line of the file in which that begins, its grammar, and its `src`."""

    text: str
    line: int
    grammar: str
    src: str


def scripts_in(text: str) -> Iterator[EmbeddedScript]:
    """Each script of a page or component, those in comments left out."""
    at = 0
    while opened := OPENING.search(text, at):
        at = opened.end()
        if opened.group().startswith("<!--"):
            continue
        closed = CLOSING.search(text, at)
        end = closed.start() if closed else len(text)
        given = {m[1].lower(): m[2] or m[3] or m[4] or "" for m in ATTRIBUTE.finditer(opened[1] or "")}
        language = given.get("lang", "").lower()
        grammar = {"ts": "typescript", "typescript": "typescript", "tsx": "tsx"}.get(language, "javascript")
        if given.get("type", "").lower() in SCRIPT_TYPES:
            yield EmbeddedScript(
                text=text[at:end], line=text.count("\n", 0, at) + 1, grammar=grammar, src=given.get("src", "")
            )
        at = closed.end() if closed else len(text)
