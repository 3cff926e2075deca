"""A server written in Python: its application, its ChatKit route, what it reads, its tools. By syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from ..audit.source import SourceFile, SourceTree
from .facts import Sighting, SignIn, Start, Survey
from .python_routes import included, routes_of
from .settings import GOOGLE, SIGNS, given, model_urls, once
from .start_files import started_by

APPS = {"FastAPI": "uvicorn", "Starlette": "uvicorn", "Litestar": "uvicorn", "Quart": "uvicorn", "Flask": "flask"}
"""What makes an application, and what serves it."""

TOOL_MAKERS = ("function_tool", "tool")
ROOT_MARKS = ("pyproject.toml", "requirements.txt", "setup.py", "uv.lock", "Pipfile")


@dataclass(frozen=True)
class Module:
    """One file and its tree."""

    file: SourceFile
    tree: ast.Module

    def at(self, node: ast.expr | ast.stmt) -> str:
        """Where a node stands."""
        return f"{self.file.path}:{node.lineno}"

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        """Every call."""
        return tuple(node for node in self.nodes if isinstance(node, ast.Call))


def modules_of(tree: SourceTree) -> list[Module]:
    """The project's own files that parse, no tests among them."""
    made = []
    for file in tree.of((".py",)):
        if file.own:
            try:
                made.append(Module(file, ast.parse(file.text)))
            except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested too deeply
                continue
    return made


def survey_python(tree: SourceTree) -> Survey:
    """What the Python files of a tree say."""
    modules = modules_of(tree)
    elsewhere = included(module.tree for module in modules)
    routes = [route for module in modules for route in routes_of(module.tree, module.file.path, elsewhere)]
    chat = min((route for route in routes if route.chat), key=lambda route: -route.chat, default=None)
    health = next((route for route in routes if route.health), None)
    read = [found for module in modules for found in environment_of(module)]
    urls = model_urls(read)
    if not urls and (bare := _bare_client(modules)):
        urls = (Sighting(value="OPENAI_BASE_URL", place=bare),)
    names = {one.value for one in urls}
    return Survey(
        language="Python",
        start=_start(modules, tree, chat.file if chat else "") or started_by(tree),
        path=Sighting(value=chat.path, place=chat.place) if chat else None,
        base_urls=urls,
        fixed_url=None if urls else _fixed_url(modules),
        settings=once(f for m in modules for f in environment_of(m, needed=True) if f.value not in given() | names),
        health=Sighting(value=health.path, place=health.place) if health else None,
        sign_in=sign_in_of(modules, read),
        tools=once(tool for module in modules for tool in tools_of(module)),
    )


def name_of(node: ast.AST) -> str:
    """The last name of a dotted path, or ""."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def text_of(node: ast.AST | None) -> str:
    """A constant text, or ""."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def environment_of(module: Module, *, needed: bool = False) -> Iterator[Sighting]:
    """The environment variables that a file reads. `needed`: only those without which it fails."""
    for node in module.nodes:
        if isinstance(node, ast.Subscript) and name_of(node.value) == "environ" and (name := text_of(node.slice)):
            yield Sighting(value=name, place=module.at(node))
        elif not needed and isinstance(node, ast.Call) and node.args and (name := text_of(node.args[0])):
            held = node.func.value if isinstance(node.func, ast.Attribute) else node.func
            if name_of(node) == "getenv" or (name_of(node) == "get" and name_of(held) == "environ"):
                yield Sighting(value=name, place=module.at(node))


def tools_of(module: Module) -> Iterator[Sighting]:
    """The names of the tools that a file gives to a model."""
    for node in module.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for made in node.decorator_list:
                if name_of(made) in TOOL_MAKERS:
                    given = {k.arg: text_of(k.value) for k in made.keywords} if isinstance(made, ast.Call) else {}
                    yield Sighting(
                        value=given.get("name_override") or given.get("name") or node.name, place=module.at(node)
                    )
        elif isinstance(node, ast.Call) and name_of(node) == "FunctionTool":
            named = (text_of(k.value) for k in node.keywords if k.arg == "name")
            yield from (Sighting(value=name, place=module.at(node)) for name in named if name)


