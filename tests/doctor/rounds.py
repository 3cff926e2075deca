"""The doctor's rounds: every ill set-up of ward.py, and the well ones.

python -m tests.doctor.rounds                  every one, and how many were named right
python -m tests.doctor.rounds own-port forgets
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chatkit_conformance.target.credentials import mint
from odd_servers.judge import FOLDER, can_start
from odd_servers.table import BY_NAME
from tests.harness.deployed import SECRET, deployed

from .annex import ODD
from .illness import Illness
from .ward import WARD

ROOT = Path(__file__).parents[2]

WELL_SERVERS = (
    "sockets-cookie",
    "sockets-whole",
    "starlette-slash",
    "starlette-native",
    "starlette-guard",
    "sdk-plain",
    "node-plain",
)
"""Odd servers that are right: nothing may be found in them."""

WELL: dict[str, tuple[str, ...]] = {
    "reference": ("--", sys.executable, "-m", "reference_server"),
    "patient-well": ("--", sys.executable, "-m", "tests.doctor.patient"),
    **{name: ("--", sys.executable, "-m", "tests.doctor.patient", name) for name in ODD},
    **{
        name: ("--target", str(FOLDER / BY_NAME[name].target), "--", sys.executable, "-m", "odd_servers", name)
        for name in WELL_SERVERS
        if can_start(BY_NAME[name])
    },
}
"""What is right, and the doctor's arguments for it."""

LONGEST_S = 10.0
"""Seconds that the doctor may take, the start of its own program not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What the doctor said: its exit code, its first line, all of it, and the seconds that it took."""

    code: int
    first: str
    out: str
    seconds: float


def visited(arguments: Sequence[str]) -> Visit:
    """Call the doctor as a user does."""
    began = time.monotonic()
    made = subprocess.run(
        [sys.executable, "-m", "chatkit_conformance", "doctor", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    first = (made.stdout.splitlines() or made.stderr.splitlines() or [""])[0]
    return Visit(code=made.returncode, first=first, out=made.stdout + made.stderr, seconds=time.monotonic() - began)


def visited_to(illness: Illness, *more: str) -> Visit:
    """Call the doctor to an ill set-up, by its URL where it was deployed. `more`: options."""
    if not illness.deployed:
        return visited((*more, *arguments_of(illness)))
    return asyncio.run(_deployed(illness, more))


async def _deployed(illness: Illness, more: Sequence[str]) -> Visit:
    """Start the patient as its owner would, in front of a model of its own, and call the doctor to its URL."""
    command = (sys.executable, "-m", "tests.doctor.patient", illness.name)
    with tempfile.TemporaryDirectory() as folder:
        async with deployed(Path(folder), *command) as server:
            port = urlsplit(server.url).port
            url = f"http://127.0.0.1:{port}/chatkit"
            signs_in = ("--header", f"Authorization: Bearer {mint('a', SECRET)}")
            return await asyncio.to_thread(visited, (*more, "--url", url, *signs_in))


def arguments_of(illness: Illness) -> tuple[str, ...]:
    """What is typed for an ill set-up."""
    command = illness.command or (sys.executable, "-m", "tests.doctor.patient", illness.name)
    return (*illness.options, "--", *command)


def named_right(illness: Illness, visit: Visit) -> bool:
    """Whether the first line names what is wrong, and the exit code says that something is."""
    return visit.code in (1, 3) and re.search(illness.words, visit.first) is not None


def main(names: Sequence[str]) -> int:
    """Visit them all, a line each. Returns 1 where one was not named right, or a well one was called ill."""
    wrong = 0
    for name, illness in WARD.items():
        if names and name not in names:
            continue
        visit = visited_to(illness)
        good = named_right(illness, visit)
        wrong += not good
        print(f"{'named' if good else 'MISSED':<7} {name:<24} {visit.seconds:4.1f} s  {visit.first}", flush=True)
    for name, arguments in WELL.items():
        if names and name not in names:
            continue
        visit = visited(arguments)
        wrong += visit.code != 0
        said = "untouched" if visit.code == 0 else "ACCUSED"
        print(f"{said:<9} {name:<22} {visit.seconds:4.1f} s  {visit.first}", flush=True)
        if visit.code:
            print(visit.out)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
