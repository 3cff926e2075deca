"""Byte code of the Python programs that a run starts, kept elsewhere where it may not stand beside the sources.

A run starts its server several times, and `--watch` on each change. Where PYTHONDONTWRITEBYTECODE is set and an
installer left no byte code (uv leaves none), Python compiles every package anew each time: the reference server takes
2.0 s of CPU to start instead of 0.6. The programs then get a folder for it that lasts as long as this process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

FORBIDDEN, ELSEWHERE = "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"

ONE = "httpx"
"""A package that is always there: whether it has byte code tells whether those beside it have."""


def keeping_byte_code(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a program, with a folder for byte code where it would have to do without any."""
    if not environ.get(FORBIDDEN) or environ.get(ELSEWHERE) or _compiled():
        return dict(environ)
    return {**{name: value for name, value in environ.items() if name != FORBIDDEN}, ELSEWHERE: _folder().name}


@cache
def _compiled() -> bool:
    spec = find_spec(ONE)
    return spec is not None and spec.cached is not None and Path(spec.cached).exists()


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    # Held here until this process ends, which removes it; a server that is still writing then is no reason to fail.
    return tempfile.TemporaryDirectory(prefix="chatkit-conformance-byte-code-", ignore_cleanup_errors=True)
