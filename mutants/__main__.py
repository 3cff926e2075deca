"""`python -m mutants NAME [options of reference_server]`, or `python -m mutants --list`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from .catalogue import MUTANTS, Unknown, mutant

EPILOG = """\
A mutant is a target like any other:
  chatkit-conformance run -- python -m mutants ids-fake
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Start one mutant, or list them all. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m mutants",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="The reference server with one promise broken. Further options go to `python -m reference_server`.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="which mutant")
    parser.add_argument("--list", action="store_true", help="list them all, with the fault of each")
    parser.add_argument("--json", action="store_true", help="with --list: as JSON")
    given, rest = parser.parse_known_args(argv)
    if given.list:
        rows = [
            {"name": m.name, "lie": m.lie, "side": m.side, "near_miss": m.near_miss, "named": m.named}
            for m in MUTANTS.values()
        ]
        print(json.dumps(rows, indent=1) if given.json else "\n".join(_line(row) for row in rows))
        return 0
    if not given.name:
        parser.error("which mutant? name one, or use --list")
    try:
        chosen = mutant(given.name)
    except Unknown as unknown:
        print(unknown, file=sys.stderr)
        return 2
    from .serve import serve

    serve(chosen, rest)
    return 0


def _line(row: dict[str, object]) -> str:
    kind = "odd " if row["near_miss"] else "lie "
    return f"{kind}{row['name']:<26} {row['side']:<9} {row['lie']}"


if __name__ == "__main__":
    sys.exit(main())
