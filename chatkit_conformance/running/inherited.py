"""What a started server inherits of our own environment: all but what is secret, unless its owner named it.

A server that logs its environment would write the owner's keys into our report, and a faulty one send them away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..target.secret_name import names_secret

_SECRET_URL = re.compile(r"^\w[\w+.-]*://[^/@\s]*:[^/@\s]+@")
"""A URL with a password in it."""


def is_secret(name: str, value: str) -> bool:
    """Whether a variable holds a secret, by its name, or as a URL with a password."""
    return bool(value) and (names_secret(name) or bool(_SECRET_URL.match(value)))


def secret_values(environ: Mapping[str, str]) -> dict[str, str]:
    """The secrets of an environment, by the name of their variable."""
    return {name: value for name, value in environ.items() if is_secret(name, value)}


def inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without its secrets."""
    return {name: value for name, value in environ.items() if not is_secret(name, value)}
