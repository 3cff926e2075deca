"""How to see a finding again: a command line, and the request as curl. Both can be pasted; no credential is in them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..target.own_machine import strange_host
from ..target.target import QUERY, Target, User
from ..transcript import Reply

LONGEST = 4000
"""Characters of a body that a curl line carries; what is longer is nothing to paste."""


def target_arguments(target: Target) -> str:
    """The arguments of `run` that name this target again."""
    if target.source.endswith(".toml"):
        return f"--target {shlex.quote(target.source)}"
    if target.command:
        also = "--also-responses " if target.also_responses else ""
        path = f"--path {shlex.quote(target.path)} " if target.path else ""
        front = f"--through {shlex.quote(target.through)} " if target.through else ""
        port = f"--port {target.port} " if target.port else ""
        return f"{also}{path}{front}{port}-- {shlex.join(target.command)}"
    port = f" --standin-port {target.standin_port}" if target.standin_port else ""
    twice = strange_host(target.url, []) if target.upstream != "stand-in" else ""
    host = f" --host {shlex.quote(twice)}" if twice else ""
    headers = "".join(f" --header {header}" for header in _headers(target, "a"))
    return f"--url {shlex.quote(target.url)}{host}{port}{headers}"


def run_line(id: str, target: Target, dialect: str = "", *, exchange: str = "", live: bool = False) -> str:
    """The command that judges this check alone.

    Args:
        dialect: that of the transcript in which it failed, or "". live: whether the real Gemini was behind the server.
        exchange: the conversation to hold, of a check that is judged on every one, or "".
    """
    if live:
        return f"chatkit-conformance live --select {id} {target_arguments(target)}"
    held = f" --exchange {exchange}" if exchange else ""
    chosen = f" --dialect {dialect}" if dialect else ""
    return f"chatkit-conformance run --select {id}{held}{chosen} {target_arguments(target)}"


def whole_line(target: Target, *, live: bool = False) -> str:
    """The command that judges all of it. `live`: whether the real Gemini was behind the server."""
    return f"chatkit-conformance {'live' if live else 'run'} {target_arguments(target)}"


BEGIN = {
    "type": "threads.create",
    "params": {
        "input": {"content": [{"type": "input_text", "text": "Hello."}], "attachments": [], "inference_options": {}}
    },
}
"""What begins a thread, where a request is about one."""

PICK = 'grep -m1 thread.created | grep -o \'"thread": *{.*\' | grep -o \'"id": *"[^"]*"\' | head -1 | cut -d\'"\' -f4'
"""Takes the id of the new thread out of a stream."""


def curl_line(reply: Reply, target: Target, *, begun: Mapping[str, str] | None = None) -> str:
    """The request of this reply as curl, or "" where it is no body that can be pasted.

    Credentials are $TOKEN (of user a) and $TOKEN_B; the URL of a server that the run started is $URL. A thread of the
    run is gone when it is pasted: the line then begins one of its own.

    Args:
        begun: ids of the threads that the run began, and for whom; such a one is begun anew.
    """
    body: Any = reply.request
    if body is None:
        return ""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    if len(text) > LONGEST or not text.isprintable():
        return ""
    url = _url(target, reply.user)
    asked = f"curl -iN {url} {_sent(target, reply.user)} --data-raw "
    thread = reply.params.get("thread_id")
    if not isinstance(thread, str) or thread not in (begun or {}):
        return asked + shlex.quote(text)
    owner = (begun or {})[thread]
    creates = f"{_url(target, owner)} {_sent(target, owner)} --data-raw {shlex.quote(json.dumps(BEGIN))}"
    told = f'"thread_id": {json.dumps(thread, ensure_ascii=False)}'
    quoted = shlex.quote(text.replace(told, '"thread_id": "\0"')).replace("\0", "'\"$THREAD\"'")
    return f"THREAD=$(curl -sN {creates} | {PICK}); {asked}{quoted}"


def _sent(target: Target, user: str) -> str:
    return " ".join(f"-H {header}" for header in ('"content-type: application/json"', *_headers(target, user)))


def _known(target: Target, user: str) -> User | None:
    return target.users.get(user) or (target.visitor(user) if user else None)


def _mark(user: str) -> str:
    """The variable that stands for a user's credential."""
    return "$TOKEN" if user == "a" else f"$TOKEN_{re.sub(r'[^0-9A-Za-z]', '_', user).upper()}"


def _url(target: Target, user: str) -> str:
    """The endpoint, quoted, with the user's own parameters, a variable in place of each secret."""
    known = _known(target, user)
    query = "&".join(f"{quote(name)}={_mark(user)}" for name in (known.query if user and known else ()))
    url = '"$URL"' if target.command else shlex.quote(target.url)
    return f'{url}"{"&" if "?" in target.url else "?"}{query}"' if query else url


def _headers(target: Target, user: str) -> list[str]:
    """The user's headers in double quotes, a variable in place of each secret."""
    known = _known(target, user)
    if not user or known is None:
        return []
    mark = _mark(user)
    shown = []
    for name, value in known.sent().items():
        if name == QUERY:
            continue
        if name.lower() == "cookie":
            value = "; ".join(f"{part.split('=', 1)[0]}={mark}" for part in value.split("; "))
        else:
            scheme, space, rest = value.partition(" ")
            value = f"{scheme} {mark}" if space and rest and " " not in rest else mark
        shown.append(f'"{name}: {value}"')
    return shown
