"""Holds `run` against a hostile target, from outside: how it ended, how long it took, what it took, what it left."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .hostility import Hostility

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "harness" / "tiny_suites"
"""Two exchanges and a few checks, for targets that are met in seconds."""

MARK = "CHATKIT_HOSTILE_MARK"
"""Variable by which whatever a run started is known, and whatever that started."""

GRACE_S = 10.0
"""Seconds after its deadline in which a run has to have ended."""

KILLED_S = 60.0
"""Seconds after its deadline in which a run is killed that does not end."""

MOST_MB = 400
"""Megabytes of memory that a run may take."""

MID_RUN = frozenset({1, 3})
"""Exit codes that fit a target that was honest at first: what was held is judged, or it is gone."""

_PRINTED_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """One run against a hostile target.

    Args:
        code: its exit code, None where it had to be killed. seconds: from its first line to its end; on a busy machine
        its own start takes longer than all that. mb: what it took. left: commands still running after it.
        out, err: what it printed.
    """

    code: int | None
    seconds: float
    mb: float
    left: tuple[str, ...]
    out: str
    err: str

    @property
    def said(self) -> str:
        """The first line of its message, or the last but one of what it printed."""
        lines = self.err.strip().splitlines() or self.out.strip().splitlines()[-2:]
        return lines[0].removeprefix("chatkit-conformance run: ") if lines else ""

    def troubles(self, hostility: Hostility, deadline_s: float, *, turned: bool = False) -> list[str]:
        """What is wrong with how it went, in words; nothing where all is right.

        Args:
            turned: whether the target was honest first. What it then does is a finding, or the end of the target.
        """
        found = []
        codes = hostility.codes | MID_RUN if turned else hostility.codes
        if self.code not in codes:
            found.append(f"exit code {self.code}, where {sorted(codes)} is right")
        if self.seconds > deadline_s + GRACE_S:
            found.append(f"took {self.seconds:.0f} s at --deadline {deadline_s:g}")
        if self.mb > MOST_MB:
            found.append(f"took {self.mb:.0f} MB, more than {MOST_MB}")
        if self.left:
            found.append(f"left {len(self.left)} running: {self.left[0]}")
        if "Traceback" in self.err or "Traceback" in self.out:
            found.append("printed a traceback of its own")
        if control := _PRINTED_CONTROL.search(self.out + self.err):
            found.append(f"printed the control character U+{ord(control[0]):04X}")
        if not turned and not hostility.says.search(self.err + self.out):
            found.append(f"did not say {hostility.says.pattern!r}")
        if not self.said:
            found.append("said nothing")
        return found


def meet(
    name: str,
    folder: Path,
    *,
    deadline_s: float = 30.0,
    suites: Path | None = None,
    after: int = 0,
    behind: Sequence[str] = (),
    more: Sequence[str] = (),
) -> Met:
    """Run against one hostile target, and wait until it ended or had to be killed.

    Args:
        folder: where it runs and leaves its report. suites: others than the installed ones.
        after: messages that are answered honestly. behind: the server that answers those. more: options of `run`.
    """
    mark = uuid.uuid4().hex
    target = [sys.executable, "-m", "tests.hostile", name, "--after", str(after), *(["--", *behind] if behind else [])]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), MARK: mark}
    if suites:
        environment["CHATKIT_CONFORMANCE_SUITES"] = str(suites)
    command = [sys.executable, "-m", "chatkit_conformance", "run", "--deadline", str(deadline_s), *more]
    began = time.monotonic()
    starting = 0.0
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen([*command, "--", *target], cwd=folder, env=environment, stdout=out, stderr=err)
        mb, code = 0.0, None
        while (took := time.monotonic() - began) < deadline_s + KILLED_S:
            starting = starting or (took if out.seek(0, os.SEEK_END) or err.seek(0, os.SEEK_END) else 0.0)
            mb = max(mb, peak_mb(process.pid))
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(0.1)
                break
        else:
            process.kill()
            process.wait()
    seconds = time.monotonic() - began - starting
    left = running(mark, until_s=2.0)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return Met(
        code=code,
        seconds=seconds,
        mb=mb,
        left=tuple(left.values()),
        out=(folder / "out").read_text(encoding="utf-8", errors="backslashreplace"),
        err=(folder / "err").read_text(encoding="utf-8", errors="backslashreplace"),
    )


def peak_mb(pid: int) -> float:
    """The most memory that this process ever had, in megabytes; 0 where it is gone, or the system does not say."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def running(mark: str, *, until_s: float) -> dict[int, str]:
    """Processes that were started under this mark and still run after `until_s` seconds: the command of each."""
    end = time.monotonic() + until_s
    while (found := _marked(mark)) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def _marked(mark: str) -> dict[int, str]:
    wanted, found = f"{MARK}={mark}".encode(), {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and wanted in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return found
