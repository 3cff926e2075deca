"""A page as a test reads it: its tags, ids, links, text and pictures, by the standard library's parser."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from chatkit_conformance.report.packed import unpacked

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """Parses on construction, all that is packed unfolded; `problems` names tags that do not close in order."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.html = unpacked(path.read_text(encoding="utf-8"))
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.problems: list[str] = []
        self._open: list[str] = []
        self.feed(self.html)
        self.close()
        self.problems += [f"<{tag}> is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        self.ids += [found["id"]] if "id" in found else []
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.problems.append(f"</{tag}> at {self.getpos()} inside {self._open[-3:]}")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        """What a person can read."""
        return " ".join(" ".join(self.words).split())

    @property
    def pictures(self) -> list[str]:
        """The source of every timeline."""
        return [
            "<svg" + part.split("</svg>")[0] + "</svg>"
            for part in self.html.split("<svg")[1:]
            if 'class="timeline"' in part[:30]
        ]
