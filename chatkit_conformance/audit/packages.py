"""Which packages a tree declares, and which its lock files hold though nobody asks for them."""

from __future__ import annotations

import ast
import configparser
import fnmatch
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import yaml  # type: ignore[import-untyped]  # the package has no types

from gemini_standin.toml_text import read_toml

from .hit import Spot
from .source import SourceFile

Registry = Literal["PyPI", "npm"]
Group = Literal["main", "dev", "pinned"]
"""main: the program needs it. dev: tests and tools do. pinned: a list of everything installed says it."""

DEV_WORDS = re.compile(r"dev|test|lint|doc|type|ci\b|tool", re.IGNORECASE)
NAME = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)$")
VIA = re.compile(r"^\s*#\s*via\s*(.*)$")
FREEZE_MARKS = frozenset({"httptools", "uvloop", "watchfiles", "anyio", "h11", "idna", "sniffio", "certifi"})
"""Packages that nobody declares: where three of them stand, the file lists all that is installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPackage:
    """A package that a manifest names. `spec` is the version that it asks for, as written."""

    name: str
    registry: Registry
    spec: str
    group: Group
    spot: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPackage:
    """A package of a lock file: its version, and the packages of that file that need it."""

    name: str
    registry: Registry
    version: str
    needed_by: frozenset[str]
    spot: Spot


UNREAD = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    SyntaxError,
    RecursionError,
    MemoryError,
    configparser.Error,
    yaml.YAMLError,
)
"""What the readers raise on a file of another shape, or nested deeper than they go."""


def normal(name: str) -> str:
    """A PyPI name in its normal form."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared_in(file: SourceFile) -> list[DeclaredPackage]:
    """What a manifest declares; nothing for any other file, or for one that does not parse."""
    for pattern, registry, read in MANIFESTS:
        if fnmatch.fnmatchcase(file.path, pattern) or fnmatch.fnmatchcase(file.name, pattern):
            try:
                rows = list(read(file))
            except UNREAD:
                return []
            return [
                DeclaredPackage(
                    name=normal(name) if registry == "PyPI" else name,
                    registry=registry,
                    spec=spec.strip(),
                    group=group,
                    spot=Spot(path=file.path, line=line or _line(file.text, name)),
                )
                for name, spec, group, line in rows
            ]
    return []


def locked_in(file: SourceFile) -> list[LockedPackage]:
    """What a lock file holds; nothing for any other file, or for one that does not parse."""
    found = LOCKS.get(file.name)
    if not found:
        return []
    registry, read = found
    try:
        rows = list(read(file.text))
    except UNREAD:
        return []
    needed: dict[str, set[str]] = {}
    for owner, _, needs in rows:
        for name in needs:
            needed.setdefault(name, set()).add(owner)
    return [
        LockedPackage(
            name=name,
            registry=registry,
            version=version,
            needed_by=frozenset(needed.get(name, set()) - {""}),
            spot=Spot(path=file.path, line=_locked_line(file.text, name)),
        )
        for name, version, _ in rows
        if name
    ]


Row = tuple[str, str, Group, int]
"""Name, version asked for, group, line or 0."""


def _line(text: str, name: str) -> int:
    pattern = re.compile(rf"(?<![\w@/.-]){re.escape(name)}(?![\w-])", re.IGNORECASE)
    return next((n for n, line in enumerate(text.split("\n"), 1) if pattern.search(line)), 1)


def _locked_line(text: str, name: str) -> int:
    pattern = re.compile(rf"(node_modules/|^name = \"|^['\"/ ]*){re.escape(name)}(\"|@|:)")
    return next((n for n, line in enumerate(text.split("\n"), 1) if pattern.search(line)), 1)


def _requirement(text: str, group: Group, line: int = 0) -> Iterator[Row]:
    bare = re.split(r"\s#|;", text, maxsplit=1)[0]
    found = NAME.match(bare)
    if found and not found[2].startswith(("/", ":")):
        yield found[1], re.sub(r"\s*--hash\S*|\\$", "", found[2]), group, line


def _group(name: str) -> Group:
    return "dev" if DEV_WORDS.search(name) else "main"


