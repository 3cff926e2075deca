"""`python -m reference_server`: see --help."""

from __future__ import annotations

import sys

from reference_server.extra import missing


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns 2 where the extra is not installed, and says what to type."""
    if lacking := missing():
        print(lacking, file=sys.stderr)
        return 2
    from reference_server.command import main as run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
