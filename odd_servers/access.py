"""Who asks: read from a token, a key, a cookie, a header that a proxy sets, or not at all."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

QUERY = ":query"
"""Under this name the query of a request's URL stands among its headers."""

KEYS = {"shop-key-of-ann": "ann", "shop-key-of-ben": "ben"}
"""Keys and sessions that were given out before."""


def _bearer(headers: Mapping[str, str]) -> str:
    import jwt

    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return ""
    try:
        told = jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"], options={"require": ["exp", "sub"]})
    except jwt.PyJWTError:
        return ""
    return str(told["sub"])


def _cookie(headers: Mapping[str, str]) -> str:
    try:
        crumb = SimpleCookie(headers.get("cookie", "")).get("shop_session")
    except CookieError:
        return ""
    return KEYS.get(crumb.value, "") if crumb else ""


def _basic(headers: Mapping[str, str]) -> str:
    scheme, _, told = headers.get("authorization", "").partition(" ")
    try:
        name, _, password = base64.b64decode(told, validate=True).decode().partition(":")
    except ValueError:
        return ""
    return name if scheme.lower() == "basic" and KEYS.get(password) == name else ""


USER_OF: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "bearer": _bearer,
    "key": lambda headers: KEYS.get(headers.get("x-api-key", ""), ""),
    "cookie": _cookie,
    "basic": _basic,
    "query": lambda headers: KEYS.get(parse_qs(headers.get(QUERY, "")).get("api_key", [""])[0], ""),
    "in-front": lambda headers: headers.get("x-forwarded-user", ""),
    "none": lambda headers: "everyone",
}
"""The user that a request's headers (names in lower case) name, or "", by the habit."""