def sign_in_of(modules: Iterable[Module], read: Iterable[Sighting]) -> SignIn:
    """How requests say whose they are, as the code reads them."""
    token = cookie = header = session = ""
    for module in modules:
        for call in module.calls:
            name, first = name_of(call), text_of(call.args[0]) if call.args else ""
            holder = name_of(call.func.value) if isinstance(call.func, ast.Attribute) else ""
            if (name == "decode" and holder in ("jwt", "jose")) or name in ("HTTPBearer", "OAuth2PasswordBearer"):
                token = token or module.at(call)
            elif name in ("get", "APIKeyCookie", "Cookie") and (holder == "cookies" or name != "get"):
                named = first or next((text_of(k.value) for k in call.keywords if k.arg in ("name", "alias")), "")
                cookie = cookie or named
            elif name == "APIKeyHeader":
                header = header or next((text_of(k.value) for k in call.keywords if k.arg == "name"), "")
            elif name == "add_middleware" and call.args and name_of(call.args[0]) == "SessionMiddleware":
                session = module.at(call)
    secret = next((found.value for found in read if SIGNS.search(found.value)), "")
    if token:
        return SignIn(auth="bearer", place=token, cookie=cookie, secret=secret)
    if session or cookie:
        return SignIn(auth="session" if session else "cookie", place=session, cookie=cookie)
    return SignIn(auth="bearer", header=header) if header else SignIn(auth="none")


def _start(modules: Iterable[Module], tree: SourceTree, chat_file: str) -> Start | None:
    """The command that serves the application; the one of the file with the route comes first."""
    made = [start for module in modules for start in _applications(module, tree)]
    made.sort(key=lambda pair: (pair[0] != chat_file, PurePosixPath(pair[0]).stem not in ("main", "app", "server")))
    return made[0][1] if made else next(_programs(modules), None)


def _programs(modules: Iterable[Module]) -> Iterator[Start]:
    """Packages that are run by their name."""
    for module in modules:
        path = PurePosixPath(module.file.path)
        if path.name == "__main__.py" and len(path.parts) > 1:
            inner = path.parts[0] == "src" and len(path.parts) > 2
            dotted = ".".join(path.parts[1 if inner else 0 : -1])
            yield Start(command=("python", "-m", dotted), place=f"{path}:1", cwd="src" if inner else ".")


def _applications(module: Module, tree: SourceTree) -> Iterator[tuple[str, Start]]:
    for node in module.tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(value, ast.Call) and name_of(value) in APPS and isinstance(targets[0], ast.Name):
            yield module.file.path, _served(module, targets[0].id, APPS[name_of(value)], module.at(node), tree)
        elif isinstance(node, ast.FunctionDef) and _makes(node):
            served = APPS[name_of(node.returns)] if node.returns else ""
            yield module.file.path, _served(module, f"{node.name}()", served, module.at(node), tree)


def _makes(node: ast.FunctionDef) -> bool:
    """Whether it makes an application, and can be called without an argument."""
    needed = len(node.args.args) - len(node.args.defaults)
    return node.returns is not None and name_of(node.returns) in APPS and not needed


def _served(module: Module, name: str, by: str, place: str, tree: SourceTree) -> Start:
    path = PurePosixPath(module.file.path)
    root = next(
        (folder for folder in path.parents if any(str(folder / mark) in tree.paths for mark in ROOT_MARKS)), None
    )
    below = path.relative_to(root) if root else path
    inner = ("--app-dir", "src") if below.parts[0] == "src" and len(below.parts) > 1 else ()
    dotted = ".".join(below.with_suffix("").parts[1 if inner else 0 :])
    app = f"{dotted}:{name.removesuffix('()')}"
    if by == "flask":
        words = ("flask", "--app", app, "run", "--port", "{port}")
    else:
        words = ("uvicorn", *inner, app, *(("--factory",) if name.endswith("()") else ()), "--port", "{port}")
    cwd = str(root) if root else "."
    locks = {"uv.lock": ("uv", "run"), "poetry.lock": ("poetry", "run"), "Pipfile.lock": ("pipenv", "run")}
    runner = next((run for lock, run in locks.items() if str((root or PurePosixPath()) / lock) in tree.paths), None)
    return Start(command=(*(runner or ("python", "-m")), *words), place=place, cwd=cwd)


def _fixed_url(modules: Iterable[Module]) -> Sighting | None:
    """An address of Gemini that stands in the code."""
    for module in modules:
        for node in module.nodes:
            if isinstance(node, ast.Constant) and GOOGLE in text_of(node):
                return Sighting(value=text_of(node), place=module.at(node))
    return None


def _bare_client(modules: Iterable[Module]) -> str:
    """Where OpenAI's client is made without an address: it then reads OPENAI_BASE_URL."""
    clients = ((m, c) for m in modules for c in m.calls if name_of(c) in ("OpenAI", "AsyncOpenAI"))
    return next((m.at(c) for m, c in clients if not any(k.arg in ("base_url", None) for k in c.keywords)), "")
