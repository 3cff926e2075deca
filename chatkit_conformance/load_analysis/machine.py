"""The machine that a load was made on, and the versions it was made with, for its report."""

from __future__ import annotations

import contextlib
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

NAMES = ("chatkit-conformance", "locust", "gevent", "uvicorn", "openai-chatkit", "openai-agents", "openai")
"""Whose versions are told."""


def machine() -> dict[str, Any]:
    """System, processor, cores, the load average before, and versions; "" for what is not installed."""
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "load_before": _load(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in NAMES},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _load() -> float | None:
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
