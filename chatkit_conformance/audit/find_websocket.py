"""SC-004: what is left of WebSocket. Code is read by its syntax; words in comments and texts are none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import websocket_names as names
from .facts import CodeCall, FileFacts, Setting, Text
from .hit import Hit, Spot, Weight, address
from .kinds import EMBEDDING, SCRIPTS
from .project import PYTHON_SUFFIXES, Project
from .rules import RULES
from .source import SourceFile

CODE, ADDRESS, SETTING = RULES["websocket.code"], RULES["websocket.url"], RULES["websocket.setting"]
PROXY, DECLARED, LOCKED = RULES["websocket.proxy"], RULES["websocket.dependency"], RULES["websocket.locked"]

PROXY_FILE = re.compile(
    r"(^|/)(Caddyfile|\.htaccess|haproxy[^/]*|[^/]*nginx[^/]*|[^/]*apache[^/]*)$|\.(conf|vhost|template|ya?ml|cfg|tpl)$",
    re.I,
)
LOCATION = re.compile(r"^\s*(location|handle|handle_path|route|<Location)\b([^{]*)")
BUILD_TOOL = re.compile(
    r"(^|/)(vite|webpack|next|vue|nuxt|rspack|rsbuild|craco|svelte|astro|quasar)[\w.-]*\.config\.|setupProxy\."
)
POLICY = re.compile(r"(connect|default|script)-src")


def find_websocket(project: Project) -> Iterator[Hit]:
    """Every place in which WebSocket is left."""
    for file, facts in project.read:
        weight = weight_in(file)
        yield from _imports(project, file, facts, weight)
        yield from _calls(file, facts, weight)
        yield from _types(file, facts, weight)
        for text in facts.texts:
            yield from _text(file, text, weight)
        for setting in facts.settings:
            yield from _setting(setting, weight)
        yield from _commands(facts, weight)
        if file.suffix in EMBEDDING:
            yield from _page(file, weight)
    for file in project.tree.files:
        if PROXY_FILE.search(file.path) and not file.left_out:
            yield from _proxy(file, weight_in(file))
    yield from _packages(project)


def weight_in(file: SourceFile) -> Weight:
    """How much a hit in this file weighs: in tests and in other people's code it is only told."""
    return "error" if file.own else "note"


def _imports(project: Project, file: SourceFile, facts: FileFacts, weight: Weight) -> Iterator[Hit]:
    python = file.suffix in PYTHON_SUFFIXES
    known = names.PYTHON_MODULES if python else names.SCRIPT_MODULES
    for made in facts.imports:
        if project.local(made.module, file):
            continue
        whole = _module_of(made.module, known, "." if python else "/")
        given = next((name for name in made.names if names.NAMED.match(name)), "")
        if whole:
            yield CODE.hit(made.spot, f"imports {made.module}", weight=weight)
        elif given or any(f"{made.module}.{name}" in known for name in made.names):
            yield CODE.hit(made.spot, f"imports {given or made.names[0]} from {made.module}", weight=weight)
        elif "useWebSocket" in made.names or "webSocket" in made.names:
            yield CODE.hit(made.spot, f"imports a WebSocket from {made.module}", weight=weight)


def _module_of(module: str, known: frozenset[str], mark: str) -> bool:
    parts = module.split(mark)
    return any(mark.join(parts[:n]) in known for n in range(1, len(parts) + 1))


def _calls(file: SourceFile, facts: FileFacts, weight: Weight) -> Iterator[Hit]:
    python = file.suffix in PYTHON_SUFFIXES
    own = {name for name in facts.values if "socket" in name.lower()}
    for call in facts.calls:
        said = _called(call, python)
        if said and not (call.path in own or call.origin.startswith((".", "@/", "~/"))):
            yield CODE.hit(call.spot, said, weight=weight)
        elif call.last in ("createProxyMiddleware", "createProxyServer", "proxy", "legacyCreateProxyMiddleware"):
            held = [entries for value in call.args if (entries := value.entries)]
            if any(e.get("ws") and e["ws"].literal is True for e in held):
                yield PROXY.hit(call.spot, "a proxy passes WebSockets on (ws: true)", weight=weight)
    if BUILD_TOOL.search(file.path):
        yield from _development_proxy(facts, weight)


