"""The target: the server that is judged, and what its owner says of it.

A target comes from a target file (file.py), from `--url`, or from a command that starts it. In a user's headers and
cookies, `{token:a}` is a token minted for user a, and `{visitor}` the name of a user whom nobody named; in the command
and its environment, `{port}` and `{gemini_base_url}` are a free port and the stand-in's base URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..check import TOOL_ROLES, ModelNeed, Need
from .address import as_url
from .config_error import ConfigError
from .credentials import fill_tokens, has_place, holds_token, retokened, visitors_token
from .secret import Secrets, header_secrets

Upstream = Literal["stand-in", "live", "none"]

ROLES = TOOL_ROLES
"""What the seven tools of a task chat do. A server's own names are mapped to these."""

SHOWS = (
    "widgets",
    "client_tools",
    "structured_input",
    "annotations",
    "generated_images",
    "thread_status",
    "streaming_widgets",
    "handoffs",
    "tool_approval",
    "structured_output",
    "nested_agents",
)
"""Capabilities that a server brings about by a tool of its own: [tools] names the tool, as it does for a role. That of
widgets draws the user's tasks with buttons, where the tools that make and list them do not."""

LISTS = ("read", "widgets")
"""Roles of the tools that show a user's tasks: to the model, and on the page."""

GUARDS = ("input_guardrail", "output_guardrail")
"""Capabilities that words bring about: [guardrails] has a message that the server refuses, an answer it withholds."""

CAPABILITIES = (
    "tools",
    "tasks",
    "actions",
    "attachments",
    "feedback",
    "transcription",
    "workflows",
    "titles",
    "retry",
    "restart",
    "rate_limit",
    "reasoning",
    *SHOWS,
    *GUARDS,
)
"""What a ChatKit server can leave out. Declared true: judged. Declared false: not applicable."""

LATENCY = {"first_token_s": 2.0, "tool_visible_s": 0.5, "session_creation_s": 1.0}
"""Seconds that success criteria SC-001, SC-002 and SC-009 allow."""

Auth = Literal["bearer", "cookie", "session", "in-front", "none"]
"""How a request says whose it is: a token in a header, a cookie or a session that the server itself hands out, what
signs users in in front of it, or not at all."""

LACKING: Mapping[Auth, tuple[Need, ...]] = {
    "bearer": (),
    "cookie": ("token", "expiry"),
    "session": ("token", "expiry"),
    "in-front": ("sign-in", "token", "expiry", "cookie"),
    "none": ("users", "sign-in", "token", "expiry", "cookie"),
}
"""What is not there for checks that need it."""


UNDIRECTED: Mapping[Upstream, tuple[ModelNeed, ...]] = {
    "stand-in": (),
    "live": ("script",),
    "none": ("script", "model"),
}
"""What there is not for checks that need it of the model: a real one plays no script, and by URL alone none is seen."""


VISITOR = "{visitor}"
"""What stands for a visitor's name in a header, a cookie or a parameter."""