def _requirements(file: SourceFile) -> Iterator[Row]:
    """requirements.txt. `# via` comments of a compiled one, and lists of all that is installed, are no declarations."""
    lines = file.text.split("\n")
    rows = [
        (row, n)
        for n, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith(("#", "-"))
        for row in _requirement(line, _group(file.path.lower().removesuffix(".txt")), n)
    ]
    pinned = bool(rows) and all(row[1].lstrip().startswith(("==", "@")) for row, _ in rows)
    frozen = pinned and len(FREEZE_MARKS & {normal(row[0]) for row, _ in rows}) >= 3
    for (name, spec, group, line), _ in rows:
        via = _via(lines, line)
        compiled = bool(via) and not any("-r " in v or v.endswith((".in", ".toml", "(pyproject.toml)")) for v in via)
        yield name, spec, "pinned" if compiled or (frozen and not via) else group, line


def _via(lines: list[str], line: int) -> list[str]:
    """Who needs the package of this line, as pip-compile and uv write it below."""
    found: list[str] = []
    inline = re.search(r"#\s*via\s+(.+)$", lines[line - 1])
    if inline:
        return [part.strip() for part in inline[1].split(",")]
    for raw in lines[line:]:
        bare = raw.strip()
        if not raw.startswith((" ", "\t")) or not (bare.startswith(("#", "--hash"))):
            break
        if bare.startswith("#"):
            found += [part.strip() for part in re.sub(r"^#\s*(via\b)?", "", bare).split(",") if part.strip()]
    return found


def _pyproject(file: SourceFile) -> Iterator[Row]:
    table = read_toml(file.text)
    project, tool = table.get("project", {}), table.get("tool", {})
    for text in project.get("dependencies", ()):
        yield from _requirement(text, "main")
    groups = [*project.get("optional-dependencies", {}).items(), *table.get("dependency-groups", {}).items()]
    groups += tool.get("pdm", {}).get("dev-dependencies", {}).items()
    groups += [("dev", tool.get("uv", {}).get("dev-dependencies", []))]
    for name, texts in groups:
        for text in texts:
            if isinstance(text, str):
                yield from _requirement(text, _group(name))
    poetry = tool.get("poetry", {})
    tables = [("main", poetry.get("dependencies", {})), ("dev", poetry.get("dev-dependencies", {}))]
    tables += [(name, group.get("dependencies", {})) for name, group in poetry.get("group", {}).items()]
    for name, held in tables:
        for package, spec in held.items():
            if package != "python":
                yield package, _spec(spec), _group(name), 0


