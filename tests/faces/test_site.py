"""The site: a page for each check at an address that stays, and every page where somebody finds it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # the package has no types

import site_pages
from chatkit_conformance.judging.aliases import RENAMED
from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.results.help_address import help_address, site

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
MADE = site_pages.extra_pages()


def test_each_check_has_a_page_with_all_that_explain_tells() -> None:
    """Its requirement, source, cause, fix and the command stand on it, and SARIF leads to it."""
    for check in checks():
        page = MADE[f"checks/{check.id}.md"]
        for part in ("**Level.**", "**Source.**", "**Usual cause.**", "**Fix.**", f"run --select {check.id} "):
            assert part in page, check.id
        assert help_address(check.id) == f"{site()}checks/{check.id}/"
    assert site() == CONFIG["site_url"]


def test_an_earlier_id_still_has_its_page() -> None:
    """A check that was renamed is found under its old id, which leads to the new one."""
    ids = {check.id for check in checks()}
    old = [id for id, new in RENAMED.items() if new in ids and id not in ids]
    assert old
    assert all(f"]({RENAMED[id]}.md)" in MADE[f"checks/{id}.md"] for id in old)


def test_every_link_of_a_made_page_leads_to_a_page() -> None:
    """Links among the pages of checks name pages that are made."""
    found = re.findall(r"\]\(([\w.-]+\.md)\)", "".join(MADE.values()))
    assert found
    assert {f"checks/{name}" for name in found} <= set(MADE)


def test_every_page_of_the_documentation_is_in_the_navigation() -> None:
    """The menu names no page that is not there, and what it leaves out comes into its last section."""
    there = [path.name for path in (ROOT / "docs").glob("*.md")]
    named = {page for section in CONFIG["nav"] for page in _pages(section)}
    assert named - set(there) <= {*site_pages.FROM_ROOT.values(), "checks/index.md"}
    full = site_pages.complete(CONFIG["nav"], [*there, "new.md"])
    assert {page for section in full for page in _pages(section)} == {*named, *there, "new.md"}
    assert "new.md" in _pages(full[-1])


def _pages(section: dict[str, Any]) -> list[str]:
    return [page for value in section.values() for page in ([value] if isinstance(value, str) else value)]


@pytest.mark.parametrize(
    ("target", "origin", "here", "placed"),
    [
        ("docs/load.md", "README.md", "index.md", "load.md"),
        ("../README.md", "docs/load.md", "load.md", "index.md"),
        ("glossary.md", "docs/load.md", "load.md", "glossary.md"),
        ("../reports/load/README.md", "docs/load.md", "load.md", "R/blob/main/reports/load/README.md"),
        ("reports/", "README.md", "index.md", "R/tree/main/reports"),
        ("../reports/none.md", "docs/load.md", "load.md", "../reports/none.md"),
        ("reports/kill-matrix.md", "README.md", "index.md", "kill-matrix.md"),
    ],
)
def test_a_link_leads_to_the_site_or_to_the_repository(target: str, origin: str, here: str, placed: str) -> None:
    """A link between pages stays on the site; one to a file that is no page leads to the repository."""
    assert site_pages.placed(target, origin, here, "R") == placed
