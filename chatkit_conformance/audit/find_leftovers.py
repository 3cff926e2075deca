"""What is left of the old chat: imports of files that are gone, calls to routes that are gone, files nobody imports."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from .facts import CodeCall, Import
from .find_websocket import find_websocket
from .hit import Hit, Spot, address
from .kinds import EMBEDDING, SCRIPTS
from .project import PYTHON_SUFFIXES, Project
from .rules import RULES
from .source import SourceFile

ENDINGS = (*sorted(SCRIPTS), ".vue", ".svelte", ".d.ts")
ENTRY = re.compile(
    r"(^|/)(main|app|index|server|manage|wsgi|asgi|setup|conftest|settings|urls|admin|apps|models|views|__init__|__main__|"
    r"page|layout|route|middleware|proxy|loading|error|not-found|template|[\w.-]+\.config|_app|_document)\.\w+$|"
    r"(^|/)(pages|routes|migrations|alembic|scripts|bin|public|static|management|plugins|api)/"
)
"""Files that something else than an import starts."""

METHODS = frozenset({"get", "post", "put", "patch", "delete", "route", "api_route", "head", "options", "all"})
PARAMETER = re.compile(r"(:\w+|<[^>]*>|\{[^}]*\}|\$\{[^}]*\}|\[[^\]]*\])")
CALLING = re.compile(
    r"(^|\.)(fetch|get|post|put|patch|delete|request|EventSource|url|open|useSWR|ajax|axios)$", re.IGNORECASE
)


class ImportGraph:
    """Which file of a project imports which."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every file that can be imported."""
        return frozenset(file.path for file in self.project.code)

    @cached_property
    def by_end(self) -> Mapping[str, tuple[str, ...]]:
        """Every ending of a path, without its suffix -> the files that have it."""
        held: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            bare = re.sub(r"(/index|/__init__)?\.\w+$", "", path) if "/" in path else path.rpartition(".")[0]
            parts = bare.split("/")
            for start in range(len(parts)):
                held["/".join(parts[start:])].append(path)
        return {end: tuple(found) for end, found in held.items()}

    @cached_property
    def importers(self) -> Mapping[str, frozenset[str]]:
        """A file -> those that import it."""
        held: defaultdict[str, set[str]] = defaultdict(set)
        for file, facts in self.project.read:
            for made in facts.imports:
                for path in self.resolved(file, made):
                    if path != file.path:
                        held[path].add(file.path)
        return {path: frozenset(files) for path, files in held.items()}

    def resolved(self, file: SourceFile, made: Import) -> set[str]:
        """The files that an import names, if it names some of this project."""
        if file.suffix in PYTHON_SUFFIXES:
            return set(self._python(file, made))
        return set(self._script(file, made.module))

    def _script(self, file: SourceFile, module: str) -> Iterator[str]:
        module = re.split(r"[?#](?!/)", module, maxsplit=1)[0] if not module.startswith("#") else module
        if module.startswith("."):
            base = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), module))
            bare = re.sub(r"\.(js|mjs|jsx)$", "", base)
            wanted = [base, *(base + e for e in ENDINGS), *(bare + e for e in ENDINGS)]
            wanted += [f"{base}/index{e}" for e in ENDINGS]
            yield from (path for path in wanted if path in self.paths)
        elif alias := re.match(r"^(@|~|#|\$lib|src|@src|app)/(.+)$", module):
            yield from self.by_end.get(re.sub(r"\.(js|jsx|ts|tsx|vue|svelte)$", "", alias[2]), ())

    def _python(self, file: SourceFile, made: Import) -> Iterator[str]:
        dots = len(made.module) - len(made.module.lstrip("."))
        parts = [part for part in made.module.lstrip(".").split(".") if part]
        if dots:
            folders = file.path.split("/")[:-1]
            parts = [*folders[: len(folders) - dots + 1], *parts]
        whole = "/".join(parts)
        for end in (whole, *(f"{whole}/{name}" for name in made.names)):
            found = self.by_end.get(end, ())
            yield from (path for path in found if not dots or path.startswith((f"{end}.", f"{end}/__init__")))


def find_leftovers(before: Project, after: Project) -> Iterator[Hit]:
    """What the tree after still has of the old chat."""
    old, new = ImportGraph(before), ImportGraph(after)
    yield from _imports(old, new)
    yield from _files(old, new)
    yield from _routes(before, after)


