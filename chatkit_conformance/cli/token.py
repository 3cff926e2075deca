"""A token for a user, as the curl lines of a report want it.

  export JWT_SECRET=...                       the secret that your server checks tokens with
  TOKEN=$(chatkit-conformance token --user a)
  curl -iN "$URL" -H "Authorization: Bearer $TOKEN" ...

An HS256 JSON Web Token whose sub is user-a. Start your server with the same JWT_SECRET: a run that starts it by itself
draws a secret of its own, which is gone when the run ends.
"""

from __future__ import annotations

import argparse
import os
import re

from ..visible import complain, say
from . import WRONG_USAGE

LONGEST_S = 86_400.0
"""Seconds that a token may be good for: a day."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("--user", default="a", metavar="NAME", help="whose: its sub is user-NAME; default: %(default)s")
    add("--secret", metavar="TEXT", help="what signs it; default: JWT_SECRET of the environment, which no list shows")
    add("--seconds", type=float, default=3600.0, help="how long it is good for; default: %(default)g")


def run(options: argparse.Namespace) -> int:
    """Print it; returns the exit code."""
    from ..target.credentials import mint

    secret = options.secret or os.environ.get("JWT_SECRET", "")
    if not secret:
        complain(
            "chatkit-conformance token: no secret. Type: export JWT_SECRET=... (what your server checks tokens with)"
        )
        return WRONG_USAGE
    if not re.fullmatch(r"\w+", options.user):
        complain(f"chatkit-conformance token: --user {options.user!r}: write a name of letters and digits, such as a.")
        return WRONG_USAGE
    if not 0 < options.seconds <= LONGEST_S:
        complain(
            f"chatkit-conformance token: --seconds {options.seconds:g} is out of range: above 0, at most {LONGEST_S:g}."
        )
        return WRONG_USAGE
    say(mint(options.user, secret, lifetime_s=options.seconds))
    return 0
