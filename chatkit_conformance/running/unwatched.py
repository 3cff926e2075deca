"""Why nobody sees where a server connects to: it was not started here, or it takes no notice of HTTPS_PROXY."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

NOT_STARTED = "only of a server that this run starts it is seen where it connects to. Use `run -- COMMAND`."

SETTING = "NODE_USE_ENV_PROXY"
"""The variable with which Node heeds HTTPS_PROXY (nodejs.org/api/cli.html)."""

ASKED_S = 5.0
"""Seconds that Node may take to tell its version."""

_VERSION = re.compile(r"v(\d+)\.(\d+)")


def unwatched(command_lines: Iterable[str], version_of: Callable[[str], str] | None = None) -> str:
    """Why the connections of a started server pass its proxy by, as a sentence, or "".

    Args:
        command_lines: of the processes that it is. version_of: what a Node of that path says to --version.
    """
    nodes = [word for line in command_lines if Path(word := line.split(" ", 1)[0]).stem == "node"]
    for node in dict.fromkeys(nodes):
        told = (version_of or _version)(node)
        if not _heeds(told):
            version = told.strip() or "of an unknown version"
            return (
                f"the server runs on Node {version}, which takes no notice of HTTPS_PROXY: where it connects to is not "
                "seen. Run it on Node 22.21, 24.5 or later."
            )
    return ""


def _heeds(told: str) -> bool:
    found = _VERSION.search(told)
    if not found:
        return False
    major, minor = int(found[1]), int(found[2])
    return major > 24 or (major, minor) >= (24, 5) or (major == 22 and minor >= 21)


def _version(node: str) -> str:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        return subprocess.run([node, "--version"], capture_output=True, text=True, timeout=ASKED_S).stdout
    return ""
