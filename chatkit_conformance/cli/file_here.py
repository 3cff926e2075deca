"""The target file of the folder in which a command is typed."""

from __future__ import annotations

from pathlib import Path

from ..target.default_file import described
from ..visible import complain


def file_here(command: str, named: str) -> str | None:
    """The target file of this folder, or None where something else names the target; says which file is not read.

    Args:
        command: the command's name, for the message. named: the option that names the target, or "".
    """
    files = [file.name for file in described(Path())]
    for unread in files if named else files[1:]:
        complain(
            f"chatkit-conformance {command}: {unread} is not read, for {named or files[0]} names the target; "
            f"to take its users, tools and capabilities, add --target {unread}."
        )
    return None if named or not files else files[0]
