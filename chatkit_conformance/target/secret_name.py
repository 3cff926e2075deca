"""Names under which people keep secrets: of variables, and of parameters of a URL."""

from __future__ import annotations

import re

_SECRET_NAME = re.compile(
    r"secret|token|passw|passphrase|credential|authorization|cookie|private|(api|access|account|encryption|signing)_?key"
    r"|(^|_)(key|keys|dsn|pass|pw|pat|auth)$|(?<!^)(?<!OLD)_pwd$",
    re.IGNORECASE,
)
"""As people name them, in words that _ keeps apart."""


def names_secret(name: str) -> bool:
    """Whether what has this name is a secret."""
    return bool(_SECRET_NAME.search(name.replace("-", "_")))
