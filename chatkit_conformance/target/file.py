"""Reads a target file: `chatkit-target.toml`, or `[tool.chatkit-conformance]` of a pyproject.toml.

What such a file may hold stands in form.py. Secrets stay out of it: `${NAME}` anywhere in a text is taken from the
environment. Loaded only where such a file is read, for it needs pydantic.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .config_error import ConfigError
from .default_file import PYPROJECT, WITHIN
from .form import FORM
from .sendable import secret_in, signs_in, unsendable
from .target import LATENCY, VISITOR, Target, User, endpoint
from .text_file import TextFile
from .through import in_front

QUIET = ("users", "visitors", "env", "jwt_secret")
"""Keys under which credentials stand: no message repeats what is there."""

EXAMPLE = '[target]\ncommand = "node server.js"'


def read_target(path: Path, environ: Mapping[str, str] | None = None, *, named: bool = False) -> Target:
    """The target that a file describes.

    Args:
        path: a TOML file. environ: where `${NAME}` is looked up; the process's own by default.
        named: whether a URL or a command was given beside the file, which then need not have one.

    Raises:
        ConfigError: the file is missing, not TOML, has an unknown key or a value of the wrong kind.
    """
    within = WITHIN if path.name == PYPROJECT else ()
    source = TextFile.of(path, missing="Name the file with --target, or use --url.", within=within, quiet=QUIET)
    # Read before the environment is filled in, so that no message can hold a value of it.
    asked = source.read(FORM, _part(source)).model_dump(by_alias=True, exclude_unset=True)
    secrets: dict[str, str] = {}
    filled = _filled(asked, os.environ if environ is None else environ, secrets, source)
    return _target(filled, asked, secrets, source, named=named)


def _part(source: TextFile) -> Any:
    table = source.table(EXAMPLE)
    for name in source.within:
        table = table.get(name) if isinstance(table, dict) else None
    if source.within and table is None:
        raise ConfigError(f"{source.path}: no [{'.'.join(WITHIN)}.target]. Write one, as in a chatkit-target.toml.")
    return table


def _target(
    table: dict[str, Any], asked: Mapping[str, Any], secrets: Mapping[str, str], source: TextFile, *, named: bool
) -> Target:
    section: dict[str, Any] = dict(table.get("target", {}))
    place = f"{source.place('target')}: [{'.'.join((*WITHIN, 'target') if source.within else ('target',))}]"
    if section.get("url") and section.get("command"):
        raise ConfigError(f"{place} needs one of url and command, and has both.")
    if not (section.get("url") or section.get("command") or named):
        raise ConfigError(
            f"{place} needs one of url and command, and has neither. Write one, or give --url, or -- COMMAND behind it."
        )
    if section.get("url") and section.get("path"):
        raise ConfigError(f"{place} has url and path; path is of a started command: write it into the url.")
    if section.get("url") and (section.get("through") or section.get("port")):
        raise ConfigError(f"{place} has url; through and port are of a started command: give the proxy's URL as url.")
    section["users"] = {name: User(name=name, **user) for name, user in table.get("users", {}).items()}
    for name, user in section["users"].items():
        if why := unsendable(user.sent()):
            raise ConfigError(f"{source.place('users', name)}: [users.{name}]: {why}.")
    section["visitors"] = _visitors(table, source)
    for part, key, name in _ELSEWHERE:
        if key in table.get(part, {}):
            section[name] = table[part].pop(key)
    for name in ("tools", "capabilities", "guardrails", "limits"):
        section[name] = table.get(name, {})
    section["tools"] = {role: name or "" for role, name in section["tools"].items()}
    section["latency"] = {**LATENCY, **table.get("latency", {})}
    section["command"] = _words(section.get("command", ()), source)
    for key in ("url", "through"):
        if section.get(key):
            section[key] = _endpoint(section[key], asked["target"][key], source, key)
    if "cwd" in section:
        section["cwd"] = str((source.path.parent / section["cwd"]).resolve())
    return Target(**section, secrets=secrets, source=str(source.path))


def _visitors(table: Mapping[str, Any], source: TextFile) -> User | None:
    if "visitors" not in table:
        return None
    made = User(name=VISITOR, **table["visitors"])
    why = unsendable(made.sent())
    if made == made.filled(VISITOR, lambda value: value.replace(VISITOR, "")):
        why = why or f'no value has {VISITOR} in it: write headers = {{ X-User = "{VISITOR}" }}, with your header'
    if why:
        raise ConfigError(f"{source.place('visitors')}: [visitors]: {why}.")
    return made


_ELSEWHERE = (
    ("upstream", "mode", "upstream"),
    ("upstream", "port", "standin_port"),
    ("upstream", "also_responses", "also_responses"),
    ("tools", "arguments", "tool_arguments"),
)
"""Section and key of what Target calls by another name."""


def _endpoint(url: str, asked: str, source: TextFile, key: str) -> str:
    try:
        return endpoint(url) if key == "url" else in_front(url)
    except ConfigError as e:
        if signs_in(url) or secret_in(url):
            raise ConfigError(f"{source.place('target', key)}: [target] {key}: {e}") from None
        raise ConfigError(
            f"{source.place('target', key)}: [target] {key} = {asked!r} is not a valid URL: "
            "write http://HOST:PORT/PATH."
        ) from None


def _words(command: str | Sequence[str], source: TextFile) -> tuple[str, ...]:
    if not isinstance(command, str):
        return tuple(command)
    try:
        return tuple(shlex.split(command))
    except ValueError as e:
        raise ConfigError(
            f"{source.place('target', 'command')}: [target] command cannot be split into words ({e}). "
            'Write a list: command = ["node", "server.js"]'
        ) from e


_ENV = re.compile(r"\$\{(\w+)\}")


def _filled(value: Any, environ: Mapping[str, str], secrets: dict[str, str], source: TextFile, *way: str | int) -> Any:
    if isinstance(value, dict):
        return {k: _filled(v, environ, secrets, source, *way, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, environ, secrets, source, *way, n) for n, v in enumerate(value)]
    if not isinstance(value, str):
        return value

    def look_up(match: re.Match[str]) -> str:
        name = match[1]
        if name not in environ:
            raise ConfigError(f"{source.place(*way)}: ${{{name}}} is not in the environment. Type: export {name}=...")
        secrets[name] = environ[name]
        return environ[name]

    return _ENV.sub(look_up, value)
