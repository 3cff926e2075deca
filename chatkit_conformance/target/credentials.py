"""Tokens of the users that suites speak as: JSON Web Tokens, HS256, as the reference server takes them."""

from __future__ import annotations

import re
import time

from .config_error import ConfigError

LIFETIME_S = 3600.0
"""Seconds that a minted token is good for: longer than any run."""

_TOKEN = re.compile(r"\{token:(\w+)\}")


def mint(user: str, secret: str, *, lifetime_s: float = LIFETIME_S, **claims: object) -> str:
    """A token whose `sub` is `user-<user>`.

    Args:
        lifetime_s: seconds from now to `exp`; negative for one that has expired.
        claims: more claims, or other values for `sub` and `exp`.
    """
    import jwt

    now = time.time()
    return jwt.encode(
        {"sub": f"user-{user}", "iat": int(now), "exp": int(now + lifetime_s), **claims}, secret, algorithm="HS256"
    )


def fill_tokens(text: str, secret: str) -> str:
    """The text with every `{token:x}` replaced by a token for user x.

    Raises:
        ConfigError: there is one, and no secret to mint it with.
    """
    if not _TOKEN.search(text):
        return text
    if not secret:
        raise ConfigError(f'{text!r} needs a secret: write jwt_secret = "${{JWT_SECRET}}" under [target].')
    return _TOKEN.sub(lambda match: mint(match[1], secret), text)
