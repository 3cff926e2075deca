"""The target: the server that is judged, and what its owner says of it.

A target comes from `chatkit-target.toml`, from `--url`, or from a command that starts it. `SECTIONS` is the whole
vocabulary of the file; a key that is not in it is an error that names the nearest one. Secrets stay out of the file:
`${NAME}` anywhere in a string is taken from the environment, and `{token:a}` is a token minted for user a.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from .config_error import ConfigError
from .credentials import fill_tokens, retokened, visitors_token
from .secret import Secrets, header_secrets

Upstream = Literal["stand-in", "live", "none"]

ROLES = ("create", "read", "update", "delete", "complete", "bulk-complete", "bulk-delete")
"""What the seven tools of a task chat do. A server's own names are mapped to these."""

SHOWS = (
    "client_tools",
    "structured_input",
    "annotations",
    "generated_images",
    "thread_status",
    "streaming_widgets",
)
"""Capabilities that a server brings about by a tool of its own: [tools] names the tool, as it does for a role."""

CAPABILITIES = (
    "tools",
    "widgets",
    "actions",
    "attachments",
    "feedback",
    "transcription",
    "workflows",
    "titles",
    "retry",
    "restart",
    "rate_limit",
    *SHOWS,
)
"""What a ChatKit server can leave out. Declared true: judged. Declared false: not applicable."""

LATENCY = {"first_token_s": 2.0, "tool_visible_s": 0.5, "session_creation_s": 1.0}
"""Seconds that success criteria SC-001, SC-002 and SC-009 allow."""

SECTIONS: Mapping[str, Mapping[str, type | tuple[type, ...]] | None] = {
    "target": {
        "url": str,
        "command": (str, list),
        "cwd": str,
        "env": dict,
        "health": str,
        "start_deadline_s": (int, float),
        "jwt_secret": str,
    },
    "users": None,
    "upstream": {"mode": str, "port": int},
    "tools": dict.fromkeys((*ROLES, *SHOWS), str),
    "capabilities": dict.fromkeys(CAPABILITIES, bool),
    "limits": {"requests_per_minute": int, "max_body_bytes": int},
    "latency": dict.fromkeys(LATENCY, (int, float)),
}

USER_KEYS: Mapping[str, type] = {"headers": dict, "cookies": dict}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One user of the target: the headers and cookies that make a request theirs."""

    name: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)

    def sent(self) -> dict[str, str]:
        """The headers to send, the cookies among them."""
        headers = dict(self.headers)
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The server that is judged.

    Args:
        url: the ChatKit endpoint, or "" until a started command has told it.
        command: what starts the server, or () where it runs already. cwd, env: where and with what more.
        health: path that answers 200 when the server is ready, if it has one.
        start_deadline_s: seconds that the command has to listen.
        users: by name; "a" and "b" are what suites use.
        upstream: what the server's model is: our stand-in, the real Gemini, or nothing that we can reach.
        standin_port: port for the stand-in, 0 for any free one.
        tools: the server's tool name for a role, where names alone do not tell.
        capabilities: what the owner declared, true or false; the rest is undeclared.
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
    health: str = "/health"
    start_deadline_s: float = 30.0
    users: Mapping[str, User] = field(default_factory=dict)
    upstream: Upstream = "stand-in"
    standin_port: int = 0
    tools: Mapping[str, str] = field(default_factory=dict)
    capabilities: Mapping[str, bool] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    latency: Mapping[str, float] = field(default_factory=lambda: dict(LATENCY))
    jwt_secret: str = field(default="", repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    source: str = "command line"

    @property
    def name(self) -> str:
        """What to call it in a report."""
        return " ".join(self.command) or self.url

    def known_secrets(self) -> Secrets:
        """Every secret that this target holds, users' credentials included."""
        values = dict(self.secrets)
        if self.jwt_secret:
            values["jwt-secret"] = self.jwt_secret
        for user in self.minted().users.values():
            values.update(header_secrets(user.name, user.headers, user.cookies))
        return Secrets(values=values)

    def visitor(self, name: str) -> User | None:
        """A user that nobody named: user a's headers with a token for `name`. None where none can be minted."""
        a = self.users.get("a")
        if a is None or not self.jwt_secret:
            return None
        headers = retokened(a.sent(), lambda _: visitors_token(name, self.jwt_secret))
        return None if headers is None else User(name=name, headers=headers)

    def minted(self) -> Target:
        """This target with every `{token:x}` in its users replaced. Raises ConfigError without a secret."""
        users = {
            user.name: User(
                name=user.name,
                headers={k: fill_tokens(v, self.jwt_secret) for k, v in user.headers.items()},
                cookies={k: fill_tokens(v, self.jwt_secret) for k, v in user.cookies.items()},
            )
            for user in self.users.values()
        }
        return replace(self, users=users)


