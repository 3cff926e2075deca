"""Requests that a foreign page makes a browser send: the user's cookie comes along, the user's will does not.

A token in a header is never sent by itself, so all this is asked only where the cookie was what signed the caller in.
As the OWASP cheat sheet on cross-site request forgery has it: where the request comes from, as the browser tells it,
and no body of a type that a plain form can send.
"""

from __future__ import annotations

from collections.abc import Container

from starlette.requests import Request

from reference_server.refusal import Refusal

# What a form, or a script that asks nobody, may send (Fetch standard, CORS-safelisted request-header); no type at all
# is what a script's blob has.
_OF_FORMS = frozenset({"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
_CHATKIT = "/chatkit"


def refuse_foreign(request: Request, trusted: Container[str]) -> None:
    """Raise Refusal for a request that another site may have made. `trusted`: origins of pages that are ours."""
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if origin is not None and origin != own and origin not in trusted:
        raise Refusal(403, "foreign_origin", f"requests from {origin} are not accepted with a cookie")
    # A script of a trusted page names its origin. What only reads may be embedded, such as a picture.
    if origin is None and request.method != "GET" and request.headers.get("sec-fetch-site") == "cross-site":
        raise Refusal(403, "foreign_origin", "requests from another site are not accepted with a cookie")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.url.path == _CHATKIT and kind in _OF_FORMS:
        named = kind or "a body without a type"
        raise Refusal(415, "unsupported_media_type", f"{named} is not accepted with a cookie: send application/json")