QUERY = ":query"
"""Name under which a user's part of the URL travels among the headers; no real header can have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One user of the target: the headers, cookies and parameters of the URL that make a request theirs."""

    name: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)

    def filled(self, name: str, fill: Callable[[str], str]) -> User:
        """The user of that name whose values are these, filled in."""
        parts = (self.headers, self.cookies, self.query)
        headers, cookies, query = ({key: fill(value) for key, value in part.items()} for part in parts)
        return User(name=name, headers=headers, cookies=cookies, query=query)

    def sent(self) -> dict[str, str]:
        """The headers to send, the cookies and, under QUERY, the parameters of the URL among them."""
        headers = dict(self.headers)
        if self.query:
            from urllib.parse import urlencode

            headers[QUERY] = urlencode(self.query)
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return headers

    @property
    def shown(self) -> str:
        """What says whose a request is, in words and without a value: for messages."""
        cookies = [f"the cookie {name}" for name in self.cookies]
        return ", ".join((*self.headers, *cookies, *(f"{name} in the URL" for name in self.query))) or "no credentials"

    @property
    def by_cookie(self) -> bool:
        """Whether a cookie is what says whose a request is, and no Authorization header."""
        names = {name.lower() for name in self.sent()}
        return "cookie" in names and "authorization" not in names


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The server that is judged.

    Args:
        url: the ChatKit endpoint, or "" until a started command has told it.
        command: what starts the server, or () where it runs already. cwd, env: where and with what more.
        path: the started server's ChatKit path, "" for the one that it prints, or /chatkit.
        port: the port that the started server is given, 0 for any free one.
        through: a URL that leads to the started server and is asked in its place, "" where it is asked itself.
        health: path that answers 200 when the server is ready, if it has one.
        start_deadline_s: seconds that the command has to listen.
        users: by name; "a" and "b" are what suites use.
        visitors: what makes a request of a user whom nobody named, with `{visitor}` for the name; None where only a
            minted token can.
        upstream: what the server's model is: our stand-in, the real Gemini, or nothing that we can reach.
        standin_port: port for the stand-in, 0 for any free one.
        also_responses: whether the stand-in plays OpenAI's Responses API, which Gemini does not have.
        auth: how a request says whose it is.
        tools: the server's tool name for a role, where names alone do not tell; "" where it has none.
        tool_arguments: values of arguments that a call would otherwise make up, by the argument's name.
        capabilities: what the owner declared, true or false; the rest is undeclared.
        guardrails: the words that each of GUARDS lets not pass.
        limits: requests_per_minute, max_body_bytes, where the owner told.
        latency: seconds allowed, see LATENCY.
        jwt_secret: HS256 secret with which `{token:x}` is minted, or "".
        secrets: values that came out of the environment, by name; never written.
        source: where all this was read from, for messages.
    """

    url: str = ""
    command: tuple[str, ...] = ()
    cwd: str = ""
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    path: str = ""
    port: int = 0
    through: str = ""
    health: str = "/health"
    start_deadline_s: float = 30.0
    users: Mapping[str, User] = field(default_factory=dict)
    visitors: User | None = None
    upstream: Upstream = "stand-in"
    standin_port: int = 0
    also_responses: bool = False
    auth: Auth = "bearer"
    tools: Mapping[str, str] = field(default_factory=dict)
    tool_arguments: Mapping[str, Any] = field(default_factory=dict)
    capabilities: Mapping[str, bool] = field(default_factory=dict)
    guardrails: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    latency: Mapping[str, float] = field(default_factory=lambda: dict(LATENCY))
    jwt_secret: str = field(default="", repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    source: str = "command line"

    @property
    def name(self) -> str:
        """What to call it in a report."""
        return " ".join(self.command) or self.url

    @property
    def declared(self) -> dict[str, bool]:
        """What the owner declared, true or false: capabilities, and what their tools, users and model are not."""
        absent = (*self.without, *self.lacking, *UNDIRECTED[self.upstream])
        return {**self.capabilities, **dict.fromkeys(absent, False)}

    @property
    def without(self) -> list[str]:
        """The roles for which the owner said that there is no tool."""
        return [role for role, name in self.tools.items() if not name]

    @property
    def lacking(self) -> tuple[Need, ...]:
        """What there is not to tell users apart: as `auth` says, and as the users' credentials show."""
        told, a = self._told_to_lack, self.users.get("a")
        cookie: tuple[Need, ...] = () if "cookie" in told or self.cookie_user else ("cookie",)
        if told or a is None:
            return (*told, *cookie)
        if not holds_token(a.sent()):
            return ("token", "expiry", *cookie)
        return cookie if self.jwt_secret or self.command else ("expiry", *cookie)

    @property
    def cookie_user(self) -> str:
        """The name of the first user whose requests a cookie alone signs in, or ""."""
        return next((name for name, user in sorted(self.users.items()) if user.by_cookie), "")

    @property
    def _told_to_lack(self) -> tuple[Need, ...]:
        """What `auth` says that there is not; a cookie that holds a token of ours can be forged like a header."""
        sent = self.users["a"].sent() if "a" in self.users else {}
        ours = has_place(sent) or (bool(self.jwt_secret) and holds_token(sent))
        return () if self.auth == "cookie" and ours else LACKING[self.auth]

    @property
    def auth_notice(self) -> str:
        """What does not apply for the users' credentials, as one sentence, or ""; most have no cookie, and all know."""
        words: Mapping[str, str] = {
            "users": "users who are kept apart",
            "sign-in": "a server that refuses who is not signed in",
            "token": "tokens that can be forged",
            "expiry": "tokens that have expired",
        }
        if not (lacking := [words[need] for need in self.lacking if need in words]):
            return ""
        why = f'auth = "{self.auth}"'
        if not self._told_to_lack:
            why = "user a's credentials hold no JSON Web Token"
            if "token" not in self.lacking:
                why = "the target file has no jwt_secret to make tokens with"
        return f"{why}: what needs {' or '.join(lacking)} is not applicable."

    def known_secrets(self) -> Secrets:
        """Every secret that this target holds, users' credentials included."""
        values = dict(self.secrets)
        if self.jwt_secret:
            values["jwt-secret"] = self.jwt_secret
        for user in self.minted().users.values():
            values.update(header_secrets(user.name, {**user.headers, **user.query}, user.cookies))
        return Secrets(values=values)

    def visitor(self, name: str, *, renewed: bool = False) -> User | None:
        """A user that nobody named: as `visitors` says, else user a's headers with a token for `name`.

        None where no token can be minted.

        Args:
            renewed: with another token than the first one, as after signing in again.
        """
        if self.visitors is not None:
            return self.visitors.filled(name, lambda value: value.replace(VISITOR, name))
        a = self.users.get("a")
        if a is None or not self.jwt_secret:
            return None
        headers = retokened(a.sent(), lambda _: visitors_token(name, self.jwt_secret, renewed=renewed))
        return None if headers is None else User(name=name, headers=headers)

    def minted(self) -> Target:
        """This target with every `{token:x}` in its users replaced. Raises ConfigError without a secret."""
        users = {
            user.name: user.filled(user.name, lambda value: fill_tokens(value, self.jwt_secret))
            for user in self.users.values()
        }
        return replace(self, users=users)


