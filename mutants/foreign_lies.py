"""Ways to take what is no right request: wrong values, forged tokens, requests that another site's page made."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jwt

import reference_server.app as app
import reference_server.auth as auth
import reference_server.cross_site as cross_site
import reference_server.gatekeeper as gatekeeper

from .mutant import Memory

Decode = Callable[..., dict[str, Any]]

# Wrong requests


def metadata_of_no_object(memory: Memory) -> bool:
    """Whether a request's metadata is something else than an object."""
    return bool(memory.request) and not isinstance(memory.request.get("metadata", {}), dict)


def _strings(value: object) -> Iterator[str]:
    """Every text in a value; what is deep is not walked on the stack."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def failing_on(letter: str) -> Callable[[int, Memory], int]:
    """Requests with this letter in a text are answered with 500."""

    def change(status: int, memory: Memory) -> int:
        return 500 if any(letter in text for text in _strings(memory.request)) else status

    return change


def broken_by_numbers(status: int, memory: Memory) -> int:
    """After a number that no column can hold, everything is answered with 503."""
    params = memory.request.get("params")
    limit = params.get("limit") if isinstance(params, dict) else None
    if isinstance(limit, int) and limit > 2**62:
        memory.server["broken"] = True
    return 503 if memory.server.get("broken") else status


def audio_unguarded() -> None:
    """What is no base64 is found by an exception that nothing expects."""
    real = vars(gatekeeper)["b64decode"]

    def instead(text: str, *, validate: bool) -> bytes:
        try:
            made: bytes = real(text, validate=validate)
            return made
        except ValueError as error:
            raise RuntimeError("bad audio") from error

    vars(gatekeeper)["b64decode"] = instead


# Forged tokens


class _Jwt:
    """The token library, with another way to decode."""

    def __init__(self, decode: Decode) -> None:
        self.decode = decode

    def __getattr__(self, name: str) -> Any:
        return getattr(jwt, name)


def _decoding(change: Callable[[Decode, str, str, Mapping[str, Any]], dict[str, Any]]) -> Callable[[], None]:
    """A patch: tokens are decoded in another way. `change` gets the right way, the token, the secret, its options."""

    def patch() -> None:
        def decode(token: str, secret: str, **more: Any) -> dict[str, Any]:
            return change(jwt.decode, token, secret, more)

        vars(auth)["jwt"] = _Jwt(decode)

    return patch


def _header(token: str) -> dict[str, Any]:
    segment = token.partition(".")[0]
    try:
        value = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _none_in_any_spelling(decode: Decode, token: str, secret: str, more: Mapping[str, Any]) -> dict[str, Any]:
    if str(_header(token).get("alg", "none")).lower() == "none" and token.endswith("."):
        return _payload(token)
    return decode(token, secret, **more)


def _payload(token: str) -> dict[str, Any]:
    segment = token.split(".")[1]
    value = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return value if isinstance(value, dict) else {}


def _empty_key_too(decode: Decode, token: str, secret: str, more: Mapping[str, Any]) -> dict[str, Any]:
    signed, _, signature = token.rpartition(".")
    expected = base64.urlsafe_b64encode(hmac.new(b"", signed.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
    return _payload(token) if signature == expected else decode(token, secret, **more)


def _other_algorithms_unread(decode: Decode, token: str, secret: str, more: Mapping[str, Any]) -> dict[str, Any]:
    return _payload(token) if _header(token).get("alg") == "RS256" else decode(token, secret, **more)


def _keys_of_tokens(decode: Decode, token: str, secret: str, more: Mapping[str, Any]) -> dict[str, Any]:
    own = _header(token).get("jwk")
    if isinstance(own, dict):
        key = str(own.get("k", ""))
        return decode(token, base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)), **more)
    return decode(token, secret, **more)


def _without(option: str) -> Callable[[Decode, str, str, Mapping[str, Any]], dict[str, Any]]:
    def change(decode: Decode, token: str, secret: str, more: Mapping[str, Any]) -> dict[str, Any]:
        return decode(token, secret, **{**more, "options": {**more.get("options", {}), option: False}})

    return change


def _no_expiry_needed(decode: Decode, token: str, secret: str, more: Mapping[str, Any]) -> dict[str, Any]:
    return decode(token, secret, **{**more, "options": {"require": ["sub"]}})


def _any_hash(decode: Decode, token: str, secret: str, more: Mapping[str, Any]) -> dict[str, Any]:
    return decode(token, secret, **{**more, "algorithms": ["HS256", "HS384", "HS512"]})


take_unsigned = _decoding(_none_in_any_spelling)
take_empty_key = _decoding(_empty_key_too)
take_other_algorithms = _decoding(_other_algorithms_unread)
take_keys_of_tokens = _decoding(_keys_of_tokens)
take_too_early = _decoding(_without("verify_nbf"))
take_any_audience = _decoding(_without("verify_aud"))
take_endless = _decoding(_no_expiry_needed)
take_any_hash = _decoding(_any_hash)

# Foreign pages


def no_look_at_origin() -> None:
    """Nobody looks where a request with a cookie comes from."""
    vars(app)["refuse_foreign"] = lambda request, trusted: None


def any_header_is_no_cookie() -> None:
    """With any Authorization header, the cookie signs in and counts as none."""
    vars(app)["by_cookie"] = lambda connection: "authorization" not in connection.headers


def forms_taken() -> None:
    """Bodies of plain forms are taken with a cookie."""
    setattr(cross_site, "_OF_FORMS", frozenset())  # noqa: B010 - a constant, which nothing else needs to set


def fetch_metadata_lost(headers: dict[str, str], memory: Memory) -> dict[str, str]:
    """What the browser says of where a request comes from is not read."""
    return {name: value for name, value in headers.items() if name != "sec-fetch-site"}


def schemes_alike(headers: dict[str, str], memory: Memory) -> dict[str, str]:
    """An origin is its host."""
    if headers.get("origin", "").partition("://")[2] == headers.get("host"):
        return {**headers, "origin": f"http://{headers['host']}"}
    return headers
