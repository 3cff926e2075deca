"""Answers that are not ChatKit's and tell why: a header that is wanted, a socket, a limit, an error page."""

from __future__ import annotations

import asyncio
import re
import ssl
from typing import Any

from ..transcript import Reply

_NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+"

HEADER = re.compile(
    rf"(?i)(?:missing|requires?d?|without|needs?|provide)\b[^.\n]{{0,30}}\bheaders?\b\W{{0,4}}(?P<name>{_NAME})"
    rf"|\b(?P<first>{_NAME})\W{{0,3}}(?:header\W{{0,3}})?(?:is |was )?(?:missing|required|not (?:set|given|provided))"
)
"""A refusal that names a header which it wants: "Missing required header: X-Tenant-Id", "x-api-key is required"."""

NOBODY_THERE = (426, 502, 503, 504)
"""Answers of what is no ChatKit server, or not now, whatever they are sent."""

GIVE_HEADER = "Give it: --header '{0}: ...', or headers under [users.a] in the target file"

HANDSHAKE_S = 1.0
"""Seconds for the handshake that tells a server of TLS."""


def told_reason(reply: Reply) -> str:
    """Why something answers as it does, and what to type, where the answer tells that; else ""."""
    if reply.status == 426:
        return (
            "it speaks WebSocket there, and ChatKit's client sends a POST and reads an event stream. Serve ChatKit by "
            "POST, or give the path that takes it: --path /PATH."
        )
    if reply.status == 429:
        return f"it limits how often it is asked. Raise its limit for the run{_later(reply)}."
    if reply.status in (400, 422):
        return _wanted(reply)
    if reply.status in (502, 504):
        return (
            "a proxy answers, and the server behind it does not. Start the server, or mend the address that the proxy "
            "passes requests on to."
        )
    if reply.status == 503 and not isinstance(reply.body, dict):
        return f"it takes no requests now. End its maintenance, or wait until it is ready{_later(reply)}."
    return ""


def _later(reply: Reply) -> str:
    """The end of a sentence for an answer that says when to come again (Retry-After, RFC 9110 10.2.3)."""
    return f", or ask again in {after} s" if (after := reply.headers.get("retry-after", "")).isdigit() else ""


def _wanted(reply: Reply) -> str:
    """The header, or the parameter of the URL, that a refused request lacks."""
    for place, name in _places(reply.body):
        if place == "header":
            return f"it wants the header {name}. {GIVE_HEADER.format(name)}."
        if place == "query":
            return (
                f"it looks for {name!r} in the URL, and ChatKit sends its request as the body. In FastAPI write "
                f"`{name}: Request`, read `await {name}.body()`, and pass that to the ChatKit server's process(); a "
                "parameter that belongs into the URL goes into query under [users.a] in the target file."
            )
    text = reply.text or str(reply.body or "")
    found = HEADER.search(text)
    if found is None:
        return ""
    name = found["name"] or found["first"]
    return f"it wants the header {name}. {GIVE_HEADER.format(name)}."


def _places(body: Any) -> list[tuple[str, str]]:
    """Where FastAPI says that something is missing: ("query", "request")."""
    detail = body.get("detail") if isinstance(body, dict) else None
    rows = [row for row in detail if isinstance(row, dict)] if isinstance(detail, list) else []
    places = [row["loc"] for row in rows if isinstance(row.get("loc"), list) and len(row["loc"]) > 1]
    return [(str(place[0]), str(place[1])) for place in places]


def wanted_sign_in(reply: Reply) -> str:
    """What to type at a door that names another scheme than Bearer (WWW-Authenticate, RFC 9110 11.6.1), or ""."""
    scheme = reply.headers.get("www-authenticate", "").split(" ")[0].lower()
    if scheme == "basic":
        return 'It asks for a name and a password: --header "Authorization: Basic $(printf NAME:PASSWORD | base64)".'
    if scheme in ("digest", "negotiate", "ntlm"):
        return f"It signs in by {scheme}, which a run cannot: let it through for 127.0.0.1, or ask it behind that door."
    return ""


async def speaks_tls(host: str, port: int) -> bool:
    """Whether a TLS handshake succeeds there; certificates are not looked at, and nothing is sent."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(HANDSHAKE_S):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
