"""Write what the published client draws as data, or show what a release changed.

    npm pack @openai/chatkit@1.9.0
    python -m chatkit_conformance.wire.generate_client openai-chatkit-1.9.0.tgz            write chatkit-js-1.9.0.json
    python -m chatkit_conformance.wire.generate_client openai-chatkit-1.9.0.tgz --check    exit 1 where it differs

The package publishes the types by which the page is drawn. Read are the widgets, with a parser of TypeScript
(`pip install "chatkit-conformance[audit]"`); written are facts alone: names of components and fields, what a field may
hold, which must be there. In the shape of the wire's own data, so that one validator reads both.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

JSON = Any
HERE = Path(__file__).parent
PACKAGE = "@openai/chatkit"
WIDGETS = "package/types/widgets.d.ts"
MANIFEST = "package/package.json"
ROOTS = ("WidgetRoot", "WidgetComponent")

PLAIN: Mapping[str, JSON] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "unknown": {},
}
"""Types of the language -> what they are as a schema."""


def facts(package: Path) -> dict[str, JSON]:
    """What the package's types say of widgets. `package`: the .tgz that `npm pack` wrote.

    Raises:
        SystemExit: it is another package, or holds a type that is not understood.
    """
    with tarfile.open(package) as tar:
        files = {name: _text(tar, name) for name in (MANIFEST, WIDGETS)}
    manifest = json.loads(files[MANIFEST])
    if manifest.get("name") != PACKAGE:
        raise SystemExit(f"{package} is {manifest.get('name')!r}; give the file that `npm pack {PACKAGE}` wrote.")
    types = Types(files[WIDGETS])
    return {"package": PACKAGE, "release": manifest["version"], "types": types.reached(ROOTS)}


def _text(tar: tarfile.TarFile, name: str) -> str:
    try:
        found = tar.extractfile(name)
    except KeyError:
        found = None
    if found is None:
        raise SystemExit(f"the package has no {name}")
    return found.read().decode("utf-8")


class Types:
    """The type aliases of a file of TypeScript, as schemas. Raises SystemExit for what it does not understand."""

    def __init__(self, source: str) -> None:
        import tree_sitter
        import tree_sitter_typescript

        language = tree_sitter.Language(tree_sitter_typescript.language_typescript())
        tree = tree_sitter.Parser(language).parse(source.encode("utf-8"))
        self._nodes = {
            _said(node.child_by_field_name("name")): node.child_by_field_name("value")
            for node in _all(tree.root_node, "type_alias_declaration")
        }

    def reached(self, roots: Sequence[str]) -> dict[str, JSON]:
        """The schemas of these types and of all that they mention, by name."""
        made: dict[str, JSON] = {}
        waiting = list(roots)
        while waiting:
            name = waiting.pop()
            if name not in made:
                made[name] = self._alias(name)
                waiting += [ref.rpartition("/")[2] for ref in _refs(made[name])]
        return dict(sorted(made.items()))

    def _alias(self, name: str) -> JSON:
        if name not in self._nodes:
            raise SystemExit(f"the type {name!r} is mentioned and not there")
        return self._schema(self._nodes[name])

    def _schema(self, node: Any) -> JSON:
        match node.type:
            case "predefined_type":
                return PLAIN[_said(node)]
            case "literal_type":
                return _literal(_said(node))
            case "type_identifier":
                return {"$ref": f"#/$defs/{_said(node)}"}
            case "array_type":
                return {"items": self._schema(node.named_children[0]), "type": "array"}
            case "parenthesized_type":
                return self._schema(node.named_children[0])
            case "union_type":
                return self._union(list(_flat(node, "union_type")))
            case "intersection_type":
                return _merged([self._whole(part) for part in _flat(node, "intersection_type")])
            case "object_type":
                return self._object(node)
            case "generic_type":
                return self._generic(node)
        raise SystemExit(f"a type of kind {node.type!r} is not understood: {_said(node)[:80]}")

    def _whole(self, node: Any) -> JSON:
        """An object's schema, a reference to it resolved."""
        return self._alias(_said(node)) if node.type == "type_identifier" else self._schema(node)

    def _object(self, node: Any) -> JSON:
        properties: dict[str, JSON] = {}
        required: list[str] = []
        for row in (child for child in node.named_children if child.type == "property_signature"):
            name = _said(row.child_by_field_name("name")).strip("'\"")
            properties[name] = self._schema(row.child_by_field_name("type").named_children[0])
            if not any(child.type == "?" for child in row.children):
                required.append(name)
        return {"properties": properties, "required": sorted(required), "type": "object"}

    def _generic(self, node: Any) -> JSON:
        name, arguments = _said(node.named_children[0]), node.named_children[1].named_children
        if name == "Record":
            return {"additionalProperties": self._schema(arguments[1]), "type": "object"}
        if name == "Pick":
            whole = self._whole(arguments[0])
            picked = [_said(part).strip("'\"") for part in _flat(arguments[1], "union_type")]
            return {
                "properties": {key: whole["properties"][key] for key in picked},
                "required": [key for key in whole["required"] if key in picked],
                "type": "object",
            }
        raise SystemExit(f"the generic type {name!r} is not understood")

    def _union(self, parts: list[Any]) -> JSON:
        kinds = {self._kind(part): f"#/$defs/{_said(part)}" for part in parts if part.type == "type_identifier"}
        if len(kinds) == len(parts) and "" not in kinds:
            return {"discriminator": {"propertyName": "type", "mapping": dict(sorted(kinds.items()))}}
        made = [self._schema(part) for part in parts]
        words = [part["const"] for part in made if isinstance(part.get("const"), str)]
        others = [part for part in made if not isinstance(part.get("const"), str)]
        if words:
            others.append(
                {"enum": words, "type": "string"} if len(words) > 1 else {"const": words[0], "type": "string"}
            )
        return others[0] if len(others) == 1 else {"anyOf": others}

    def _kind(self, node: Any) -> str:
        """The constant `type` of the objects of a named type, or ""."""
        value = self._nodes[_said(node)]
        if value.type not in ("object_type", "intersection_type"):
            return ""
        return str(self._alias(_said(node))["properties"].get("type", {}).get("const", ""))


