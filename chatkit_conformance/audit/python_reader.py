"""Reads Python by its syntax tree."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence

from .facts import CallKind, CodeCall, FileFacts, Import, Setting, Text, Use, Value
from .hit import Spot
from .names import names

COMPARING = names("python_calls", "comparing")
"""Methods whose texts are held against another text. Of `replace` and `sub` it is the first alone."""

REPLACING = frozenset({"replace", "sub", "subn"})
SAYING = names("python_calls", "saying")
"""Calls whose texts are said to a person."""

ENVIRONMENT = frozenset(
    {"os.environ.get", "os.getenv", "environ.get", "getenv", "env", "config", "env.str", "os.environ.setdefault"}
)
SHORT = 120
"""Characters of a source excerpt."""

HOLE = "{}"
"""Stands in a text for what is put in when it runs."""


def read_python(path: str, text: str) -> FileFacts:
    """The facts of a Python file. One that does not parse has a `trouble`, and nothing else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        reader = _PythonReader(path, text)
        reader.body(tree.body, "")
    except SyntaxError as e:
        return FileFacts(trouble=f"{path}:{e.lineno or 1}: {e.msg}")
    except (RecursionError, ValueError, MemoryError) as e:
        return FileFacts(trouble=f"{path}:1: {type(e).__name__}: it is nested too deeply, or is no text")
    return FileFacts(
        imports=tuple(reader.imports),
        calls=tuple(reader.calls),
        texts=tuple(reader.texts),
        settings=tuple(reader.settings),
    )


