"""What a browser and a second user see: credentials, users apart, a page of another origin, cookies."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from ..diagnosis.diagnosis import Diagnosis
from ..diagnosis.front import preflight, refused_origin
from ..http.own_host import is_own_host
from ..running.environment import TestEnvironment
from ..running.list_request import LIST, LOCKED, is_page
from ..running.told_reason import wanted_sign_in
from ..target.credentials import LIFETIME_S, holds_token, mint
from ..transcript import Reply

ANSWER_S = 2.0
"""Seconds for each of these answers."""

COOKIES = ("access_token", "token", "session", "auth_token", "jwt", "auth")
"""Names of the cookie in which servers look for a token, tried where the header is refused."""

ALL = {"type": "threads.list", "params": {"limit": 20, "order": "desc"}}


async def listing(
    environment: TestEnvironment, headers: Mapping[str, str], *, label: str, user: str = "a", many: bool = False
) -> Reply:
    """A list of threads, asked with these headers."""
    payload = ALL if many else LIST
    return await environment.client.send(label=label, user=user, payload=payload, headers=headers, deadline_s=ANSWER_S)


async def locked_out(environment: TestEnvironment, refused: str) -> Diagnosis:
    """Why user a is refused, as far as other credentials show it. `refused`: what is known without."""
    target = environment.target
    if "csrf" in refused.lower():
        says = f"The server wants a CSRF token, as of a form: {refused.partition(' Give ')[0]}"
        return Diagnosis(id="csrf", says=says, do="Exempt ChatKit's path from that check: its clients send no form.")
    if not target.command or not target.jwt_secret:
        return Diagnosis(id="credentials", says=refused, do="")
    token = mint("a", target.jwt_secret)
    for name in COOKIES:
        reply = await listing(environment, {"Cookie": f"{name}={token}"}, label="cookie")
        if is_page(reply.body):
            return Diagnosis(
                id="credentials",
                says=f"The server takes its token from the cookie {name}, not from the Authorization header.",
                do=f'Write in the target file: [users.a] cookies = {{ {name} = "{{token:a}}" }}, and so for user b.',
            )
    a = target.users.get("a")
    sent = a.shown if a else "no credentials"
    work = (
        "give credentials that work: --header 'Authorization: Bearer ...', or headers, cookies or query under "
        "[users.a] in the target file."
    )
    if a is None or not holds_token(a.sent()):
        return Diagnosis(
            id="credentials", says=f"The server refuses user a ({sent}).", do=f"{work[0].upper()}{work[1:]}"
        )
    reply = environment.without_secrets(await listing(environment, a.sent(), label="locked-out"))
    if scheme := wanted_sign_in(reply):
        return Diagnosis(id="credentials", says=f"The server refuses user a ({sent}){_told(reply)}.", do=scheme)
    if off := clock_off_s(reply, time.time()):
        where = "ahead of" if off > 0 else "behind"
        return Diagnosis(
            id="clock",
            says=f"The server's clock is {abs(off):.0f} s {where} this machine's, and it refuses user a, whose token "
            f"is good for {LIFETIME_S:.0f} s{_told(reply)}.",
            do="Set that clock, or allow tokens so much leeway.",
        )
    return Diagnosis(
        id="credentials",
        says=f"The server refuses user a ({sent}: a token signed with JWT_SECRET, HS256, sub user-a){_told(reply)}.",
        do=f"Let it read JWT_SECRET, or write its own secret as jwt_secret under [target], or {work}",
    )


SKEW_S = 120.0
"""Seconds by which a clock is behind, from which on a token of now is one of the future to it."""

_PLAIN = re.compile(
    r"(?i)^\W*(?:(?:error|detail|message|code)\W+)?(?:unauthori[sz]ed|forbidden|not authenticated|\W*)\W*$"
)
"""What a refusal says that tells no reason."""


def _told(reply: Reply) -> str:
    """What the refusal says of its reason, as the end of a sentence; "" where it says none."""
    said = " ".join((str(reply.body) if reply.body is not None else reply.text).split())
    return "" if _PLAIN.match(said) or said.lstrip().startswith("<") else f": {said[:160]}"


def clock_off_s(reply: Reply, now: float) -> float:
    """By how many seconds the server's clock is ahead, where it takes a token made now for expired or for not yet good.

    0 where its Date header tells no such thing, or there is none that can be read.
    """
    try:
        off = parsedate_to_datetime(reply.headers.get("date", "")).timestamp() - now
    except (TypeError, ValueError):
        return 0.0
    return off if off > LIFETIME_S or off < -SKEW_S else 0.0


async def asks_nobody(environment: TestEnvironment) -> bool:
    """Whether a list of threads is given to who has no credentials."""
    reply = await listing(environment, {}, label="nobody", user="")
    return is_page(reply.body)


async def wrong_users(environment: TestEnvironment, thread: str) -> Diagnosis | None:
    """Whether user b is taken, and does not see user a's thread; None where all is well."""
    reply = await listing(environment, environment.target.users["b"].sent(), label="users", user="b", many=True)
    if reply.status in LOCKED:
        return Diagnosis(
            id="user-b",
            says=f"The server takes user a and refuses user b (HTTP {reply.status}).",
            do="Mend the credentials under [users.b], or sign that user up.",
        )
    if not is_page(reply.body):
        return Diagnosis(
            id="user-b", says=f"User b's list of threads is answered with HTTP {reply.status}.", do="See its log."
        )
    if thread and any(isinstance(row, dict) and row.get("id") == thread for row in reply.body["data"]):
        return Diagnosis(
            id="users",
            says="User b's list shows user a's thread: the server does not keep users apart.",
            do="Filter by the user in each method of the store: its context has who asks.",
        )
    return None


async def wrong_origin(environment: TestEnvironment, origin: str) -> tuple[Diagnosis | None, Reply]:
    """Whether a page of this origin may use the server, and the answer to a request from there."""
    user = environment.target.users.get("a")
    headers = user.sent() if user else {}
    asked = preflight(origin, headers)
    before = await environment.client.send(
        label="preflight", method="OPTIONS", payload=None, headers=asked, deadline_s=ANSWER_S
    )
    answer = await listing(environment, {**headers, "Origin": origin}, label="origin")
    cookie = any(name.lower() == "cookie" for name in headers)
    return refused_origin(origin, asked, before, answer, cookie=cookie), answer


def place(url: str) -> tuple[bool, bool]:
    """Whether a URL is https, and whether it is this machine's."""
    parts = urlsplit(url)
    return parts.scheme == "https", is_own_host(parts.hostname or "")
