"""Sends wrong requests to a server: `python -m tests.wrong_requests [--number N] [--seed N] [-- COMMAND]`.

Returns 1 where one was answered with 500 or not at all. `--keep` adds the smallest of them to the corpus, which every
run begins with.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from chatkit_conformance import wrong_requests
from chatkit_conformance.check import Finding, Untestable
from chatkit_conformance.judging.catalogue import checks, load_suites
from chatkit_conformance.running.plan import RunPlan
from chatkit_conformance.running.runner import Runner
from chatkit_conformance.running.settings import target_of
from chatkit_conformance.transcript import Transcript
from chatkit_conformance.visible import say

REFERENCE = (sys.executable, "-m", "reference_server")
TARGET = Path(__file__).parents[2] / "mutants" / "chatkit-target.toml"
CORPUS = Path(wrong_requests.__file__).with_name("corpus.json")

AT_ONCE = 2_000
"""Requests of one conversation: what a transcript holds in 100 MB."""


def judged(t: Transcript) -> list[Finding]:
    """What the checks of many wrong requests find in a conversation of them."""
    found: list[Finding] = []
    for check in (check for check in checks() if "many_wrong_requests" in check.on):
        try:
            found += check.judge(replace(t, exchange="many_wrong_requests"))
        except Untestable as why:
            found.append(Finding(expected=check.requirement, got=str(why)))
    return found


def keep(transcripts: Sequence[Transcript]) -> int:
    """Add the smallest requests that broke a server to the corpus; returns how many are new."""
    rows = json.loads(CORPUS.read_text(encoding="utf-8"))
    new = [
        row["request"]
        for t in transcripts
        for row in t.notes.get("wrong", {}).values()
        if "request" in row and "smaller" not in row and row["request"] not in rows
    ]
    lines = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in [*rows, *new])
    CORPUS.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    return len(new)


def main(argv: Sequence[str]) -> int:
    """Send them; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=10_000, help="requests (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed; each 2,000 requests have the next one")
    parser.add_argument("--keep", action="store_true", help="add what broke the server to the corpus")
    parser.add_argument("command", nargs="*", help="what starts the server (default: the reference server)")
    given = parser.parse_args(argv)
    load_suites()
    exchange_of = import_module("chatkit_conformance.suites.exchanges.wrong").exchange_of
    seeds = range(given.seed, given.seed + -(-given.number // AT_ONCE))
    held = [exchange_of(seed, min(AT_ONCE, given.number)) for seed in seeds]
    plan = RunPlan(
        exchanges=tuple((exchange, ("gemini-3",)) for exchange in held),
        deadline_s=sum(exchange.deadline_s for exchange in held),
        whole=False,
    )
    began = time.monotonic()
    runner = Runner(target_of(file=str(TARGET), command=tuple(given.command) or REFERENCE), plan)
    runner.start()
    try:
        runner.wait_until_ready()
        made = list(runner.as_made())
    finally:
        runner.stop()
    findings = [finding for t in made for finding in judged(t)]
    for finding in findings:
        say(f"{finding.reply}: expected {finding.expected}, got {finding.got}")
    number = sum(r.label.startswith("wrong-") for t in made for r in t.replies)
    took = f"{time.monotonic() - began:.0f} s"
    say(f"{number} wrong requests, seeds {seeds[0]} to {seeds[-1]}: {len(findings)} findings, in {took}")
    if given.keep:
        say(f"{keep(made)} requests added to {CORPUS.name}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
