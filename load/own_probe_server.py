"""A probe server of a worker's own, on a machine where the launch did not start one."""

from __future__ import annotations

import subprocess
import sys

STOP_S = 5.0


class OwnProbeServer:
    """The probe server's process, or none."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start it; its URL."""
        command = [
            sys.executable,
            "-m",
            "chatkit_conformance.load_analysis.probe_server",
            "--first-s",
            "0.05",
            "--gap-s",
            "0.05",
            "--chunks",
            "20",
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        return self._process.stdout.readline().strip() if self._process.stdout else ""

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(STOP_S)
            self._process = None