def _merged(parts: Sequence[JSON]) -> JSON:
    properties = {name: schema for part in parts for name, schema in part["properties"].items()}
    return {
        "properties": properties,
        "required": sorted(n for part in parts for n in part["required"]),
        "type": "object",
    }


def _literal(text: str) -> JSON:
    if text in ("true", "false"):
        return {"const": text == "true", "type": "boolean"}
    return {"type": "null"} if text == "null" else {"const": text.strip("'\""), "type": "string"}


def _flat(node: Any, kind: str) -> Iterator[Any]:
    """The members of a union or an intersection, which the parser nests two by two."""
    if node.type != kind:
        yield node
        return
    for child in node.named_children:
        yield from _flat(child, kind)


def _all(node: Any, kind: str) -> Iterator[Any]:
    if node.type == kind:
        yield node
    for child in node.named_children:
        yield from _all(child, kind)


def _refs(schema: JSON) -> Iterator[str]:
    """Every place that a schema refers to."""
    if isinstance(schema, str) and schema.startswith("#/$defs/"):
        yield schema
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _refs(part)


def _said(node: Any) -> str:
    return str(node.text.decode("utf-8")) if node is not None else ""


def dumps(data: JSON) -> str:
    """The file's text: stable, one fact a line, so that a diff reads as a change of the client."""
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Run as a program; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m chatkit_conformance.wire.generate_client", description=__doc__)
    parser.add_argument("package", type=Path, help=f"the file that `npm pack {PACKAGE}` wrote")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the data differs")
    asked = parser.parse_args(argv)
    data = facts(asked.package)
    path, text = HERE / f"chatkit-js-{data['release']}.json", dumps(data)
    if not asked.check:
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.name}\n")
        return 0
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    diff = list(
        difflib.unified_diff(before.splitlines(), text.splitlines(), path.name, "the package", lineterm="", n=6)
    )
    sys.stdout.writelines(f"{line}\n" for line in diff or [f"{path.name} is what {PACKAGE} {data['release']} says"])
    return 1 if diff else 0


if __name__ == "__main__":
    sys.exit(main())
