"""Hostile as a process: what it prints, what it leaves behind, how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

from .hostility import begins

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
def ignores_sigterm() -> None:
    """Does not end when it is asked to."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@begins()
def leaves_a_child() -> None:
    """Starts a child in a session of its own, which holds its output, and does not end it."""
    subprocess.Popen([sys.executable, "-c", SLEEPER], start_new_session=True)


@begins(codes=(3,), says="ended with code 7")
def ends_before_its_child() -> None:
    """Ends soon after it listens, while a child of it holds its output."""
    subprocess.Popen([sys.executable, "-c", SLEEPER])
    threading.Timer(1.0, lambda: os._exit(7)).start()


@begins(codes=(3,), says="ended with code 5")
def ends_at_once() -> None:
    """Ends before it listens, and says why in terminal codes."""
    sys.stderr.write("\x1b[31mno luck\x1b[0m \x07\n")
    sys.stderr.flush()
    os._exit(5)


@begins(codes=(3,))
def prints_no_url() -> None:
    """Never listens, and prints nothing."""
    threading.Event().wait()
