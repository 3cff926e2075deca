"""The Chromium of this machine: where it is, and how one comes here.

    python -m tests.browser.chromium

installs it from Debian's packages where there is none, and prints its path. The browser builds that Playwright would
fetch are not on any package index.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What distributions call it; the variable CHROMIUM names another."""

MISSING = "there is no Chromium: `nox -s browser` installs it where apt-get can, or set CHROMIUM to the path of yours"
STEPS = (("update",), ("install", "-y", "--no-install-recommends", "chromium"))
STEP_S = 600.0


def found() -> str | None:
    """The path of the browser on this machine, if it has one."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def main() -> int:
    """See to it that there is one. Without the rights or the network that it takes, the tests say so and skip."""
    if not found() and shutil.which("apt-get") and getattr(os, "geteuid", lambda: 1)() == 0:
        for step in STEPS:
            subprocess.run(["apt-get", "-q", *step], check=False, stdout=subprocess.DEVNULL, timeout=STEP_S)
    sys.stdout.write(f"{found() or MISSING}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