def _spec(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("version", "")
    text = str(value)
    return f"=={text}" if re.fullmatch(r"\d[\w.]*", text) else text


def _pipfile(file: SourceFile) -> Iterator[Row]:
    table = read_toml(file.text)
    for key, group in (("packages", "main"), ("dev-packages", "dev")):
        for name, spec in table.get(key, {}).items():
            yield name, _spec(spec).removeprefix("==*").replace("*", ""), "dev" if group == "dev" else "main", 0


def _setup_cfg(file: SourceFile) -> Iterator[Row]:
    read = configparser.ConfigParser(interpolation=None)
    read.read_string(file.text)
    held = [("main", read.get("options", "install_requires", fallback=""))]
    held += list(read.items("options.extras_require")) if read.has_section("options.extras_require") else []
    for name, lines in held:
        for line in filter(str.strip, lines.splitlines()):
            yield from _requirement(line, _group(name))


def _setup_py(file: SourceFile) -> Iterator[Row]:
    for node in ast.walk(ast.parse(file.text)):
        if isinstance(node, ast.keyword) and node.arg == "install_requires" and isinstance(node.value, ast.List):
            for item in node.value.elts:
                if isinstance(item, ast.Constant):
                    yield from _requirement(str(item.value), "main", item.lineno)


def _conda(file: SourceFile) -> Iterator[Row]:
    table = yaml.safe_load(file.text)
    for item in table.get("dependencies", ()):
        for text in item.get("pip", ()) if isinstance(item, dict) else [re.sub(r"=(?!=)", "==", str(item), count=1)]:
            yield from _requirement(str(text).rpartition("::")[2], "main")


def _package_json(file: SourceFile) -> Iterator[Row]:
    table = json.loads(file.text)
    for key in ("dependencies", "optionalDependencies", "peerDependencies", "devDependencies"):
        for name, spec in (table.get(key) or {}).items():
            line = next(
                (n for n, line in enumerate(file.text.split("\n"), 1) if re.search(rf'"{re.escape(name)}"\s*:', line)),
                1,
            )
            yield name, str(spec), "dev" if key == "devDependencies" else "main", line


MANIFESTS: tuple[tuple[str, Registry, Callable[[SourceFile], Iterator[Row]]], ...] = (
    ("package.json", "npm", _package_json),
    ("pyproject.toml", "PyPI", _pyproject),
    ("requirements*.txt", "PyPI", _requirements),
    ("requirements*.in", "PyPI", _requirements),
    ("*requirements/*.txt", "PyPI", _requirements),
    ("*requirements/*.in", "PyPI", _requirements),
    ("Pipfile", "PyPI", _pipfile),
    ("setup.cfg", "PyPI", _setup_cfg),
    ("setup.py", "PyPI", _setup_py),
    ("environment.yml", "PyPI", _conda),
    ("environment.yaml", "PyPI", _conda),
)
"""A file's name or path -> its registry and its reader."""

Locked = tuple[str, str, frozenset[str]]
"""Name ("" for the project itself), version, and the names that it needs."""

NEEDS = ("dependencies", "optionalDependencies", "peerDependencies", "devDependencies", "requires")


def _npm_lock(text: str) -> Iterator[Locked]:
    table = json.loads(text)
    for place, entry in table.get("packages", {}).items():
        name = place.rpartition("node_modules/")[2] if place else ""
        needs = {need for key in NEEDS if isinstance(entry.get(key), dict) for need in entry[key]}
        yield name if "node_modules/" in place else "", str(entry.get("version", "")), frozenset(needs)
    if not table.get("packages"):
        yield from _old_npm(table.get("dependencies", {}))


def _old_npm(table: Mapping[str, Any]) -> Iterator[Locked]:
    for name, entry in table.items():
        yield name, str(entry.get("version", "")), frozenset(entry.get("requires") or {})
        yield from _old_npm(entry.get("dependencies", {}))


def _yarn_lock(text: str) -> Iterator[Locked]:
    name, version, within = "", "", False
    needs: set[str] = set()
    for line in [*text.split("\n"), "end:"]:
        if line and not line[0].isspace() and not line.startswith("#"):
            if name:
                yield name, version, frozenset(needs)
            head = line.strip().rstrip(":").split(",")[0].strip("\"' ")
            name, version, needs, within = head[: head.find("@", 1)] if "@" in head[1:] else "", "", set(), False
        elif re.match(r"^ {2}\S", line):
            within = bool(re.match(r"^ {2}(dependencies|optionalDependencies|peerDependencies):", line))
            if found := re.match(r"^ {2}\"?version\"?:? \"?([^\"]+)\"?$", line):
                version = found[1]
        elif within and (found := re.match(r"^ {4}\"?(@?[^\s:\"]+)\"?:?\s", line)):
            needs.add(found[1])


def _pnpm_lock(text: str) -> Iterator[Locked]:
    table = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (the safe one, in C)
    for key in ("packages", "snapshots"):
        for place, entry in (table.get(key) or {}).items():
            bare = place.lstrip("/").split("(")[0]
            at = bare.rfind("@") if bare.rfind("@") > 0 else bare.rfind("/")
            needs = {n for k in NEEDS if isinstance((entry or {}).get(k), dict) for n in entry[k]}
            yield bare[:at], bare[at + 1 :], frozenset(needs)


def _toml_lock(text: str) -> Iterator[Locked]:
    """poetry.lock and uv.lock."""
    for entry in read_toml(text).get("package", ()):
        source = entry.get("source", {})
        root = isinstance(source, dict) and ("virtual" in source or "editable" in source)
        held = entry.get("dependencies", {})
        groups = [held, *entry.get("optional-dependencies", {}).values(), *entry.get("dev-dependencies", {}).values()]
        needs = {
            normal(n["name"] if isinstance(n, dict) else re.split(r"[^\w.-]", n, maxsplit=1)[0])
            for group in groups
            for n in (group if isinstance(group, list) else [*group])
        }
        yield "" if root else normal(entry["name"]), str(entry.get("version", "")), frozenset(needs)


LOCKS: Mapping[str, tuple[Registry, Callable[[str], Iterator[Locked]]]] = {
    "package-lock.json": ("npm", _npm_lock),
    "npm-shrinkwrap.json": ("npm", _npm_lock),
    "yarn.lock": ("npm", _yarn_lock),
    "pnpm-lock.yaml": ("npm", _pnpm_lock),
    "poetry.lock": ("PyPI", _toml_lock),
    "uv.lock": ("PyPI", _toml_lock),
    "pdm.lock": ("PyPI", _toml_lock),
}
"""A lock file's name -> its registry and its reader."""
