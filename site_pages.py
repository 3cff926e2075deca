"""What the site has beside docs/: a page for each check, the kill matrix, and the pages of the repository's root.

A hook of MkDocs (mkdocs.yml). Links between pages of the repository are written anew as links between pages of the
site; a link to a file that is no page leads to the repository.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatkit_conformance.judging.catalogue import checks, exchanges
from chatkit_conformance.judging.killers import killers
from chatkit_conformance.ledger.check_page import check_pages

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent
FROM_ROOT = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "ARCHITECTURE.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "SECURITY.md": "SECURITY.md",
    "CODE_OF_CONDUCT.md": "CODE_OF_CONDUCT.md",
    "reports/kill-matrix.md": "kill-matrix.md",
}
"""Page of the repository -> page of the site. Those of docs/ keep their names."""

LINK = re.compile(r"(\]\()(?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?(\))")


def extra_pages() -> dict[str, str]:
    """Path in the site -> text of what is made."""
    known = checks()
    caught = {check.id: killers(check.id) or [] for check in known}
    stories = {name: exchange.story for name, exchange in exchanges(thorough=True).items()}
    return check_pages(known, stories, caught)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put every page of docs/ that the menu leaves out into its last section."""
    config.nav = complete(config.nav or [], sorted(path.name for path in (ROOT / "docs").glob("*.md")))
    return config


def complete(nav: list[dict[str, Any]], pages: Iterable[str]) -> list[dict[str, Any]]:
    """The menu, with those of the pages that no section names in the last one."""
    named = {page for section in nav for value in section.values() for page in _listed(value)}
    (title, last), *_ = nav[-1].items()
    return [*nav[:-1], {title: [*_listed(last), *(page for page in pages if page not in named)]}]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made, and those of the repository's root."""
    from mkdocs.structure.files import File

    texts = {page: (ROOT / source).read_text(encoding="utf-8") for source, page in FROM_ROOT.items()}
    for path, text in {**extra_pages(), **texts}.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead every link to where the page is on the site, or to the repository."""
    here = page.file.src_uri
    origin = next((source for source, name in FROM_ROOT.items() if name == here), f"docs/{here}")
    if here.startswith("checks/"):
        return markdown
    return LINK.sub(lambda link: f"{link[1]}{placed(link[2], origin, here, config.repo_url)}{link[3] or ''})", markdown)


def placed(target: str, origin: str, here: str, repository: str) -> str:
    """A link of a page of the repository as a link of the site.

    Args:
        target: as it is written. origin: the page's path in the repository. here: its path in the site.
        repository: address of the repository.
    """
    path = posixpath.normpath(posixpath.join(posixpath.dirname(origin), target))
    page = FROM_ROOT.get(path) or (path.removeprefix("docs/") if path.startswith("docs/") else "")
    if not page and not (ROOT / path).exists():
        return target  # as it is: the strict build then fails for it
    if not page:
        kind = "tree" if (ROOT / path).is_dir() else "blob"
        return f"{repository}/{kind}/main/{path}"
    return posixpath.relpath(page, posixpath.dirname(here) or ".")
