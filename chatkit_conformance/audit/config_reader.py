"""Reads configuration: env files, YAML, Dockerfiles and files that start things. What is commented out is not read."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml  # type: ignore[import-untyped]  # the package has no types

from .facts import Command, FileFacts, Setting, Text, Use
from .hit import Spot

ASSIGNED = re.compile(r"^\s*(?:export\s+|set\s+)?[\"']?([A-Za-z_][\w.-]*)[\"']?\s*[=:]\s*(.*?)\s*$")
ITEM = re.compile(r"^([A-Za-z_]\w*)=(.*)$")
STARTING_KEYS = frozenset({"command", "entrypoint", "args", "run", "cmd", "script", "start", "execstart", "build"})
QUOTES = "\"'"

KINDS: tuple[tuple[str, str], ...] = (
    (".env*", "env"),
    ("*.env", "env"),
    ("*.env.*", "env"),
    ("env.example", "env"),
    ("*.yml", "yaml"),
    ("*.yaml", "yaml"),
    ("Dockerfile*", "docker"),
    ("*.Dockerfile", "docker"),
    ("Containerfile*", "docker"),
    ("Procfile*", "commands"),
    ("Makefile", "commands"),
    ("justfile", "commands"),
    ("*.sh", "commands"),
    ("*.service", "lines"),
    ("*.ini", "lines"),
    ("*.cfg", "lines"),
    ("supervisord*.conf", "lines"),
    ("fly.toml", "lines"),
    ("wrangler.toml", "lines"),
    ("netlify.toml", "lines"),
    ("railway.toml", "lines"),
    ("package.json", "package"),
)
"""A file's name -> how it is read. The first row that fits counts."""


def kind_of(name: str) -> str:
    """How a file of this name is read, or ""."""
    return next((kind for pattern, kind in KINDS if fnmatch.fnmatchcase(name, pattern)), "")


def read_config(path: str, text: str) -> FileFacts:
    """The facts of a configuration file."""
    made = _Config(path)
    READERS[kind_of(path.rpartition("/")[2])](made, text)
    return FileFacts(texts=tuple(made.texts), settings=tuple(made.settings), commands=tuple(made.commands))


class _Config:
    def __init__(self, path: str) -> None:
        self.path = path
        self.texts: list[Text] = []
        self.settings: list[Setting] = []
        self.commands: list[Command] = []

    def spot(self, line: int, column: int = 1) -> Spot:
        return Spot(path=self.path, line=line, column=column)

    def setting(self, name: str, value: str, line: int, owner: str = "") -> None:
        self.settings.append(Setting(name=name, value=value, spot=self.spot(line)))
        self.text(value, owner or name, "value", line)

    def text(self, value: str, owner: str, use: Use, line: int) -> None:
        if value:
            self.texts.append(Text(value=value, owner=owner, use=use, spot=self.spot(line)))

    def command(self, line: str, at: int) -> None:
        self.commands.append(Command(line=line, spot=self.spot(at)))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are no comment, those that end in a backslash joined with the next, with their number."""
    held, begun = "", 0
    for n, raw in enumerate(text.split("\n"), 1):
        if raw.lstrip().startswith(("#", ";")):
            continue
        begun = begun or n
        held += raw.rstrip()
        if held.endswith("\\"):
            held = held[:-1] + " "
            continue
        if held.strip():
            yield begun, held
        held, begun = "", 0
    if held.strip():
        yield begun, held


def _bare(value: str) -> str:
    """A value without its quotes, and without the comment after it."""
    value = value.strip()
    if value[:1] in QUOTES and value[:1] and value.find(value[0], 1) > 0:
        return value[1 : value.find(value[0], 1)]
    return re.split(r"\s+#", value, maxsplit=1)[0].strip()


def _env(made: _Config, text: str) -> None:
    for n, line in _lines(text):
        if found := ASSIGNED.match(line):
            made.setting(found[1], _bare(found[2]), n)


def _commands(made: _Config, text: str) -> None:
    for n, line in _lines(text):
        if (found := ASSIGNED.match(line)) and found[1].isupper():
            made.setting(found[1], _bare(found[2]), n)
        else:
            made.command(line.strip(), n)


def _assignments(made: _Config, text: str) -> None:
    for n, line in _lines(text):
        found = ASSIGNED.match(line)
        if found and found[1].lower() in STARTING_KEYS:
            made.command(_bare(found[2]), n)
        elif found and found[1].lower() == "environment" and (inner := ASSIGNED.match(_bare(found[2]))):
            made.setting(inner[1], _bare(inner[2]), n)
        elif found:
            made.setting(found[1], _bare(found[2]), n)


def _docker(made: _Config, text: str) -> None:
    for n, line in _lines(text):
        word, _, rest = line.strip().partition(" ")
        if word.upper() in ("ENV", "ARG"):
            pairs = re.findall(r"([A-Za-z_]\w*)=(\"[^\"]*\"|'[^']*'|\S*)", rest)
            pairs = pairs or [tuple(rest.strip().partition(" ")[::2])]
            for name, value in pairs:
                made.setting(name, _bare(value), n)
        elif word.upper() in ("CMD", "ENTRYPOINT", "RUN"):
            made.command(_joined(rest.strip()), n)


def _joined(text: str) -> str:
    if text.startswith("["):
        try:
            return " ".join(map(str, json.loads(text)))
        except (ValueError, RecursionError):
            return text
    return text


def _package(made: _Config, text: str) -> None:
    try:
        scripts = json.loads(text).get("scripts", {})
    except (ValueError, AttributeError, RecursionError):
        return
    lines = text.split("\n")
    for name, command in scripts.items() if isinstance(scripts, dict) else ():
        at = next((n for n, line in enumerate(lines, 1) if f'"{name}"' in line and str(command)[:8] in line), 1)
        made.command(str(command), at)


def _yaml(made: _Config, text: str) -> None:
    try:
        documents = list(yaml.compose_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except (yaml.YAMLError, RecursionError, ValueError):
        _env(made, text)  # a template: its lines still assign
        return
    seen: set[int] = set()
    for document in documents:
        _node(made, document, "", seen)


def _node(made: _Config, node: Any, owner: str, seen: set[int]) -> None:
    if node is None or id(node) in seen:
        return
    if isinstance(node, yaml.MappingNode):
        seen.add(id(node))
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            line = key.start_mark.line + 1
            inner = f"{owner}.{name}" if owner else name
            if name.lower() in STARTING_KEYS:
                made.command(_words(value), line)
            if isinstance(value, yaml.ScalarNode):
                made.setting(name, str(value.value), line, inner)
            else:
                _node(made, value, inner, seen)
    elif isinstance(node, yaml.SequenceNode):
        seen.add(id(node))
        for item in node.value:
            if isinstance(item, yaml.ScalarNode):
                line = item.start_mark.line + 1
                if pair := ITEM.match(str(item.value)):
                    made.setting(pair[1], pair[2], line, f"{owner}.{pair[1]}")
                else:
                    made.text(str(item.value), owner, "listed", line)
            else:
                _node(made, item, owner, seen)


def _words(node: Any) -> str:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return " ".join(str(i.value) for i in node.value if isinstance(i, yaml.ScalarNode))
    return ""


READERS: Mapping[str, Callable[[_Config, str], None]] = {
    "env": _env,
    "yaml": _yaml,
    "docker": _docker,
    "commands": _commands,
    "lines": _assignments,
    "package": _package,
}
"""Kind -> its reader."""
