"""Credentials that must not sign anybody in: none, garbage, forged, by another algorithm, too early, too late."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from .credentials import mint, retokened

LATER_S = 3600.0
"""Seconds from now to what has not begun yet."""

ATTACKERS_KEY = b"a key that the server never saw, of thirty-two bytes and more"


def _part(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _read(segment: str) -> dict[str, Any]:
    """The claims of a token's segment; {} where it holds none."""
    try:
        value = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """How a token is made from a good one's claims.

    Args:
        header: of the token. claims: what is changed about the claims; None takes a claim away.
        key: what it is signed with, None for the server's own. digest: the hash; "" leaves the signature empty.
    """

    header: Mapping[str, Any] = field(default_factory=lambda: {"alg": "HS256", "typ": "JWT"})
    claims: Callable[[], Mapping[str, Any]] = dict
    key: bytes | None = None
    digest: str = "sha256"

    @property
    def needs_secret(self) -> bool:
        """Whether the server's own secret is needed to make it."""
        return self.key is None and bool(self.digest)

    def made(self, good: re.Match[str], secret: str) -> str:
        """The token, from a good one's three segments."""
        claims = {**_read(good[2]), "exp": int(time.time() + LATER_S), **self.claims()}
        kept = {name: value for name, value in claims.items() if value is not None}
        signed = f"{_part(json.dumps(dict(self.header)).encode())}.{_part(json.dumps(kept).encode())}"
        if not self.digest:
            return f"{signed}."
        key = secret.encode() if self.key is None else self.key
        return f"{signed}.{_part(hmac.new(key, signed.encode(), getattr(hashlib, self.digest)).digest())}"


def _signed(alg: str, **more: Any) -> dict[str, Any]:
    return {"alg": alg, "typ": "JWT", **more}


AS_GOOD = "signed-anew"
"""The label of the token with the good one's claims, signed by us with the server's secret: it shows that we can."""

TOKENS: Mapping[str, Token] = {
    AS_GOOD: Token(),
    "none-in-capitals": Token(header=_signed("NONE"), digest=""),
    "none-mixed": Token(header=_signed("nOnE"), digest=""),
    "no-algorithm": Token(header={"typ": "JWT"}, digest=""),
    "empty-key": Token(key=b""),
    "rs256": Token(header=_signed("RS256"), key=ATTACKERS_KEY),
    "key-in-header": Token(
        header=_signed("HS256", jwk={"kty": "oct", "k": _part(ATTACKERS_KEY)}, kid="../../../../dev/null"),
        key=ATTACKERS_KEY,
    ),
    "not-yet": Token(claims=lambda: {"nbf": int(time.time() + LATER_S), "exp": int(time.time() + 2 * LATER_S)}),
    "other-audience": Token(claims=lambda: {"aud": "https://another-application.example"}),
    "no-expiry": Token(claims=lambda: {"exp": None}),
    "hs512": Token(header=_signed("HS512"), digest="sha512"),
}
"""Tokens by the label of the reply to them."""

MUST_FAIL = (
    "nobody",
    "garbage",
    "forged",
    "unsigned",
    "expired",
    "none-in-capitals",
    "none-mixed",
    "no-algorithm",
    "empty-key",
    "rs256",
    "key-in-header",
    "not-yet",
)
"""Credentials that no server may take; of the rest of `TOKENS`, standards only advise against it."""


def swapped_signature(token: re.Match[str]) -> str:
    """The token with its signature turned round, but for the last letter.

    The bits of that letter which belong to no byte are 0 (RFC 4648, section 3.5): a library that refuses others would
    refuse the token for its spelling, and a server that verifies nothing would look as if it did.
    """
    return f"{token[1]}.{token[2]}.{token[3][:-1][::-1]}{token[3][-1:]}"


def garbage(token: re.Match[str]) -> str:
    """What looks like a token and is none."""
    return "this.is-no.token"


def no_algorithm(token: re.Match[str]) -> str:
    """The token's claims, signed by nobody."""
    return f"{_part(json.dumps({'alg': 'none', 'typ': 'JWT'}).encode())}.{token[2]}."


def expired(user: str, secret: str) -> str:
    """A token of a user's that was good until two minutes ago."""
    return mint(user, secret, lifetime_s=-120)


def ending_headers(good: Mapping[str, str], *, user: str, secret: str, at: int, n: int) -> dict[str, str] | None:
    """A user's headers with a token that is good until a moment; None where none can be made.

    Args:
        at: seconds since 1970. n: its number, by which it is another one than others that end then.
    """
    return retokened(good, lambda _: mint(user, secret, exp=at, jti=f"ends-{n}")) if secret else None


PLAIN: Mapping[str, Callable[[re.Match[str]], str]] = {
    "garbage": garbage,
    "forged": swapped_signature,
    "unsigned": no_algorithm,
}
"""What is made of a good token without the server's secret, by name."""


def bad_headers(name: str, good: Mapping[str, str], *, user: str, secret: str) -> dict[str, str] | None:
    """A user's headers with bad credentials in place of the good ones.

    Args:
        name: of `MUST_FAIL` or `TOKENS`. user: whose the good ones are. secret: the server's own, or "".

    Returns:
        None where none can be made: the good ones are no token, or the secret is not known.
    """
    if name == "nobody":
        return {} if good else None
    if name in PLAIN:
        return retokened(good, PLAIN[name])
    if name == "expired":
        return retokened(good, lambda _: expired(user, secret)) if secret else None
    token = TOKENS[name]
    return None if token.needs_secret and not secret else retokened(good, partial(token.made, secret=secret))
