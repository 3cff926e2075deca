"""Keeps the model's thoughts out of its answer.

With thoughts switched on, and with some models without being asked, they come in the answer's own text between
`<thought>` and `</thought>`, the thought deltas usually flagged. A tag counts only before the answer has begun: an
answer may well speak about a tag of that name.
"""

from __future__ import annotations

OPEN = "<thought>"
CLOSE = "</thought>"
MOST_HELD = 1000
"""Characters of blanks that may come before a tag: each delta looks through them again."""


class ThoughtFilter:
    """Feed it the text deltas of one answer; it gives back what the user may see."""

    def __init__(self) -> None:
        self._state = "before"
        self._held = ""
        self._flagged = False

    def feed(self, text: str, *, flagged: bool) -> str:
        """The visible part of one delta. `flagged`: Gemini marked it as thought."""
        if self._state == "answer" and not flagged:
            return text
        if flagged:
            self._state, self._flagged = "thinking", True
        elif self._state == "thinking" and self._flagged:
            # After flagged thoughts the first delta without the flag is the answer; it starts with the closing tag.
            self._state, self._flagged, self._held = "before", False, ""
        self._held += text
        return self._thinking() if self._state == "thinking" else self._before()

    def close(self) -> str:
        """What was held back and turned out to be no tag."""
        held, self._held = self._held, ""
        return held if self._state == "before" else ""

    def _before(self) -> str:
        start = self._held.lstrip()
        for tag, state in ((OPEN, "thinking"), (CLOSE, "answer")):
            if start.startswith(tag):
                self._state, self._held = state, start[len(tag) :]
                if state == "thinking":
                    return self._thinking()
                return self._release()
        if (OPEN.startswith(start) or CLOSE.startswith(start)) and len(self._held) < MOST_HELD:
            return ""
        self._state = "answer"
        return self._release()

    def _thinking(self) -> str:
        _, closed, after = self._held.partition(CLOSE)
        if not closed:
            # The closing tag may be cut in two by a delta's end.
            self._held = self._held[-(len(CLOSE) - 1) :]
            return ""
        self._state, self._held = "answer", after
        return self._release()

    def _release(self) -> str:
        # The line break between thought and answer belongs to neither.
        text, self._held = self._held, ""
        return text