def _called(call: CodeCall, python: bool) -> str:
    """What a call has to do with WebSocket, or ""."""
    if call.kind == "new" and names.CONSTRUCTED.match(call.path):
        return f"opens a WebSocket: new {call.path}(...)"
    if call.kind == "decorator" and call.last in names.SERVING and "." in call.path:
        return f"declares a WebSocket route: @{call.path}"
    if call.last in names.CALLS:
        return f"{names.CALLS[call.last]}: {call.path}(...)"
    if python and call.last in ("import_module", "__import__") and call.args:
        named = call.args[0].literal
        if isinstance(named, str) and _module_of(named, names.PYTHON_MODULES, "."):
            return f"imports {named}"
    receiver = call.path.rpartition(".")[0]
    if python and call.last in names.DUCK_METHODS and names.DUCK_RECEIVER.search(receiver):
        return f"speaks on a WebSocket: {call.path}(...)"
    if not python and call.path == "Bun.serve" and any("websocket" in (a.entries or {}) for a in call.args):
        return "serves WebSockets: Bun.serve({ websocket })"
    if python and call.last in ("run", "Config") and call.origin.startswith("uvicorn"):
        chosen = call.named.get("ws")
        if chosen and chosen.literal in ("websockets", "websockets-sansio", "wsproto"):
            return f"starts uvicorn with the WebSocket protocol {chosen.literal}"
    return ""


def _development_proxy(facts: FileFacts, weight: Weight) -> Iterator[Hit]:
    """`server.proxy` of a build tool, with `ws: true`: the development server's way to the old backend."""
    waiting = [*facts.values.values(), *(value for call in facts.calls for value in call.args)]
    seen: set[Spot] = set()
    while waiting:
        value = waiting.pop()
        for name, inner in (value.entries or {}).items():
            if name in ("hmr", "webSocketServer", "client"):
                continue
            if name == "ws" and inner.literal is True and inner.spot not in seen:
                seen.add(inner.spot)
                yield PROXY.hit(inner.spot, "the development server passes WebSockets on (ws: true)", weight=weight)
            waiting.append(inner)


def _types(file: SourceFile, facts: FileFacts, weight: Weight) -> Iterator[Hit]:
    local = {name for made in facts.imports if made.module.startswith((".", "@/", "~/")) for name in made.names}
    for name, spot in facts.types:
        if name in names.TYPES - local - {*facts.values}:
            yield CODE.hit(spot, f"names the type {name}", weight=weight)


def _text(file: SourceFile, text: Text, weight: Weight) -> Iterator[Hit]:
    value = text.value.strip()
    if POLICY.search(value) and re.search(r"\bwss?:", value):
        yield ADDRESS.hit(text.spot, "a content security policy allows WebSockets", weight="note")
    elif value in names.ASGI and text.use == "value":
        yield CODE.hit(text.spot, f"sends the ASGI message {value}", weight=weight)
    elif names.URL.match(value) and text.use in ("value", "listed"):
        if names.FOREIGN.search(text.owner) or _hot(file, text):
            return
        lighter: Weight = "note" if text.use == "listed" else weight
        yield ADDRESS.hit(text.spot, f"the URL {address(value)}", weight=lighter)
    elif file.suffix in SCRIPTS | EMBEDDING and value in ("wss:", "wss://", "wss") and text.use == "value":
        if not _hot(file, text):
            yield ADDRESS.hit(text.spot, f"makes a WebSocket URL of {value!r}", weight=weight)
    elif value in ("channels", "channels_redis") and text.owner == "INSTALLED_APPS":
        yield CODE.hit(text.spot, f"Django installs {value}", weight=weight)
    elif text.owner.endswith("BACKEND") and value.startswith(("channels_redis.", "channels.layers.")):
        yield CODE.hit(text.spot, f"Django uses {value}", weight=weight)


