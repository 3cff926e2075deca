"""`python -m team_server`: the options and the settings are those of `python -m reference_server`."""

from __future__ import annotations

import sys

from reference_server import command
from reference_server.app import Web
from team_server.chat import TeamChat


def main(arguments: list[str] | None = None) -> int:
    """Run the server."""
    Web.kind = TeamChat
    return command.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
