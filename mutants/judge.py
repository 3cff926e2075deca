"""Judge one mutant, and print its row of the matrix.

python -m mutants.judge ids-fake            the named checks and the sentinels, as the matrix does
python -m mutants.judge ids-fake --full     every check, every exchange
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace

from .bench import judge
from .catalogue import Unknown, mutant
from .verdict import CONTROL


def main(argv: Sequence[str] | None = None) -> int:
    """Judge one, and print its row as JSON. Returns 0 where the row is right, 1 where not, 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="python -m mutants.judge", description="Judge one mutant.")
    parser.add_argument("name", metavar="NAME", help="which; `reference` is the server without a lie")
    parser.add_argument("--full", action="store_true", help="every check, every exchange")
    parser.add_argument("--noise", nargs="*", default=[], metavar="ID", help="checks that do not count")
    parser.add_argument("--odd", default="*", metavar="GLOB", help="the MUST checks that a near miss meets")
    parser.add_argument("--first", nargs="*", default=[], metavar="EXCHANGE", help="held before the others")
    parser.add_argument("--until", nargs="*", default=[], metavar="ID", help="hold on until these have fired, instead")
    given = parser.parse_args(argv)
    try:
        one = CONTROL if given.name == CONTROL.name else mutant(given.name)
        if given.until:
            one = replace(one, named=tuple(given.until), also=(*one.named, *one.also))
    except Unknown as unknown:
        print(unknown, file=sys.stderr)
        return 2
    verdict = judge(one, everything=given.full, noise=given.noise, odd=given.odd, first=given.first)
    print(json.dumps(verdict.row()))
    return 0 if verdict.right else 1


if __name__ == "__main__":
    sys.exit(main())
