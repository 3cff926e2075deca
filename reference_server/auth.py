"""Who calls: the application's own JWT, from an httpOnly cookie or a bearer header. OpenAI has no part in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
from starlette.requests import HTTPConnection

from reference_server.refusal import Refusal

COOKIE = "access_token"
# Pinned: the token's own header must never choose (RFC 8725, section 3.1).
_ALGORITHM = "HS256"


def user_of(connection: HTTPConnection, secret: str) -> str:
    """The `sub` of the caller's token. Raises Refusal (401) when there is none, or it is wrong or expired."""
    _, _, bearer = connection.headers.get("authorization", "").partition(" ")
    return subject_of(connection.cookies.get(COOKIE, "") if by_cookie(connection) else bearer.strip(), secret)


def subject_of(token: str, secret: str) -> str:
    """The `sub` of a token. Raises Refusal (401) when there is none, or it is wrong or expired."""
    if not token:
        raise _unauthorized("missing_token", "no token: send the cookie access_token or Authorization: Bearer")
    try:
        claims = jwt.decode(token, secret, algorithms=[_ALGORITHM], options={"require": ["exp", "sub"]})
    except jwt.ExpiredSignatureError as refusal:
        raise _unauthorized("expired_token", "the token has expired; sign in again") from refusal
    except jwt.InvalidTokenError as refusal:
        raise _unauthorized("invalid_token", "the token is not valid") from refusal
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject:
        raise _unauthorized("invalid_token", "the token names no user")
    return subject


def by_cookie(connection: HTTPConnection) -> bool:
    """Whether the cookie says who the caller is: another scheme than Bearer in the header signs nobody in."""
    return connection.headers.get("authorization", "").partition(" ")[0].lower() != "bearer"


def token_for(user_id: str, secret: str, *, lifetime: timedelta) -> str:
    """A token as the application would issue it."""
    return jwt.encode({"sub": user_id, "exp": datetime.now(UTC) + lifetime}, secret, algorithm=_ALGORITHM)


def _unauthorized(code: str, message: str) -> Refusal:
    return Refusal(401, code, message, headers={"WWW-Authenticate": "Bearer"})
