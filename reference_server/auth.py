"""Who calls: the application's own JWT, from an httpOnly cookie or a bearer header. OpenAI has no part in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
from starlette.requests import HTTPConnection

from reference_server.refusal import Refusal

COOKIE = "access_token"
# Pinned: the token's own header must never choose (RFC 8725, section 3.1).
_ALGORITHM = "HS256"
# Claims that are times: JSON numbers (RFC 7519, section 2, NumericDate). The library takes "1e9" and true as well.
_TIMES = ("exp", "nbf", "iat")


def user_of(connection: HTTPConnection, secret: str, *, issuer: str = "", audience: str = "") -> str:
    """The `sub` of the caller's token. Raises Refusal (401) when there is none, or it is wrong or expired.

    `issuer` and `audience` are what its `iss` and `aud` have to be, or "" where no token of ours has them.
    """
    if len(connection.headers.getlist("authorization")) > 1:
        # Two programs on the way may each read another one (RFC 9110, section 5.3: the field is no list).
        raise _unauthorized("invalid_token", "Authorization was sent twice; send it once")
    _, _, bearer = connection.headers.get("authorization", "").partition(" ")
    token = connection.cookies.get(COOKIE, "") if by_cookie(connection) else bearer.strip()
    return subject_of(token, secret, issuer=issuer, audience=audience)


def subject_of(token: str, secret: str, *, issuer: str = "", audience: str = "") -> str:
    """The `sub` of a token. Raises Refusal (401) when there is none, or it is wrong or expired."""
    if not token:
        raise _unauthorized("missing_token", "no token: send the cookie access_token or Authorization: Bearer")
    required = ["exp", "sub", *(["iss"] if issuer else []), *(["aud"] if audience else [])]
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            options={"require": required},
            issuer=issuer or None,
            audience=audience or None,
        )
    except jwt.ExpiredSignatureError as refusal:
        raise _unauthorized("expired_token", "the token has expired; sign in again") from refusal
    except (jwt.InvalidTokenError, RecursionError) as refusal:  # a header that is nested without end
        raise _unauthorized("invalid_token", "the token is not valid") from refusal
    if not all(type(claims.get(name, 0)) in (int, float) for name in _TIMES):
        raise _unauthorized("invalid_token", "the token has a time that is no number")
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject:
        raise _unauthorized("invalid_token", "the token names no user")
    return subject


def by_cookie(connection: HTTPConnection) -> bool:
    """Whether the cookie says who the caller is: another scheme than Bearer in the header signs nobody in."""
    return connection.headers.get("authorization", "").partition(" ")[0].lower() != "bearer"


def token_for(user_id: str, secret: str, *, lifetime: timedelta, issuer: str = "", audience: str = "") -> str:
    """A token as the application would issue it."""
    claims = {"sub": user_id, "exp": datetime.now(UTC) + lifetime}
    named = {name: value for name, value in (("iss", issuer), ("aud", audience)) if value}
    return jwt.encode({**claims, **named}, secret, algorithm=_ALGORITHM)


def _unauthorized(code: str, message: str) -> Refusal:
    return Refusal(401, code, message, headers={"WWW-Authenticate": "Bearer"})
