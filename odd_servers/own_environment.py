"""The environment of a server whose packages go beside none of ours: made by uv where it is first wanted, and kept."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "build" / "environments"
"""Where they stand, each under a name that is made of what is in it."""

INSTALL_S = 600.0
"""Seconds that an installation may take."""


def uv() -> str:
    """The program that makes environments, beside this Python or on the path; "" where there is none."""
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv") or ""


def python_with(requirements: Sequence[str]) -> str:
    """The Python of an environment that has these packages. Raises CalledProcessError where they cannot be had."""
    name = hashlib.sha256("\n".join(requirements).encode()).hexdigest()[:12]
    place = FOLDER / name
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not (place / "whole").exists():
        shutil.rmtree(place, ignore_errors=True)
        for command in (
            ("venv", "-q", "--python", sys.executable, str(place)),
            ("pip", "install", "-q", "--python", str(python), *requirements),
        ):
            subprocess.run([uv(), *command], check=True, capture_output=True, text=True, timeout=INSTALL_S)
        (place / "whole").write_text("\n".join(requirements))
    return str(python)
