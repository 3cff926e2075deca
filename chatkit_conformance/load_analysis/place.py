"""Where the Locust side lies: inside this package in a wheel, beside it in a checkout."""

from __future__ import annotations

import sys
import types
from pathlib import Path

PACKAGE = "chatkit_conformance.load"
"""The name under which its modules are imported, so that no generic name is taken."""


def load_dir() -> Path:
    """The folder that holds the locustfile. Raises FileNotFoundError with the places that were looked at."""
    here = Path(__file__).resolve().parents[1]
    places = (here / "load", here.parent / "load")
    for place in places:
        if (place / "locustfile.py").is_file():
            return place
    raise FileNotFoundError(f"the load room is missing: looked at {' and '.join(map(str, places))}; install again.")


def as_package() -> None:
    """Make the folder importable as PACKAGE."""
    if PACKAGE not in sys.modules:
        package = types.ModuleType(PACKAGE)
        package.__path__ = [str(load_dir())]
        sys.modules[PACKAGE] = package
