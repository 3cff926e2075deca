"""Hostile as a process: what it prints, what it leaves behind, how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from asyncio import StreamWriter

from .hostility import answers, begins
from .server import PAGE, Asked, answer

SLEEPER = "import time; time.sleep(600)"
"""A child that does nothing for ten minutes."""


@begins(says="")
def prints_hosts() -> None:
    """Prints the addresses of other hosts before it listens."""
    sys.stdout.write("Docs: http://docs.example.invalid:8080/ and http://192.0.2.1:9/\n")
    sys.stdout.flush()


@begins()
def prints_late() -> None:
    """Listens two seconds after it was started."""
    time.sleep(2)


@begins(dear=True)
def prints_gigabytes() -> None:
    """Prints without end, while it serves."""

    def flood() -> None:
        while True:
            os.write(1, b"x" * 65_000 + b"\n")

    threading.Thread(target=flood, daemon=True).start()


@begins(dear=True)
def prints_a_line_without_end() -> None:
    """Prints a hundred megabytes without the end of a line, and bytes that are no UTF-8, before it listens."""
    for _ in range(1600):
        os.write(1, b"\xff\x00\x1b" + b"x" * 65_000)


@begins()
def prints_our_own_address() -> None:
    """Prints the address of the model that it was given as if it were its own."""
    sys.stdout.write(f"listening on {os.environ.get('GEMINI_BASE_URL', '')}\n")
    sys.stdout.flush()


@begins()
def leaves_a_hundred_children() -> None:
    """Starts a hundred children, each in a session of its own, and ends none of them."""
    for _ in range(100):
        subprocess.Popen(["sleep", "600"], start_new_session=True)


@answers(says="")
async def restarts(asked: Asked, writer: StreamWriter) -> None:
    """Becomes a fresh process of its own, under the same number, at every message."""
    if asked.streams:
        os.execv(sys.executable, [sys.executable, "-m", "tests.hostile", "restarts"])
    writer.write(answer(PAGE))


@begins(dear=True)
def ignores_sigterm() -> None:
    """Does not end when it is asked to."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@begins()
def leaves_a_child() -> None:
    """Starts a child in a session of its own, which holds its output, and does not end it."""
    subprocess.Popen([sys.executable, "-c", SLEEPER], start_new_session=True)


@answers(codes=(3,), says="ended with code 7")
async def ends_before_its_child(asked: Asked, writer: StreamWriter) -> None:
    """Ends at the first message, while a child of it holds its output."""
    if asked.streams:
        await asyncio.create_subprocess_exec(sys.executable, "-c", SLEEPER)
        os._exit(7)
    writer.write(answer(PAGE))


@begins(codes=(3,), says="ended with code 5")
def ends_at_once() -> None:
    """Ends before it listens, and says why in terminal codes."""
    sys.stderr.write("\x1b[31mno luck\x1b[0m \x07\n")
    sys.stderr.flush()
    os._exit(5)


@begins(codes=(1, 3))
def prints_no_url() -> None:
    """Never listens, and prints nothing."""
    threading.Event().wait()


async def _never(asked: Asked, writer: StreamWriter) -> None:
    """Start a child in a session of its own, once, and answer no message."""
    if not asked.streams:
        writer.write(answer(PAGE))
        return
    await asyncio.create_subprocess_exec(sys.executable, "-c", SLEEPER, start_new_session=True)
    await asyncio.Event().wait()


@answers()
async def silent_later(asked: Asked, writer: StreamWriter) -> None:
    """Answers lists and no message, and starts a child in a session of its own for each."""
    await _never(asked, writer)


@answers()
async def ignores_sigterm_and_hangs(asked: Asked, writer: StreamWriter) -> None:
    """Answers lists and no message, and does not end when it is asked to."""
    loop = asyncio.get_running_loop()
    loop.remove_signal_handler(signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    await _never(asked, writer)
