"""Versions of what judged, for the record."""

from __future__ import annotations

import platform
from importlib import metadata

PACKAGES = ("chatkit-conformance", "pytest", "httpx", "jsonschema-rs")


def versions() -> dict[str, str]:
    """By name, "checkout" where a package is not installed."""
    found = {"python": platform.python_version(), "platform": platform.platform(), "wire": "openai-chatkit 1.6.5"}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "checkout"
    return found
