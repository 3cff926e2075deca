"""`python -m reference_server.mcp`: see --help."""

from __future__ import annotations

import sys

from reference_server.extra import missing


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns 2 where the extra is not installed, and says what to type."""
    if lacking := missing():
        print(lacking, file=sys.stderr)
        return 2
    from reference_server.speed import loading

    with loading.lightly():
        # A child that the chat waits for: of the SDKs it makes what it uses, when it uses it.
        from reference_server.mcp.command import main as run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