def read_target(path: Path, environ: Mapping[str, str] | None = None) -> Target:
    """The target that a file describes.

    Args:
        path: a TOML file. environ: where `${NAME}` is looked up; the process's own by default.

    Raises:
        ConfigError: the file is missing, not TOML, has an unknown key or a value of the wrong kind.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as e:
        raise ConfigError(f"{path}: {e.strerror or e}. Name the file with --target, or use --url.") from e
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise ConfigError(f"{path}: not TOML: {e}.") from e
    _vet(table, text, path)
    secrets: dict[str, str] = {}
    table = _filled(table, os.environ if environ is None else environ, secrets, path)
    return _target(table, secrets, path)


def _target(table: dict[str, Any], secrets: Mapping[str, str], path: Path) -> Target:
    section = table.get("target", {})
    command = section.get("command", ())
    if isinstance(command, str):
        import shlex

        command = shlex.split(command)
    if bool(section.get("url")) == bool(command):
        raise ConfigError(f"{path}: [target] needs one of url and command, and has {'both' if command else 'neither'}.")
    mode = table.get("upstream", {}).get("mode", "stand-in")
    if mode not in get_args(Upstream):
        raise ConfigError(f"{path}: [upstream] mode is {mode!r}; write one of {', '.join(get_args(Upstream))}.")
    users = {
        name: User(name=name, headers=user.get("headers", {}), cookies=user.get("cookies", {}))
        for name, user in table.get("users", {}).items()
    }
    return Target(
        url=endpoint(section["url"]) if section.get("url") else "",
        command=tuple(command),
        cwd=str((path.parent / section["cwd"]).resolve()) if "cwd" in section else "",
        env=section.get("env", {}),
        health=section.get("health", "/health"),
        start_deadline_s=float(section.get("start_deadline_s", 30.0)),
        users=users,
        upstream=mode,
        standin_port=table.get("upstream", {}).get("port", 0),
        tools=table.get("tools", {}),
        capabilities=table.get("capabilities", {}),
        limits=table.get("limits", {}),
        latency={**LATENCY, **table.get("latency", {})},
        jwt_secret=section.get("jwt_secret", ""),
        secrets=secrets,
        source=str(path),
    )


def endpoint(url: str) -> str:
    """The ChatKit endpoint for a URL: itself where it has a path, else with `/chatkit`.

    Raises:
        ConfigError: it is no http URL.
    """
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        bad = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        bad = True
    if bad:
        raise ConfigError(f"{url!r} is not a URL that can be asked: write http://HOST:PORT/PATH.")
    return url if parts.path not in ("", "/") else f"{parts.scheme}://{parts.netloc}/chatkit"


def _vet(table: Mapping[str, Any], text: str, path: Path) -> None:
    for name, section in table.items():
        if name not in SECTIONS:
            raise _unknown(name, SECTIONS, text, path, "section")
        if not isinstance(section, dict):
            raise ConfigError(f"{path}: {name} = {section!r} stands outside a section; write [{name}] above its keys.")
        for key, value in section.items():
            allowed = SECTIONS[name]
            if allowed is None:
                _vet_user(key, value, text, path)
            elif key not in allowed:
                raise _unknown(key, allowed, text, path, f"[{name}]")
            elif not isinstance(value, allowed[key]) or (isinstance(value, bool) and allowed[key] is not bool):
                raise ConfigError(f"{path}{_line(key, text)}: [{name}] {key} = {value!r} is {type(value).__name__}.")


def _vet_user(name: str, user: Any, text: str, path: Path) -> None:
    if not isinstance(user, dict):
        raise ConfigError(f'{path}{_line(name, text)}: write [users.{name}] and under it headers = {{ NAME = "..." }}.')
    for key, value in user.items():
        if key not in USER_KEYS:
            raise _unknown(key, USER_KEYS, text, path, f"[users.{name}]")
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise ConfigError(
                f"{path}{_line(key, text)}: [users.{name}] {key} wants a table of strings, got {value!r}."
            )


def _unknown(key: str, allowed: Mapping[str, Any], text: str, path: Path, place: str) -> ConfigError:
    near = difflib.get_close_matches(key, allowed, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"it takes {', '.join(allowed)}."
    return ConfigError(f"{path}{_line(key, text)}: unknown key {key!r} in {place}: {hint}")


def _line(key: str, text: str) -> str:
    pattern = re.compile(rf"\s*(\[+\s*)?(\w+\.)?[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
    return next((f":{n}" for n, line in enumerate(text.splitlines(), 1) if pattern.match(line)), "")


_ENV = re.compile(r"\$\{(\w+)\}")


def _filled(value: Any, environ: Mapping[str, str], secrets: dict[str, str], path: Path) -> Any:
    if isinstance(value, dict):
        return {k: _filled(v, environ, secrets, path) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, environ, secrets, path) for v in value]
    if not isinstance(value, str):
        return value

    def look_up(match: re.Match[str]) -> str:
        name = match[1]
        if name not in environ:
            raise ConfigError(f"{path}: ${{{name}}} is not in the environment. Type: export {name}=...")
        secrets[name] = environ[name]
        return environ[name]

    return _ENV.sub(look_up, value)
