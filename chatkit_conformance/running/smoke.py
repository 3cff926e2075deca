"""Smoke: are we talking to ChatKit at all? Asked before anything is judged.

A wrong URL, a closed port, a server that hangs, a web page, a locked door: each ends here, with what came and what to
type, in place of two hundred findings that all mean the same.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from ..http.client import Client
from ..stream.recognized import SENDS, not_chatkit
from ..target.target import Target
from ..transcript import Reply
from .environment import Unreachable
from .list_request import LIST, LOCKED, SENT_ON, is_page
from .places import place_of
from .process import accepts
from .told_reason import NOBODY_THERE, speaks_tls, told_reason, wanted_sign_in

ANSWER_S = 20.0
"""Seconds that an answer to threads.list may take: a cold server answers in two, on cores that are busy in ten."""

CREATE = {
    "type": "threads.create",
    "params": {
        "input": {
            "content": [{"type": "input_text", "text": "Hello."}],
            "attachments": [],
            "inference_options": {},
        }
    },
}
"""Asked where threads.list gets no page: a server that can only stream is one all the same."""


NO_CERTIFICATE = "A run has none to show: start a proxy that shows it (nginx, stunnel), and give that one's URL, http://127.0.0.1:PORT."

TLS: Mapping[str, str] = {
    "CERTIFICATE_VERIFY_FAILED": "its certificate is not trusted. Name the PEM file of its authority: "
    "SSL_CERT_FILE=ca.pem chatkit-conformance run ...",
    "WRONG_VERSION_NUMBER": "does not speak TLS. Write http:// in place of https://",
    "RECORD_LAYER_FAILURE": "does not speak TLS. Write http:// in place of https://",
    "CERTIFICATE_REQUIRED": f"asks for a client's certificate. {NO_CERTIFICATE}",
    "[SSL: ": "breaks off the TLS handshake: it asks for a client's certificate, or has no TLS (then write http://). "
    f"{NO_CERTIFICATE}",
}
"""What OpenSSL says when a connection fails, and what that means for who gave the URL. The first that stands there."""


async def smoke(client: Client, target: Target, *, answer_s: float = ANSWER_S) -> Reply:
    """Ask for the list of threads; the reply, if it is ChatKit's.

    Args:
        answer_s: seconds for each answer.

    Raises:
        Unreachable: nothing answers, or what answers is not ChatKit.
    """
    headers = target.users["a"].sent() if "a" in target.users else {}
    began = time.monotonic()
    reply = await client.send(label="smoke", payload=LIST, headers=headers, deadline_s=answer_s)
    if there := _sent_on(client, reply):
        client.endpoint_path = there
        reply = await client.send(label="smoke", payload=LIST, headers=headers, deadline_s=answer_s)
    waited = time.monotonic() - began
    if is_page(reply.body):
        return reply
    if reply.status == 0:
        other = await _other_family(reply, target) or await _behind_tls(reply, target)
        raise Unreachable(other or _silence(reply, target, waited))
    if reply.status in LOCKED:
        raise Unreachable(_locked(reply, target))
    if 300 <= reply.status < 400:
        raise Unreachable(_moved(reply, target))
    if reply.status in NOBODY_THERE and (why := told_reason(reply)):
        raise Unreachable(f"{came(reply, target)}: {why}")
    if _is_html(reply):
        raise await _elsewhere(client, headers, f"{came(reply, target)}: that is a web page, not ChatKit.")
    if reply.status in (404, 405):
        raise await _elsewhere(
            client, headers, f"{came(reply, target)}: no ChatKit there.", started=bool(target.command)
        )
    if reply.status == 400 and _NOT_ITS_NAME.search(f"{reply.text}{reply.body or ''}"):
        name = urlsplit(target.url).hostname
        raise Unreachable(f"{came(reply, target)}: it takes requests to hosts that it knows alone. Allow {name} there.")
    streamed = await client.send(
        label="smoke-create", payload=CREATE, headers=headers, deadline_s=answer_s, held_back_s=0
    )
    other = not_chatkit(streamed.events)
    if not other and any(e.type.startswith(("thread.", "stream_options", "progress_update")) for e in streamed.events):
        return reply
    if reply.status >= 400 and (why := told_reason(reply)):
        raise Unreachable(f"{came(reply, target)}: {why}")
    if min(reply.status, streamed.status) >= 500:
        raise Unreachable(
            f"{came(reply, target)} to threads.list, and to threads.create {_what(streamed)}: the server fails at "
            "both. Look into its log, and mend what it says there first.",
            failing=True,
        )
    why = other or SENDS
    why = f"{why[0].upper()}{why[1:]}"
    said = (
        f"{came(reply, target)}, where a page {{data, has_more, after}} was expected, and to threads.create "
        f"{_what(streamed)}: this does not speak ChatKit. {why}."
    )
    raise await _elsewhere(client, headers, said)


def refuse_other_protocol(turn: Reply, target: Target) -> None:
    """Raise Unreachable where the first turn's stream is that of another protocol."""
    if why := not_chatkit(turn.events):
        raise Unreachable(f"{target.url} does not speak ChatKit: in its first turn {why}.")


def _sent_on(client: Client, reply: Reply) -> str:
    """Where a redirect leads that a browser would follow with the same request, to this host alone; else ""."""
    if reply.status not in SENT_ON or not (location := reply.headers.get("location")):
        return ""
    there = urlsplit(urljoin(client.base_url + client.endpoint_path, location))
    if f"{there.scheme}://{there.netloc}" != client.base_url:
        return ""
    return (there.path or "/") + (f"?{there.query}" if there.query else "")


