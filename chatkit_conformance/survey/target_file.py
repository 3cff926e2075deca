"""A survey as a target file: each line with the place that it was read from, and as a comment what was not found."""

from __future__ import annotations

from collections.abc import Iterator

from ..target.default_file import NAME
from ..target.target import ROLES
from ..target.toml import toml_key, toml_value
from ..target.tools import Tool, map_roles
from .facts import Sighting, SignIn, Survey
from .settings import given

KEY = "only-for-tests-and-at-least-32-bytes-long"
"""Signs the tokens of users a and b, and of nobody else. RFC 7518, 3.2: at least 32 bytes."""


def target_file(survey: Survey) -> str:
    """The text of chatkit-target.toml."""
    parts = (_target(survey), _environment(survey), _users(survey.sign_in), _tools(survey.tools))
    head = [f"# {NAME}: what `chatkit-conformance run` knows of this server ({survey.language}).", HEAD]
    return "\n\n".join("\n".join(lines) for lines in (head, *map(list, parts)) if lines) + "\n"


HEAD = "# Written by `chatkit-conformance init` from what its files say; correct what is wrong."


def _target(survey: Survey) -> Iterator[str]:
    start = survey.start
    if start is None:
        return
    yield "[target]"
    yield f"command = {toml_value(list(start.command))}  # {start.place}"
    if start.cwd != ".":
        yield f"cwd = {toml_value(start.cwd)}"
    if survey.path:
        yield f"path = {toml_value(survey.path.value)}  # {survey.path.place}"
    else:
        yield '# path = "/chatkit"  # no route of ChatKit was found: this is what is asked, unless you write another'
    if survey.health and survey.health.value != "/health":
        yield f"health = {toml_value(survey.health.value)}  # {survey.health.place}"
    sign = survey.sign_in
    why = f"  # {sign.place}" if sign.place else ""
    if sign.auth == "none":
        why = "  # no sign-in was found in the code; is there one, write bearer, cookie, session or in-front"
    yield f"auth = {toml_value(sign.auth)}{why}"
    if sign.secret and sign.secret != "JWT_SECRET":  # noqa: S105 - the name of a variable
        yield f"jwt_secret = {toml_value(KEY)}  # the server gets the same as {sign.secret}"
    if survey.port_fixed:
        fixed = survey.port_fixed
        yield f"# {fixed.place} listens on {fixed.value} always: read PORT there, or a run cannot choose a free one."


def _environment(survey: Survey) -> Iterator[str]:
    rows = [(url.value, "{gemini_base_url}", url.place) for url in survey.base_urls if url.value not in given()]
    sign = survey.sign_in
    if sign.secret and sign.secret != "JWT_SECRET":  # noqa: S105 - the name of a variable
        rows.append((sign.secret, KEY, sign.place))
    for one in survey.settings:
        if one.value != sign.secret:
            filled = "http://127.0.0.1:{port}" if one.value == "ASPNETCORE_URLS" else "for-tests"
            rows.append((one.value, filled, one.place))
    if rows or survey.fixed_url or not survey.base_urls:
        yield "[target.env]"
    if survey.fixed_url:
        yield f"# {survey.fixed_url.place} asks {survey.fixed_url.value} always: let GEMINI_BASE_URL change it."
    elif not survey.base_urls:
        yield '# MODEL_URL = "{gemini_base_url}"  # the variable that holds the address of the model: none was found'
    for name, value, place in rows:
        yield f"{toml_key(name)} = {toml_value(value)}  # {place}"


def _users(sign: SignIn) -> Iterator[str]:
    if sign.auth == "bearer" and sign.cookie:
        for user in "ab":
            yield f"[users.{user}]"
            yield f"cookies = {{ {toml_key(sign.cookie)} = {toml_value(f'{{token:{user}}}')} }}"
    elif sign.header:
        yield f"# A key of each of two users, for the header {sign.header}: without them requests are not signed in."
        for user in "ab":
            yield f"# [users.{user}]"
            yield f'# headers = {{ {toml_key(sign.header)} = "${{KEY_{user.upper()}}}" }}'
    elif sign.auth in ("cookie", "session"):
        name = toml_key(sign.cookie or "session")
        yield "# A session of each of two users, as the server hands it out: without them requests are not signed in."
        for user in "ab":
            yield f"# [users.{user}]"
            yield f'# cookies = {{ {name} = "${{SESSION_{user.upper()}}}" }}'


def _tools(tools: tuple[Sighting, ...]) -> Iterator[str]:
    if not tools:
        return
    roles = {role: tool.name for role, tool in map_roles([Tool(name=t.value) for t in tools], {}).items()}
    known = [role for role in ROLES if role in roles]
    if not {"create", "read"} <= roles.keys():
        yield f"# Tools: {', '.join(tool.value for tool in tools)} ({tools[0].place})."
        yield "[capabilities]"
        yield "tasks = false  # no two of them create and list tasks; is that wrong, name them under [tools]"
        return
    yield "# Tools are recognized by their names, as below; write a line without its # where that is wrong."
    yield "[tools]"
    places = {tool.value: tool.place for tool in tools}
    yield from (f"# {role} = {toml_value(roles[role])}  # {places[roles[role]]}" for role in known)
