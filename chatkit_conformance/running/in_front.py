"""A proxy of the owner's in front of the started server: does what is asked there arrive at that server?

First the server itself is asked, at its own address; then the same is asked through the proxy, and from then on all is.
What fails there and did not fail here is the proxy's.
"""

from __future__ import annotations

from ..http.client import Client
from ..target.through import asked_at
from ..transcript import Reply
from .environment import TestEnvironment, Unreachable
from .list_request import LIST, LOCKED, SENT_ON, address_of, is_page
from .smoke import ANSWER_S, came, smoke

NO_SERVER = (502, 503, 504)
"""How a proxy answers that reaches nothing behind it (RFC 9110, sections 15.6.3 to 15.6.5)."""


async def ask_in_front(environment: TestEnvironment) -> str:
    """Ask through the proxy from now on; what to know of it. Raises Unreachable where it does not lead to the server.

    The server itself was asked before, and answered.
    """
    url = asked_at(environment.target.through, environment.own_url)
    environment.ask_at(url)
    headers = _headers(environment)
    reply = await environment.client.send(label="in-front", payload=LIST, headers=headers, deadline_s=ANSWER_S)
    if not is_page(reply.body) and reply.status not in SENT_ON:
        raise Unreachable(_why(environment, reply))
    await smoke(environment.client, environment.target)
    return f"all is asked through {url}, and the server itself listens at {environment.own_url}."


async def refuse_other_server(environment: TestEnvironment, thread: str) -> None:
    """Raise Unreachable where a thread that was made through the proxy is one of another server than the started one.

    Args:
        thread: its id, "" where none was made.
    """
    target = environment.target
    if not target.through or not thread:
        return
    asked = {"type": "threads.get_by_id", "params": {"thread_id": thread}}
    headers = _headers(environment)
    seen = await environment.client.send(label="in-front", payload=asked, headers=headers, deadline_s=ANSWER_S)
    if not _is_thread(seen, thread):
        return  # it is known to nobody: that says nothing of the proxy
    host = {"Host": address_of(target.url)[0].partition("://")[2]}  # a server may keep its hosts apart
    async with Client(*address_of(environment.own_url)) as own:
        for more in ({}, host):
            reply = await own.send(label="own", payload=asked, headers={**headers, **more}, deadline_s=ANSWER_S)
            if _is_thread(reply, thread) or reply.status == 0:
                return
    raise Unreachable(
        f"{target.url} leads to another server: the started one, at {environment.own_url}, does not know the thread "
        f"that was made there a moment ago. {_lead(environment)}"
    )


def _is_thread(reply: Reply, thread: str) -> bool:
    return isinstance(reply.body, dict) and reply.body.get("id") == thread


def _headers(environment: TestEnvironment) -> dict[str, str]:
    users = environment.target.users
    return users["a"].sent() if "a" in users else {}


def _why(environment: TestEnvironment, reply: Reply) -> str:
    url, own = environment.target.url, environment.own_url
    if reply.ended == "refused":
        return (
            f"nothing answers at {url} ({reply.trouble}), while the server itself answers at {own}: nothing of the run "
            "arrived at it. Start the proxy, or mend --through."
        )
    said = came(reply, environment.target)
    if reply.status in NO_SERVER:
        return f"{said}: it reaches no server behind it, and nothing of the run arrived. {_lead(environment)}"
    if reply.status in LOCKED:
        sent = ", ".join(sorted(_headers(environment))) or "no credentials"
        return (
            f"{said}, where the server itself, at {own}, takes the same request ({sent}): what is in front of it drops "
            "the credentials, or wants some of its own. Let it pass them on as they are."
        )
    return (
        f"{said}, where the server itself, at {own}, answers with a page of threads: nothing of the run arrived, or at "
        f"another path. {_lead(environment)} If it has another path in front: --through http://HOST:PORT/PATH."
    )


def _lead(environment: TestEnvironment) -> str:
    own, port = address_of(environment.own_url)[0], environment.target.port
    if port:
        return f"Let the proxy forward to {own}."
    return f"Let the proxy forward to the server, and give the run the port that it forwards to: --port N (now: {own})."