class _PythonReader:
    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = text.split("\n")
        self.imports: list[Import] = []
        self.calls: list[CodeCall] = []
        self.texts: list[Text] = []
        self.settings: list[Setting] = []
        self.known: dict[str, tuple[str, str]] = {}

    def spot(self, node: ast.AST) -> Spot:
        return Spot(path=self.path, line=getattr(node, "lineno", 1), column=getattr(node, "col_offset", 0) + 1)

    def body(self, statements: Sequence[ast.stmt], owner: str) -> None:
        for statement in statements:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue  # a docstring, or a text that stands for a comment
            self.visit(statement, owner, "value")

    def visit(self, node: ast.AST, owner: str, use: Use) -> None:
        """Take what a node says; `owner` and `use` are of the texts in it."""
        method = getattr(self, f"_{type(node).__name__}", None)
        if method:
            method(node, owner, use)
            return
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            owner = ""
        for name, value in ast.iter_fields(node):
            if name in ("body", "orelse", "finalbody") and isinstance(value, list):
                self.body(value, owner)
            elif isinstance(value, list):
                for part in value:
                    if isinstance(part, ast.AST):
                        self.visit(part, owner, use)
            elif isinstance(value, ast.AST):
                self.visit(value, owner, use)

    # Imports

    def _Import(self, node: ast.Import, _owner: str, _use: Use) -> None:  # noqa: N802  (named like the node)
        for alias in node.names:
            self.imports.append(Import(module=alias.name, names=(), spot=self.spot(node)))
            bound = alias.asname or alias.name.partition(".")[0]
            self.known[bound] = (alias.name if alias.asname else bound, "")

    def _ImportFrom(self, node: ast.ImportFrom, _owner: str, _use: Use) -> None:  # noqa: N802  (named like the node)
        module = "." * node.level + (node.module or "")
        self.imports.append(Import(module=module, names=tuple(a.name for a in node.names), spot=self.spot(node)))
        self.known |= {alias.asname or alias.name: (module, alias.name) for alias in node.names}

    # Statements that name what they hold

    def _FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, _owner: str, _use: Use) -> None:  # noqa: N802  (named like the node)
        for decorator in node.decorator_list:
            self._decorator(decorator)
        given = [*node.args.posonlyargs, *node.args.args]
        for arg, default in [
            *zip(given[len(given) - len(node.args.defaults) :], node.args.defaults, strict=True),
            *((a, d) for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d),
        ]:
            self.visit(default, arg.arg, "value")
        for arg in (*given, *node.args.kwonlyargs):
            if arg.annotation:
                self.visit(arg.annotation, "", "key")
        self.body(node.body, node.name)

    _AsyncFunctionDef = _FunctionDef

    def _ClassDef(self, node: ast.ClassDef, _owner: str, _use: Use) -> None:  # noqa: N802  (named like the node)
        for decorator in node.decorator_list:
            self._decorator(decorator)
        for base in (*node.bases, *(k.value for k in node.keywords)):
            self.visit(base, "", "value")
        self.body(node.body, "")

    def _decorator(self, node: ast.expr) -> None:
        if isinstance(node, ast.Call):
            self._call(node, "", "decorator")
        else:
            path, origin = self.resolved(node)
            self.calls.append(CodeCall(path=path, origin=origin, spot=self.spot(node), kind="decorator"))

    def _Assign(self, node: ast.Assign, _owner: str, _use: Use) -> None:  # noqa: N802  (named like the node)
        self.visit(node.value, self._target(node.targets[0]), "value")

    def _AnnAssign(self, node: ast.AnnAssign, _owner: str, _use: Use) -> None:  # noqa: N802  (named like the node)
        if node.value:
            self.visit(node.value, self._target(node.target), "value")

    def _AugAssign(self, node: ast.AugAssign, _owner: str, _use: Use) -> None:  # noqa: N802  (named like the node)
        self.visit(node.value, self._target(node.target), "value")

    def _Return(self, node: ast.Return, owner: str, use: Use) -> None:  # noqa: N802  (named like the node)
        if node.value:
            self.visit(node.value, owner, use)

    def _block(self, node: ast.stmt, owner: str, _use: Use) -> None:
        """A compound statement: its own body keeps the owner, for `return` inside it."""
        for name, value in ast.iter_fields(node):
            if name in ("body", "orelse", "finalbody"):
                self.body(value, owner)
            elif name == "handlers":
                for handler in value:
                    self.body(handler.body, owner)
            elif isinstance(value, list):
                for part in value:
                    self.visit(part, "", "value")
            elif isinstance(value, ast.AST):
                self.visit(value, "", "value")

    _If = _For = _AsyncFor = _While = _With = _AsyncWith = _Try = _TryStar = _block

    def _target(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Attribute):
            return node.attr
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            if self.resolved(node.value)[0] in ("os.environ", "environ") and isinstance(node.slice.value, str):
                self.settings.append(Setting(name=node.slice.value, spot=self.spot(node), value="set"))
            return str(node.slice.value)
        return ""

    # Expressions

    def _Compare(self, node: ast.Compare, _owner: str, _use: Use) -> None:  # noqa: N802  (named like the node)
        for part in (node.left, *node.comparators):
            self.visit(part, "", "compared")

    def _MatchValue(self, node: ast.MatchValue, _owner: str, _use: Use) -> None:  # noqa: N802  (named like the node)
        self.visit(node.value, "", "compared")

    def _Raise(self, node: ast.Raise, _owner: str, _use: Use) -> None:  # noqa: N802  (named like the node)
        if node.exc:
            self.visit(node.exc, "", "compared")

    def _listed(self, node: ast.List | ast.Tuple | ast.Set, owner: str, use: Use) -> None:
        for part in node.elts:
            inner: Use = "listed" if use == "value" else use
            self.visit(part, owner, inner if isinstance(part, ast.Constant | ast.JoinedStr) else use)

    _List = _Tuple = _Set = _listed

    def _Dict(self, node: ast.Dict, owner: str, use: Use) -> None:  # noqa: N802  (named like the node)
        for key, value in zip(node.keys, node.values, strict=True):
            name = ""
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                name = key.value
                self.texts.append(Text(value=name, owner=owner, use="key", spot=self.spot(key)))
            elif key:
                self.visit(key, owner, "key")
            self.visit(value, f"{owner}.{name}" if owner and name else owner or name, use)

    def _Constant(self, node: ast.Constant, owner: str, use: Use) -> None:  # noqa: N802  (named like the node)
        if isinstance(node.value, str):
            self.texts.append(Text(value=node.value, owner=owner, use=use, spot=self.spot(node)))

    def _JoinedStr(self, node: ast.JoinedStr, owner: str, use: Use) -> None:  # noqa: N802  (named like the node)
        whole = "".join(str(p.value) if isinstance(p, ast.Constant) else HOLE for p in node.values)
        self.texts.append(Text(value=whole, owner=owner, use=use, spot=self.spot(node)))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value, owner, use)

    def _BinOp(self, node: ast.BinOp, owner: str, use: Use) -> None:  # noqa: N802  (named like the node)
        left, right = node.left, node.right
        if isinstance(node.op, ast.Add) and isinstance(left, ast.Constant) and isinstance(left.value, str):
            said = str(right.value) if isinstance(right, ast.Constant) else HOLE
            self.texts.append(Text(value=left.value + said, owner=owner, use=use, spot=self.spot(left)))
        else:
            self.visit(left, owner, use)
        self.visit(right, owner, use)

    def _Subscript(self, node: ast.Subscript, owner: str, use: Use) -> None:  # noqa: N802  (named like the node)
        key = node.slice
        path, _ = self.resolved(node.value)
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            if path in ("os.environ", "environ"):
                self.settings.append(Setting(name=key.value, spot=self.spot(node)))
        else:
            self.visit(key, owner, "key")
        self.visit(node.value, owner, use)

    def _Call(self, node: ast.Call, owner: str, _use: Use) -> None:  # noqa: N802  (named like the node)
        self._call(node, owner, "call")

    def _call(self, node: ast.Call, owner: str, kind: CallKind) -> None:
        path, origin = self.resolved(node.func)
        named = {k.arg: k.value for k in node.keywords if k.arg}
        is_open = any(k.arg is None for k in node.keywords) or any(isinstance(a, ast.Starred) for a in node.args)
        self.calls.append(
            CodeCall(
                path=path,
                origin=origin,
                spot=self.spot(node),
                args=tuple(self.value(a) for a in node.args if not isinstance(a, ast.Starred)),
                named={name: self.value(value) for name, value in named.items()},
                open=is_open,
                kind=kind,
            )
        )
        if not isinstance(node.func, ast.Name):
            self.visit(node.func, owner, "value")
        last = path.rpartition(".")[2]
        use: Use = "compared" if last in COMPARING | SAYING else "value"
        full = f"{origin}.{path}" if origin else path
        read = full in ENVIRONMENT and node.args and isinstance(node.args[0], ast.Constant)
        if read:
            name = str(node.args[0].value)  # type: ignore[attr-defined]  # it is a constant, see above
            default = node.args[1:2] or [k.value for k in node.keywords if k.arg == "default"]
            given = "set" if path.endswith("setdefault") else None
            self.settings.append(Setting(name=name, spot=self.spot(node), value=given))
            for value in default:
                self.visit(value, f"{owner}.{name}", "value")
            return
        for n, arg in enumerate(node.args):
            self.visit(arg, self._given(owner, path), "compared" if last in REPLACING and n == 0 else use)
        for name, value in named.items():
            self.visit(value, f"{path}().{name}", use)
        for keyword in node.keywords:
            if keyword.arg is None:
                self.visit(keyword.value, owner, use)

    def _given(self, owner: str, path: str) -> str:
        return f"{owner}.{path}()" if owner else f"{path}()"

    def resolved(self, node: ast.expr) -> tuple[str, str]:
        """The dotted path of an expression, with the names that its module gives, and that module."""
        names: list[str] = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ".".join(["()", *reversed(names)]), ""
        module, real = self.known.get(node.id, ("", node.id))
        path = [*([real] if real else []), *reversed(names)]
        if not real and module:  # `import a.b` or `import a as b`: what follows may be modules still
            while len(path) > 1 and path[0].islower() and f"{module}.{path[0]}" in {i.module for i in self.imports}:
                module = f"{module}.{path.pop(0)}"
        return ".".join(path) or node.id, module

    def value(self, node: ast.expr) -> Value:
        """An expression as a value."""
        source = ast.unparse(node)[:SHORT] if not isinstance(node, ast.JoinedStr) else "f-string"
        spot = self.spot(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | float | int | bool | None):
            return Value(source=source, spot=spot, literal=node.value, constant=True)
        if isinstance(node, ast.Dict):
            entries = {
                str(k.value): self.value(v)
                for k, v in zip(node.keys, node.values, strict=True)
                if isinstance(k, ast.Constant)
            }
            return Value(source=source, spot=spot, entries=entries, open=None in node.keys)
        return Value(source=source, spot=spot, function=isinstance(node, ast.Lambda))
