"""The reference server judged by the real suites, as the README's first command does it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent


def test_reference_server_conforms(cli: Callable[..., Any]) -> None:
    """The reference server passes every check of what it has, at least two hundred, and the run is complete."""
    suites = str(ROOT / "suites")
    ran = cli("run", "--", sys.executable, "-m", "reference_server", CHATKIT_CONFORMANCE_SUITES=suites)
    fine = ("passed", "warned", "not_applicable")
    red = {row["id"]: row["got"] for row in ran.results["results"] if row["outcome"] not in fine}
    assert red == {}
    assert ran.code == 0, ran.out + ran.err
    assert ran.results["complete"] is True
    assert len([row for row in ran.results["results"] if row["outcome"] == "passed"]) >= 200
    assert set(ran.results["target"]["tools"]) == {
        "create",
        "read",
        "update",
        "delete",
        "complete",
        "bulk-complete",
        "bulk-delete",
    }
