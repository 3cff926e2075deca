"""Whether the browser's side of ChatKit is wired right: its api, its key, its credentials, its options, its script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from .facts import CodeCall, Value
from .hit import Hit
from .project import Project
from .rules import RULES

PACKAGES = ("@openai/chatkit", "@openai/chatkit-react")
PLACEHOLDER = re.compile(
    r"^(|local[-_]?dev|localhost|domain_pk_(localhost|local|dev|test|x+|your).*|your[-_ ].*|<.*>|todo|"
    r"change-?me|placeholder|dummy|test|xxx+|dev|domain[-_]key|.*(placeholder|your[-_]domain|replace[-_ ]?me).*)$",
    re.IGNORECASE,
)
CREDENTIALS = re.compile(
    r"credentials\s*:\s*['\"`](include|same-origin)|authorization|headers|cookie|token|withCredentials", re.I
)
SCRIPT = "/deployments/chatkit/chatkit.js"
EVENT = re.compile(r"^on[A-Z]\w*$")


@cache
def option_table() -> Mapping[str, Any]:
    """chatkit_options.json: the options of each object, and the version from which each is known."""
    made: Mapping[str, Any] = json.loads(Path(__file__).with_name("chatkit_options.json").read_text(encoding="utf-8"))
    return made


def find_chatkit(project: Project) -> Iterator[Hit]:
    """Every place in which ChatKit is not wired right. Options that are no object here are not judged."""
    uses = [call for _, call in project.calls() if _options(call) is not None or _draws(call)]
    if not uses:
        return
    version = _installed(project)
    for call in uses:
        options = _options(call)
        if options is not None and options.entries is not None:
            yield from _api(options)
            yield from _unknown(options, version)
            yield from _values(options, version)
    if not _loads_script(project):
        yield RULES["chatkit.script"].hit(uses[0].spot, f"{uses[0].path} is used, and no file loads chatkit.js")


def _draws(call: CodeCall) -> bool:
    return call.kind == "element" and call.path == "ChatKit" and call.origin == "@openai/chatkit-react"


def _options(call: CodeCall) -> Value | None:
    if call.last == "useChatKit" and call.origin.startswith(("@openai/chatkit", "./", "@/")) and call.args:
        return call.args[0]
    if call.last == "setOptions" and call.args and "api" in (call.args[0].entries or {}):
        return call.args[0]
    return None


def _api(options: Value) -> Iterator[Hit]:
    held = options.entries or {}
    api = held.get("api")
    if api is None:
        if not options.open:
            yield RULES["chatkit.api"].hit(options.spot, "useChatKit has no api option")
        return
    if api.entries is None or "getClientSecret" in api.entries:
        return
    entries = api.entries
    for name in ("url", "domainKey"):
        if name not in entries and not api.open:
            yield RULES["chatkit.api"].hit(api.spot, f"api has no {name}")
    key = entries.get("domainKey")
    if key and key.constant and isinstance(key.literal, str) and PLACEHOLDER.match(key.literal.strip()):
        yield RULES["chatkit.domain-key"].hit(key.spot, f"domainKey is {key.literal!r}")
    url, fetch = entries.get("url"), entries.get("fetch")
    if fetch and fetch.function and not CREDENTIALS.search(fetch.source) and re.search(r"\bfetch\s*\(", fetch.source):
        yield RULES["chatkit.credentials"].hit(fetch.spot, "api.fetch passes neither credentials nor a header on")
    elsewhere = url and isinstance(url.literal, str) and re.match(r"https?://", url.literal)
    if not fetch and not api.open and elsewhere and url:
        yield RULES["chatkit.credentials"].hit(
            url.spot, f"{url.literal} is another origin, and without api.fetch no cookie is sent there"
        )


def _unknown(options: Value, version: Version | None) -> Iterator[Hit]:
    table = option_table()
    newest = Version(table["version"])
    if version and version > newest:
        return  # newer than the table: what it knows is not ours to say
    for path, known in table["options"].items():
        value = _at(options, path)
        for name, inner in (value.entries or {}).items() if value else ():
            if not path and EVENT.match(name):
                continue
            since = known.get(name)
            shown = f"{path}.{name}" if path else name
            if since is None:
                yield RULES["chatkit.option-unknown"].hit(inner.spot, f"{shown} is no option of {version or newest}")
            elif version and Version(since) > version:
                yield RULES["chatkit.option-unknown"].hit(
                    inner.spot, f"{shown} is known from {since} on, and {version} is installed"
                )


def _at(options: Value, path: str) -> Value | None:
    """The value at a dotted path, or None where it is not written here."""
    value: Value | None = options
    for name in path.split(".") if path else ():
        value = (value.entries or {}).get(name) if value else None
    return value


def _kind(value: Value) -> str:
    """What a value is as it stands here, in JavaScript's words; "" where only running it tells."""
    if value.entries is not None:
        return "object"
    if value.source.startswith("["):
        return "list"
    if value.constant and value.literal is not None:
        return {bool: "boolean", str: "string"}.get(type(value.literal), "number")
    return ""


def _values(options: Value, version: Version | None) -> Iterator[Hit]:
    """Options whose value the client's types do not allow, and attachments that nothing says how to upload."""
    rule, table = RULES["chatkit.option-value"], option_table()
    if version and version > Version(table["version"]):
        return
    for path, kinds in table["kinds"].items():
        value = _at(options, path)
        if value is not None and (kind := _kind(value)) and kind not in kinds:
            yield rule.hit(value.spot, f"{path} is a {kind}, and the client takes a {' or '.join(kinds)}")
    enabled, api = _at(options, "composer.attachments.enabled"), _at(options, "api")
    if enabled is None or enabled.literal is not True or api is None or api.entries is None or api.open:
        return
    if "url" in api.entries and "uploadStrategy" not in api.entries:
        yield rule.hit(enabled.spot, "attachments are enabled, and api has no uploadStrategy: no file can be uploaded")


def _installed(project: Project) -> Version | None:
    """The version of @openai/chatkit that is installed: what is locked, else the least that is declared."""
    locked = [p.version for p in project.locked if p.name == PACKAGES[0]]
    declared = [p.spec for p in project.declared if p.name == PACKAGES[0]]
    for text in (*locked, *declared):
        found = re.search(r"\d+\.\d+(\.\d+)?", text)
        if found and (text in locked or not text.startswith(("^", ">", "*", "~"))):
            try:
                return Version(found[0])
            except InvalidVersion:
                continue
    return None


def _loads_script(project: Project) -> bool:
    return any(SCRIPT in file.text for file in project.tree.files if not file.test and file.suffix != ".json")
