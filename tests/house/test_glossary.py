"""The glossary: few terms, one meaning each, and every place that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| \*\*(?P<term>[^*]+)\*\* \| (?P<meaning>.+) \| (?P<place>.+) \|$", re.MULTILINE)
ROWS = [match.groupdict() for match in ROW.finditer((ROOT / "docs/glossary.md").read_text(encoding="utf-8"))]


def test_the_glossary_is_short_and_defines_each_term_once() -> None:
    """It holds at most 25 terms, none of them twice."""
    terms = [row["term"] for row in ROWS]
    assert 20 <= len(terms) <= 25
    assert len(set(terms)) == len(terms)


def test_the_files_that_the_glossary_names_exist() -> None:
    """Each file or folder in its last column is in the repository."""
    named = [place for row in ROWS for place in re.findall(r"`([\w/.]+(?:/|\.py))`", row["place"])]
    assert len(named) > 15
    missing = [p for p in named if not any((root / p).exists() for root in (ROOT, ROOT / "chatkit_conformance"))]
    assert not missing


def test_readme_and_architecture_lead_to_the_glossary() -> None:
    """Whoever begins to read finds it."""
    for page in ("README.md", "ARCHITECTURE.md"):
        assert "docs/glossary.md" in (ROOT / page).read_text(encoding="utf-8"), page
