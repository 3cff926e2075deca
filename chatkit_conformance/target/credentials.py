"""Tokens of the users that suites speak as: JSON Web Tokens, HS256, as the reference server takes them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from functools import lru_cache

from .config_error import ConfigError

LIFETIME_S = 3600.0
"""Seconds that a minted token is good for: longer than any run."""

RENEWED_S = 60.0
"""Seconds by which a renewed token is good for longer, so that it is another one."""

_TOKEN = re.compile(r"\{token:(\w+)\}")
_JWT = re.compile(r"\b([\w-]{8,})\.([\w-]{8,})\.([\w-]{8,})")


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


def retokened(headers: Mapping[str, str], forge: Callable[[re.Match[str]], str]) -> dict[str, str] | None:
    """The headers with every JSON Web Token in them put through `forge`; None where there is none.

    Args:
        forge: gets a match whose groups are the token's three segments.
    """
    changed = {name: _JWT.sub(forge, value) for name, value in headers.items()}
    return changed if changed != dict(headers) else None


def subject_of(headers: Mapping[str, str]) -> str:
    """Whom the JSON Web Token in the headers names in its `sub`, or "" where there is none that can be read."""
    import jwt

    for value in headers.values():
        for token in _JWT.finditer(value):
            try:
                return str(jwt.decode(token.group(), options={"verify_signature": False}).get("sub", ""))
            except jwt.InvalidTokenError:
                continue
    return ""


def holds_token(headers: Mapping[str, str]) -> bool:
    """Whether there is a JSON Web Token among the headers, or a place for one."""
    return has_place(headers) or any(_JWT.search(value) for value in headers.values())


def has_place(headers: Mapping[str, str]) -> bool:
    """Whether the headers have a place for a token of ours: `{token:x}`."""
    return any(_TOKEN.search(value) for value in headers.values())


@lru_cache(maxsize=4096)
def visitors_token(name: str, secret: str, *, renewed: bool = False) -> str:
    """The one token of a user that nobody named before, for as long as this process lasts; or the one after it."""
    return mint(name, secret, lifetime_s=LIFETIME_S + RENEWED_S * renewed)
