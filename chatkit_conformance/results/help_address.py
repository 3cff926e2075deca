"""Where a check's page is, on the site that the package names as its documentation."""

from __future__ import annotations

from functools import cache
from importlib import metadata

PACKAGE, LABEL = "chatkit-conformance", "Documentation"


@cache
def site() -> str:
    """The site's address, as pyproject.toml has it; "" in a checkout that is not installed."""
    try:
        rows = metadata.metadata(PACKAGE).get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    named: dict[str, str] = dict(row.split(", ", 1) for row in rows if ", " in row)
    return named.get(LABEL, "")


def help_address(id: str) -> str:
    """The address of a check's page, or ""."""
    return f"{site()}checks/{id}/" if site() else ""
