"""Lines on a terminal or a pipe: coloured where colour is wanted, cut where the terminal ends, harmless everywhere."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Mapping
from typing import Literal, TextIO

from ..results.outcome import Tone
from ..visible import give_up, harmless

When = Literal["auto", "yes", "no"]
"""Whether to colour: pytest's words."""

CODES: Mapping[Tone | Literal["bold", "faint"], str] = {
    "ok": "32",
    "bad": "31",
    "warn": "33",
    "unsure": "35",
    "off": "2",
    "bold": "1",
    "faint": "2",
}
"""What SGR code (ECMA-48, 8.3.117) stands for a tone."""

NARROWEST = 40
"""Columns below which lines are not cut: nothing readable would be left."""

INDENT = 10
"""Columns before what follows in a text of several lines: a server's words are then no line of ours."""

Part = str | tuple[Tone | Literal["bold", "faint"], str]
"""A piece of a line: as it is, or in a tone."""


def coloured(out: TextIO, when: When) -> bool:
    """Whether a stream gets colours: on a terminal, unless NO_COLOR or TERM=dumb says no; FORCE_COLOR says yes."""
    if when != "auto":
        return when == "yes"
    if os.environ.get("NO_COLOR"):  # https://no-color.org: any value that is not empty
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return out.isatty() and os.environ.get("TERM") != "dumb"


class Printer:
    """Prints lines, and one that is written over as long as a run goes on.

    A stream that takes nothing any more, such as a pipe whose reader has gone or a full disk, ends no run: `lost` is
    then what the system said, and nothing more is printed.

    Args:
        out: the stream, None where the caller has closed it. when: whether to colour.
    """

    def __init__(self, out: TextIO | None, when: When = "auto") -> None:
        self.lost: OSError | None = None
        self.live = out is not None and out.isatty() and os.environ.get("TERM") != "dumb"
        self._out = out
        self._colour = out is not None and coloured(out, when)
        self._standing = ""
        self._lock = threading.Lock()

    @property
    def width(self) -> int:
        """Columns of the terminal; 0 where there is none, and nothing is cut."""
        columns = shutil.get_terminal_size((0, 0)).columns if self.live else 0
        return columns if columns >= NARROWEST else 0

    def line(self, *parts: Part, cut: bool = False) -> None:
        """Print a line. `cut`: whether it ends where the terminal does. What has lines itself is indented."""
        with self._lock:
            self._write(self._cleared + self._made(parts, self.width if cut else 0) + "\n" + self._standing)

    def stand(self, text: str) -> None:
        """Write over the line that stands at the end, on a terminal; "" takes it away."""
        if not self.live:
            return
        with self._lock:
            cleared = self._cleared
            self._standing = self._made([text], self.width - 1 if self.width else 0)
            self._write(cleared + self._standing)

    @property
    def _cleared(self) -> str:
        return "\r\033[K" if self._standing else ""  # our own control codes, and nobody's words

    def _write(self, text: str) -> None:
        if self._out is None:
            return
        try:
            self._out.write(text)
            self._out.flush()
        except OSError as e:
            give_up(self._out)
            self.lost, self._out = e, None

    def _made(self, parts: tuple[Part, ...] | list[Part], width: int) -> str:
        made, left = "", width
        for part in parts:
            tone, text = (None, part) if isinstance(part, str) else part
            shown = self._fit(harmless(text))
            if width:
                flat = shown.replace("\n", " ")
                shown = flat if len(flat) <= left else flat[: max(0, left - 1)] + "…"
                left -= len(shown)
            shown = shown.replace("\n", "\n" + " " * INDENT)
            made += f"\033[{CODES[tone]}m{shown}\033[0m" if tone and self._colour and shown else shown
            if width and left <= 0:
                break
        return made

    def _fit(self, text: str) -> str:
        """The text in characters that the stream can take."""
        encoding = (self._out.encoding if self._out else "") or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding)