def _imports(old: ImportGraph, new: ImportGraph) -> Iterator[Hit]:
    """Imports that named a file before, and name none now."""
    for file, facts in new.project.read:
        if file.left_out:
            continue
        for made in facts.imports:
            was = old.resolved(file, made) - new.paths
            if not was or new.resolved(file, made):
                continue
            if file.suffix in PYTHON_SUFFIXES and not made.relative and not _same_place(file, was):
                continue
            said = f"imports {made.module}, which was {sorted(was)[0]}"
            yield RULES["leftover.import"].hit(made.spot, said, weight="warning" if file.test else "error")


def _same_place(file: SourceFile, was: Iterable[str]) -> bool:
    """Whether one of these files lies under the first folder of this one: else it may be a package of that name."""
    top = file.path.split("/")[0]
    return any(path.split("/")[0] == top for path in was)


def _files(old: ImportGraph, new: ImportGraph) -> Iterator[Hit]:
    """Files that the old chat, or what imported it, imported and that nothing imports now."""
    chat = {hit.spot.path for hit in find_websocket(old.project) if hit.rule == "websocket.code"}
    waiting = [*chat]
    while waiting:  # those that import it, and those that import these
        new_ones = old.importers.get(waiting.pop(), frozenset()) - chat
        chat |= new_ones
        waiting += new_ones
    near = {path for path in old.paths if old.importers.get(path, frozenset()) & chat} | chat
    for path in sorted(near & new.paths):
        file = new.project.tree.by_path[path]
        if (
            not file.own
            or ENTRY.search(path)
            or not old.importers.get(path)
            or file.suffix in EMBEDDING - {".vue", ".svelte"}
        ):
            continue
        if not {p for p in new.importers.get(path, ()) if not new.project.tree.by_path[p].test}:
            yield RULES["leftover.file"].hit(
                Spot(path=path), f"{file.name} was imported by the old chat, and by nothing now"
            )


def _routes(before: Project, after: Project) -> Iterator[Hit]:
    """Texts that are called as a URL and end in a route that the server had before and has no more."""
    now = _declared(after)
    gone = _declared(before) - now
    gone = {route for route in gone if not any(route.endswith(r) or r.endswith(route) for r in now)}
    if not gone:
        return
    for file, facts in after.own:
        if file.suffix in PYTHON_SUFFIXES:
            continue
        for text in facts.texts:
            last = text.owner.rpartition(".")[2].removesuffix("()")
            if text.use != "value" or not (CALLING.search(last) or last.lower().endswith(("url", "endpoint", "path"))):
                continue
            path = _path_of(text.value)
            hit = next((route for route in sorted(gone) if path == route or path.endswith(route)), "")
            if hit and not any(path.endswith(route) for route in now):
                yield RULES["leftover.route"].hit(text.spot, f"calls {address(text.value)}, a route that was removed")


def _path_of(text: str) -> str:
    bare = re.split(r"[?#]", text, maxsplit=1)[0]
    bare = re.sub(r"^(\w+://[^/]+|\{\}|\$\{[^}]*\})", "", bare)
    return PARAMETER.sub("{}", bare).rstrip("/")


def _declared(project: Project) -> set[str]:
    """The routes that the server declares, with their router's prefix: those of two parts, or the old chat's."""
    found: set[str] = set()
    for file, facts in project.own:
        prefix = next(
            (
                str(p.literal)
                for c in facts.calls
                if c.last in ("APIRouter", "Blueprint")
                if (p := c.named.get("prefix") or c.named.get("url_prefix"))
            ),
            "",
        )
        for call in facts.calls:
            path = _route(call, file)
            if path is not None:
                whole = PARAMETER.sub("{}", prefix + path).rstrip("/")
                if whole.count("/") >= 2 or re.search(r"chat|message|stream|ws|socket|session", whole):
                    found.add(whole)
    return found


def _route(call: CodeCall, file: SourceFile) -> str | None:
    decorated = call.kind == "decorator" and call.last in METHODS | {"websocket"}
    express = file.suffix in SCRIPTS and call.path in {
        f"{r}.{m}" for r in ("app", "router", "server", "fastify") for m in METHODS | {"ws"}
    }
    if not (decorated or express) or not call.args:
        return None
    given = call.args[0].literal
    return given if isinstance(given, str) and given.startswith("/") else None
