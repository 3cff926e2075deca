"""The routes of a web application in Python: decorators, Route(...) and add_api_route(...), with their prefixes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

VERBS = frozenset({"post", "get", "route", "api_route", "websocket"})
HEALTH = frozenset({"health", "healthz", "livez", "readyz", "ping", "status"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRoute:
    """One route.

    Args:
        chat: how surely it is ChatKit's: 2 where its function hands the body to `process`, 1 by its path, else 0.
        health: whether it tells that the server is up.
    """

    path: str
    file: str
    place: str
    chat: int
    health: bool


Router = tuple[str, str]
"""The last name of the module in which a router stands, and its own name there."""


def included(trees: Iterable[ast.Module]) -> dict[Router, str]:
    """What `include_router` puts before the paths of a router of another module."""
    found: dict[Router, str] = {}
    for tree in trees:
        taken: dict[str, Router] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                last = (node.module or "").rpartition(".")[2]
                taken |= {alias.asname or alias.name: (last, alias.name) for alias in node.names}
        for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
            if not (isinstance(call.func, ast.Attribute) and call.func.attr == "include_router" and call.args):
                continue
            given = call.args[0]
            if isinstance(given, ast.Attribute) and isinstance(given.value, ast.Name | ast.Attribute):
                module = given.value.id if isinstance(given.value, ast.Name) else given.value.attr
                found[taken.get(module, ("", module))[1], given.attr] = _prefix(call)
            elif isinstance(given, ast.Name) and given.id in taken:
                found[taken[given.id]] = _prefix(call)
    return found


def routes_of(tree: ast.Module, file: str, elsewhere: Mapping[Router, str]) -> Iterator[FoundRoute]:
    """The routes that a file declares. `elsewhere`: see `included`."""
    here = PurePosixPath(file)
    module = here.parent.name if here.stem == "__init__" else here.stem
    prefixes = {name: elsewhere.get((module, name), "") + prefix for name, prefix in _prefixes(tree)}
    functions = {n.name: n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    for function in functions.values():
        for made in function.decorator_list:
            if not (isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute) and made.args):
                continue
            verb, owner = made.func.attr, made.func.value
            if verb in VERBS and (path := _text(made.args[0])) is not None:
                prefix = prefixes.get(owner.id, "") if isinstance(owner, ast.Name) else ""
                posts = verb in ("post", "route", "api_route")
                yield _route(prefix + path, file, made.lineno, function, posts=posts)
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
        called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if called in ("Route", "add_api_route", "add_route") and len(call.args) > 1:
            path, handler = _text(call.args[0]), call.args[1]
            does = functions.get(handler.id) if isinstance(handler, ast.Name) else None
            if path is not None:
                yield _route(path, file, call.lineno, does, posts="GET" not in _written(call) or does is None)


def _route(
    path: str, file: str, line: int, function: ast.FunctionDef | ast.AsyncFunctionDef | None, *, posts: bool
) -> FoundRoute:
    body = _written(function) if function else ""
    last = path.rstrip("/").rpartition("/")[2].lower()
    chat = 0
    if posts:
        chat = 2 if ".process(" in body else 1 if "chatkit" in path.lower() else 0
    return FoundRoute(path=path, file=file, place=f"{file}:{line}", chat=chat, health=not chat and last in HEALTH)


def _written(node: ast.AST) -> str:
    """The source of a node; "" for one that is nested too deeply to be written."""
    try:
        return ast.unparse(node)
    except RecursionError:
        return ""


def _prefixes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The name of each router, and what is put before its paths: its own prefix, and that of `include_router` here."""
    own = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            own[node.targets[0].id] = _prefix(node.value)
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.args):
        named = isinstance(call.func, ast.Attribute) and call.func.attr == "include_router"
        if named and isinstance(given := call.args[0], ast.Name):
            own[given.id] = _prefix(call) + own.get(given.id, "")
    yield from own.items()


def _prefix(call: ast.Call) -> str:
    return next((_text(k.value) or "" for k in call.keywords if k.arg in ("prefix", "url_prefix")), "")


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