def _moved(reply: Reply, target: Target) -> str:
    location = reply.headers.get("location", "nowhere")
    if urlsplit(location).scheme == "https" and urlsplit(target.url).scheme == "http":
        return (
            f"{target.url} answered HTTP {reply.status}: it sends everybody on to https ({location}). Switch that off "
            "where it is asked by http, or let it trust the X-Forwarded-Proto of what is in front of it."
        )
    why = (
        "A browser repeats a POST only after 307 or 308; after this it asks with GET, without the message"
        if reply.status not in SENT_ON
        else "That is another host, to which no credentials are sent on"
        if "://" in location
        else "It leads round in a circle"
    )
    return (
        f"{target.url} answered HTTP {reply.status}, which sends on to {location}. {why}. Give the URL that answers: "
        "--url http://HOST:PORT/PATH, or path under [target]."
    )


FAMILIES = {"127.0.0.1": "::1", "localhost": "::1", "::1": "127.0.0.1"}
"""This machine by one family of addresses, and by the other: a server may listen on one of them alone."""


async def _other_family(reply: Reply, target: Target) -> str:
    """What to say where the same port answers at this machine's address of the other family, or ""."""
    parts = urlsplit(target.url)
    other = FAMILIES.get(parts.hostname or "", "")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if reply.ended != "refused" or not other or not await accepts(other, port):
        return ""
    family, netloc = ("IPv6", f"[{other}]:{port}") if ":" in other else ("IPv4", f"{other}:{port}")
    return (
        f"nothing answers at {parts.netloc} ({reply.trouble}), but something listens on {netloc}: it listens on "
        f"{family} alone. Type --url {parts._replace(netloc=netloc).geturl()}, or let it listen on both families."
    )


async def _behind_tls(reply: Reply, target: Target) -> str:
    """What to say where a port that was asked by http speaks TLS, or ""."""
    parts = urlsplit(target.url)
    host, port = parts.hostname or "", parts.port or 80
    if parts.scheme != "http" or reply.ended in ("refused", "unsent") or not await speaks_tls(host, port):
        return ""
    there = parts._replace(scheme="https").geturl()
    do = (
        "Start it without its certificate: a run asks it by http"
        if target.command
        else f"Type --url {there}, with SSL_CERT_FILE=ca.pem before it where its authority is one of your own"
    )
    return f"{host}:{port} speaks TLS, and was asked by http. {do}."


def _silence(reply: Reply, target: Target, waited: float) -> str:
    parts = urlsplit(target.url)
    place = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
    start = "or let the run start it: chatkit-conformance run -- COMMAND"
    if said := next((said for sign, said in TLS.items() if sign in (reply.trouble or "")), ""):
        return f"{place} is there, and {said} ({reply.trouble})."
    if reply.ended == "refused":
        return f"nothing answers at {place} ({reply.trouble}). Start the server, check --url {target.url}, {start}."
    if reply.ended == "unsent":
        return f"no request could be sent to {target.url}: {reply.trouble}. Check --url."
    if reply.ended == "deadline":
        return (
            f"{target.url} accepted the connection but did not answer threads.list within {waited:.1f} s. The server "
            f"hangs: check its log, restart it, {start}."
        )
    tls = f" Or does it ask for a client's certificate? {NO_CERTIFICATE}" if parts.scheme == "https" else ""
    return f"{target.url} closed the connection without a response ({reply.trouble}). Is it HTTP? Check its log.{tls}"


def _locked(reply: Reply, target: Target) -> str:
    a = target.users.get("a")
    sent = f"with {a.shown} of user a" if a else "without credentials"
    if scheme := wanted_sign_in(reply):
        return f"{came(reply, target)} to threads.list {sent}. {scheme}"
    return (
        f"{came(reply, target)} to threads.list {sent}. Give credentials that work: --header 'Authorization: Bearer "
        "...', or headers, cookies or query under [users.a] in the target file."
    )


_NOT_ITS_NAME = re.compile(r"(?i)invalid host header|invalid http_host header|disallowedhost|host not allowed")
"""How frameworks refuse a Host that is not on their list: Starlette, Django, Rails."""


async def _elsewhere(client: Client, headers: Mapping[str, str], said: str, *, started: bool = False) -> Unreachable:
    """The refusal, with the path that answers in this one's place, where there is one."""
    if place := await place_of(client, headers):
        return Unreachable(f"{said} {place} looks like ChatKit: use --url {client.base_url}{place}.", place=place)
    give = "Give its path: --path /PATH" if started else "Give the endpoint's complete URL: --url http://HOST:PORT/PATH"
    return Unreachable(f"{said} {give}.")


def _is_html(reply: Reply) -> bool:
    kind = reply.headers.get("content-type", "")
    return kind.startswith("text/html") or reply.text.lstrip()[:14].lower().startswith(("<!doctype html", "<html"))


def came(reply: Reply, target: Target) -> str:
    """What the target answered, in words."""
    return f"{target.url} answered {_what(reply)}"


def _what(reply: Reply) -> str:
    if reply.status == 0:
        return f"nothing ({reply.trouble})"
    kind = reply.headers.get("content-type", "no content type")
    body = json.dumps(reply.body) if reply.body is not None else " ".join(reply.text.split())
    empty = f", an empty body ({reply.trouble})" if reply.trouble else ", an empty body"
    shown = f", {len(reply.events)} events" if reply.streamed else f", {body[:100]!r}" if body else empty
    return f"HTTP {reply.status}, {kind}{shown}"
