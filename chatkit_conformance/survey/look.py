"""Looks at a folder: the survey of the server that it holds."""

from __future__ import annotations

from pathlib import Path

from ..audit.reading import read_tree
from .dotnet_server import survey_dotnet
from .facts import Survey
from .node_server import survey_node
from .python_server import survey_python

LANGUAGES = (survey_python, survey_node, survey_dotnet)
"""The surveys, by language. Where two could start something, the one that has found ChatKit's path counts."""


def survey(folder: Path) -> Survey | None:
    """What stands in a folder, or None where nothing there starts a server.

    Raises:
        ConfigError: the folder is not there, is empty, or is no folder of one project.
    """
    tree = read_tree(str(folder), folder)
    found = [one for look in LANGUAGES if (one := look(tree)).start is not None]
    return max(found, key=lambda one: (one.path is not None, bool(one.tools), bool(one.base_urls)), default=None)