CREDENTIALS_IN_URL = (
    "a URL with a password in it would stand in every report; leave out what is before the @, and give it as "
    "--header 'Authorization: Basic ...', or in a target file under [users.a.headers]."
)

PARAMETER_IN_URL = (
    "the parameter {name} of the URL would stand in every report, and be sent where credentials are left out; leave it "
    'out of the URL, and give it in a target file: {name} = "${{{variable}}}" under [users.a.query].'
)


def endpoint(url: str, path: str = "") -> str:
    """The ChatKit endpoint of a URL: on the path given, else itself where it has a path, else with `/chatkit`.

    Raises:
        ConfigError: it is no http URL, or has credentials in it, as a user and a password or as a parameter.
    """
    from urllib.parse import urlsplit

    from .sendable import secret_in, signs_in

    if signs_in(url):
        raise ConfigError(CREDENTIALS_IN_URL)
    if name := secret_in(url):
        raise ConfigError(PARAMETER_IN_URL.format(name=name, variable=re.sub(r"\W", "_", name).upper()))
    try:
        parts = urlsplit(url)
        bad = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        bad = True
    if bad:
        there = as_url(url)
        told = f"it begins with no http://. Type: {there}" if there and there != url else "write http://HOST:PORT/PATH"
        raise ConfigError(f"{url!r} is not a valid URL: {told}.")
    if parts.path not in ("", "/") and not path:
        return url
    query = f"?{parts.query}" if parts.query and not path else ""
    return f"{parts.scheme}://{parts.netloc}{path or '/chatkit'}{query}"
