"""For every test."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Let Ctrl-C be tested where the tests run in a shell's background, which has programs ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
