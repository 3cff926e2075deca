"""Text that came from elsewhere, with nothing in it that hides, turns or commands: for a terminal, a page or a file.

A server's words reach the person who tests it. A control character in them can clear a terminal, name its window or
write over what stood there; half of a surrogate pair cannot be printed at all. Each is shown by its number, because it
must be possible to say that it was there.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from typing import TextIO

# C0 and C1 controls but tab and newline; zero-width and bidirectional controls; line separators; lone surrogates;
# the byte order mark.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)
# More than three combining marks on one letter is an attack on the line above, not a language.
_STACKED = re.compile(
    "([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)

# What a build's log takes for a command: at a line's start (GitHub), or anywhere (GitHub's older form, Azure DevOps,
# TeamCity).
_COMMAND = re.compile(r"^([ \t]*):(?=:[A-Za-z][\w-]*(?:[ \t][^\n]*?)?::)|#(?=#(?:vso|teamcity)?\[)", re.MULTILINE)


def visible(text: str) -> str:
    """The text with its unseen characters shown as U+XXXX. Newlines and tabs stay."""
    return _STACKED.sub(r"\1", _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text))


def harmless(text: str) -> str:
    """Like `visible`, for a terminal or a build's log: what would command a build has one sign shown by its number."""
    return _COMMAND.sub(lambda found: f"{found[1]}⟨U+003A⟩" if found[1] is not None else "⟨U+0023⟩", visible(text))


def flat(text: str) -> str:
    """The text on one line: each line that ended is marked, so that nobody takes what follows for a line of ours."""
    return " ⏎ ".join(text.splitlines()) if "\n" in text or "\r" in text else text


def say(text: object = "", *, file: TextIO | None = None) -> None:
    """Print a line, `harmless`, and in characters that the stream can take. Standard output where no file is given.

    Where the caller has closed it, nothing is printed. Raises OSError where it takes nothing any more.
    """
    out: TextIO | None = file or sys.stdout
    if out is None:
        return
    shown = harmless(str(text))
    encoding = out.encoding or "utf-8"
    out.write(shown.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    out.flush()


def complain(text: object) -> None:
    """Print a line to standard error, as `say` does. Where nobody can be told, the exit code has to say it all."""
    if sys.stderr is None:
        return
    try:
        say(text, file=sys.stderr)
    except OSError:
        give_up(sys.stderr)


def give_up(out: TextIO | None) -> None:
    """Drop what a stream still holds that takes nothing any more.

    It would be written once more at the interpreter's end, which then ends with 120 whatever was returned.
    """
    with contextlib.suppress(OSError, ValueError):
        if out is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