def _hot(file: SourceFile, text: Text) -> bool:
    """Whether it is about a development server that reloads pages."""
    words = {part.lower() for part in re.split(r"[.()]+", text.owner)}
    return bool(BUILD_TOOL.search(file.path)) and bool(words & {"hmr", "websocketurl", "client", "websocketserver"})


def _setting(setting: Setting, weight: Weight) -> Iterator[Hit]:
    if not names.SETTING.search(setting.name) or names.FOREIGN.search(setting.name):
        return
    if setting.value is not None and setting.value.lower() in names.OFF:
        return
    read = "reads" if setting.value is None else "sets"
    if setting.value and setting.value.startswith(("http://", "https://")) and setting.name.startswith("WS_"):
        weight = "note"  # a web service may be called so, too
    yield SETTING.hit(setting.spot, f"{read} {setting.name}", weight=weight)


def _commands(facts: FileFacts, weight: Weight) -> Iterator[Hit]:
    for command in facts.commands:
        for pattern, said in names.COMMANDS:
            if found := pattern.search(command.line):
                yield SETTING.hit(command.spot, f"{said}: {found[0].strip()[:80]}", weight=weight)
                break


PAGE_MARKS = (
    (
        re.compile(
            r"<script\b[^>]*\bsrc\s*=\s*[\"'][^\"']*(socket\.io|sockjs|reconnecting-websocket|stomp)[^\"']*\.js", re.I
        ),
        "loads a WebSocket script",
    ),
    (re.compile(r"\bhx-ext\s*=\s*[\"'][^\"']*\bws\b|\bws-connect\s*=", re.I), "htmx opens a WebSocket"),
)


def _page(file: SourceFile, weight: Weight) -> Iterator[Hit]:
    blank = re.sub(r"<!--.*?-->", lambda m: re.sub(r"[^\n]", " ", m[0]), file.text, flags=re.DOTALL)
    for n, line in enumerate(blank.split("\n"), 1):
        for pattern, said in PAGE_MARKS:
            if pattern.search(line):
                yield CODE.hit(Spot(path=file.path, line=n), said, weight=weight)


def _proxy(file: SourceFile, weight: Weight) -> Iterator[Hit]:
    """Lines of a proxy's configuration. Those in the location of a development server's reloading are none."""
    blocks: list[bool] = []
    for n, raw in enumerate(file.text.split("\n"), 1):
        line = re.split(r"(^|\s)#", raw, maxsplit=1)[0]
        opened = LOCATION.match(line)
        if not any(blocks):
            for pattern, said in names.PROXY_LINES:
                if found := pattern.search(line):
                    yield PROXY.hit(Spot(path=file.path, line=n), f"{said}: {found[0].strip()[:80]}", weight=weight)
                    break
        for _ in range(line.count("{") - line.count("${")):
            blocks.append(bool(opened and names.HMR.search(opened[2])))
        for _ in range(line.count("}")):
            if blocks:
                blocks.pop()


def _packages(project: Project) -> Iterator[Hit]:
    declared = {(p.registry, p.name) for p in project.declared}
    for package in project.declared:
        known = names.PYPI_PACKAGES if package.registry == "PyPI" else names.NPM_PACKAGES
        own = project.tree.by_path[package.spot.path].own
        if package.name in known:
            weight: Weight = "error" if package.group == "main" and own else "note"
            whom = {"main": "", "dev": " for development", "pinned": ", which another package needs"}[package.group]
            yield DECLARED.hit(package.spot, f"declares {package.name}{whom}", weight=weight)
        elif package.name in names.MIXED_PACKAGES:
            yield DECLARED.hit(package.spot, f"declares {package.name}, which serves plain HTTP, too", weight="note")
    for locked in project.locked:
        known = names.PYPI_PACKAGES if locked.registry == "PyPI" else names.NPM_PACKAGES
        if locked.name in known and not locked.needed_by and (locked.registry, locked.name) not in declared:
            yield LOCKED.hit(locked.spot, f"holds {locked.name} {locked.version}, which no package in it needs")
