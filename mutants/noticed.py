"""Which small faults in right conversations does no check notice? `python -m mutants.noticed FOLDER`.

FOLDER is what `chatkit-conformance run --out FOLDER` left of a server that conforms. Each fault is put into one of its
conversations (edits.py), and every check that judges it is asked. Prints what was noticed and, the most frequent
first, what was not: each line is harmless, or a promise that nobody holds the server to.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

from chatkit_conformance.check import MUST, WHOLE_RUN, Check
from chatkit_conformance.judging.catalogue import checks, load_suites
from chatkit_conformance.judging.judge import look
from chatkit_conformance.transcript import Transcript

from .edits import edited


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 2 where the folder holds no conversation."""
    parser = argparse.ArgumentParser(prog="python -m mutants.noticed", description=__doc__)
    parser.add_argument("folder", type=Path, help="what a run of a right server left")
    parser.add_argument("--number", type=int, default=1000, metavar="N", help="faults to try (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="what they are drawn from (default: 0)")
    options = parser.parse_args(arguments)
    load_suites()
    held = [Transcript.from_json(json.loads(path.read_text())) for path in _files(options.folder)]
    if not held:
        print(f"{options.folder} holds no conversation: run chatkit-conformance run --out {options.folder} first")
        return 2
    for line in report(held, Random(options.seed), options.number):
        print(line)
    return 0


def _files(folder: Path) -> list[Path]:
    found = sorted((folder / "transcripts").glob("*.json"))
    return [path for path in found if not path.name.startswith(WHOLE_RUN)]


def report(held: Sequence[Transcript], random: Random, number: int) -> Iterable[str]:
    """Try so many faults; one line for the whole, and one for each kind that was not noticed."""
    known = tuple(checks())
    before: dict[int, set[str]] = {}
    tried, silent = Counter[str](), Counter[str]()
    strictly, example = 0, dict[str, str]()
    for _ in range(number):
        t = random.choice(held)
        made = edited(t, random)
        if made is None:
            continue
        if id(t) not in before:
            before[id(t)] = {check.id for check in firing(t, known)}
        fired = [check for check in firing(made.transcript, known) if check.id not in before[id(t)]]
        tried[made.what] += 1
        strictly += any(check.level == MUST for check in fired)
        if not fired:
            silent[made.what] += 1
            example.setdefault(made.what, f"{t.exchange}/{made.where}")
    total = sum(tried.values())
    yield f"{total - sum(silent.values())} of {total} faults were noticed, {strictly} of them by a MUST."
    for what, times in silent.most_common():
        yield f"{times:4d} of {tried[what]:3d} not noticed: {what} (as in {example[what]})"


def firing(t: Transcript, known: Iterable[Check]) -> list[Check]:
    """The checks that find something in a transcript."""
    return [check for check in known if check.judges(t.exchange) and look(check, t).findings]


if __name__ == "__main__":
    sys.exit(main())
