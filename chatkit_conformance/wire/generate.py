"""Write the wire of the installed openai-chatkit as data, or show what a release changed.

    python -m chatkit_conformance.wire.generate            write openai-chatkit-<installed release>.json
    python -m chatkit_conformance.wire.generate --check    exit 1 and print the difference from the committed data

This is the one module that imports the SDK, and only as a program: nothing that judges a server imports it. The data
is what pydantic says of the SDK's types, reduced to what matters on the wire:

- answers are in serialization mode, requests in validation mode;
- `x-always` names the fields that have a default in the SDK and that its server therefore always sends; a judge may
  miss them (SHOULD), a client's need for them is not documented;
- unions by `type` keep their `discriminator`; `x-hidden` names the members that must never reach a client;
- texts for people (titles, descriptions), defaults and deprecations are left out.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
import warnings
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

JSON = Any
HERE = Path(__file__).parent
RELEASE_WE_JUDGE = "1.6.5"

HIDDEN = ("hidden_context_item", "sdk_hidden_context")
"""types.py, HiddenContextItem: "never sent to the client"; server.py filters both out of every answer."""

DATE_TIME = (
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$"
)
"""ISO 8601 as a browser's Date reads it. The zone is optional: the SDK writes `datetime.now()`, without one."""

DROPPED = ("title", "description", "default", "deprecated")

NAMED = {"end_of_turn": "ThreadItem", "workflow.task.added": "ThreadItemUpdate"}
"""A member that gives a union away -> the name under which the union stands once."""

RESPONSES = {
    "threads.get_by_id": "Thread",
    "threads.list": "ThreadPage",
    "threads.update": "Thread",
    "threads.delete": "Empty",
    "items.list": "ItemPage",
    "items.feedback": "Empty",
    "attachments.create": "Attachment",
    "attachments.delete": "Empty",
    "input.transcribe": "TranscriptionResult",
    "threads.sync_custom_action": "SyncCustomActionResponse",
}
"""Request type -> what answers it: server.py, ChatKitServer._process_non_streaming, which no type declares."""


def wire() -> dict[str, JSON]:
    """The wire of the installed release."""
    from chatkit import types
    from chatkit.types import ChatKitReq, Page, StreamingReq, Thread, ThreadItem
    from pydantic import TypeAdapter
    from pydantic.json_schema import PydanticJsonSchemaWarning

    def schemas(mode: Literal["serialization", "validation"], roots: dict[str, Any]) -> dict[str, JSON]:
        inputs = [(name, mode, TypeAdapter(kind)) for name, kind in roots.items()]
        warnings.simplefilter("ignore", PydanticJsonSchemaWarning)  # Action's default is a type variable
        found, shared = TypeAdapter.json_schemas(inputs, ref_template="#/$defs/{model}")
        return tidy(dict(shared.get("$defs", {})), {name: found[name, mode] for name in roots}, sends=mode)

    answers = schemas(
        "serialization",
        {
            "ThreadStreamEvent": types.ThreadStreamEvent,
            "ThreadItemUpdate": types.ThreadItemUpdate,
            "ThreadItem": ThreadItem,
            "ThreadPage": Page[Thread],
            "ItemPage": Page[ThreadItem],
            "Attachment": types.Attachment,
            "TranscriptionResult": types.TranscriptionResult,
            "SyncCustomActionResponse": types.SyncCustomActionResponse,
        },
    )
    answers["Empty"] = {"type": "object"}
    answers["Thread"]["properties"]["metadata"]["x-empty"] = True  # server.py, _to_thread_response leaves it out
    for kind in ("FileAttachment", "ImageAttachment"):  # server.py, _serialize: exclude_metadata
        answers[kind]["properties"]["metadata"]["x-absent"] = True
    for page in ("ThreadPage", "ItemPage"):
        answers[page]["required"] = ["data"]  # a page without its records is none, whatever the SDK's default
    answers["ErrorEvent"]["properties"]["code"] = {"type": "string"}  # errors.py: "Not a closed enum"
    requests = schemas("validation", {"ChatKitReq": ChatKitReq})
    return {
        "release": f"openai-chatkit {version('openai-chatkit')}",
        "streaming": sorted(str(kind.model_fields["type"].default) for kind in StreamingReq.__args__),
        "responses": RESPONSES,
        "answers": dict(sorted(answers.items())),
        "requests": dict(sorted(requests.items())),
    }


def tidy(defs: dict[str, JSON], roots: dict[str, JSON], *, sends: str) -> dict[str, JSON]:
    """Both as one table of definitions, reduced and named as this project names them."""
    names = {name: _short(name) for name in defs}
    table = {names[name]: schema for name, schema in defs.items()}
    table |= {name: schema for name, schema in roots.items() if name not in table and "$ref" not in schema}
    reduced = {name: _reduce(schema, table, names, sends == "serialization") for name, schema in table.items()}
    if sends == "serialization":
        for unseen in ("HiddenContextItem", "SDKHiddenContextItem", "ErrorCode"):
            reduced.pop(unseen)
        reduced["Timestamp"] = {"type": "string", "pattern": DATE_TIME}
        reduced["IconName"] = _icons()
        for name in _widget_models(reduced):
            reduced[name].pop("x-always", None)
        for root in ("WidgetRoot", "WidgetComponent"):
            reduced[root] = _widgets(defs, root, table, names)
        for name in NAMED.values():
            reduced[name] = _union(
                table[name].get("oneOf") or table[name]["anyOf"], table, names, answer=True, named=False
            )
    return reduced


def _short(name: str) -> str:
    """pydantic's name for a generic page is the whole union; ours is what is on it."""
    if not name.startswith("Page"):
        return name
    return "ThreadPage" if "UserMessageItem" not in name else "ItemPage"


def _reduce(schema: JSON, table: dict[str, JSON], names: dict[str, str], answer: bool) -> JSON:
    if isinstance(schema, list):
        return [_reduce(part, table, names, answer) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {"$ref": f"#/$defs/{names.get(name, name)}"}
    options = schema.get("oneOf") or schema.get("anyOf")
    if options and (union := _union(options, table, names, answer)):
        return union
    made = {key: value for key, value in schema.items() if key not in DROPPED}
    if "properties" in made:
        made["properties"] = {key: _reduce(part, table, names, answer) for key, part in schema["properties"].items()}
        if answer and (always := _always(schema)):
            made["x-always"] = always
        if schema["properties"].get("type", {}).get("const"):
            made["required"] = sorted({"type", *made.get("required", [])})
    if not isinstance(made.get("additionalProperties"), dict):
        made.pop("additionalProperties", None)
    for key in ("items", "anyOf", "oneOf", "additionalProperties"):
        if key in made:
            made[key] = _reduce(made[key], table, names, answer)
    if made.get("format") == "date-time":
        return {"$ref": "#/$defs/Timestamp"}
    if made.get("format") == "uri":
        return {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9+.-]*:"}
    if "lucide" in json.dumps(made.get("anyOf", "")):
        icon = {"$ref": "#/$defs/IconName"}
        return {"anyOf": [icon, {"type": "null"}]} if {"type": "null"} in made["anyOf"] else icon
    return made


def _widget_models(names: Iterable[str]) -> list[str]:
    """Widgets made from a template go out as the template says, defaults or not (widgets.py, WidgetTemplate.build)."""
    from chatkit import actions, widgets

    ours = (actions.__name__, widgets.__name__)
    found = {name: getattr(widgets, name, getattr(actions, name, None)) for name in names}
    return [name for name, kind in found.items() if getattr(kind, "__module__", "") in ours]


def _icons() -> JSON:
    """Built-in names and prefixes of icons (icons.py); an icon that is not known is drawn as none."""
    from chatkit.icons import IconName
    from pydantic import TypeAdapter

    parts = TypeAdapter(IconName).json_schema()["anyOf"]
    names = [name for part in parts for name in part.get("enum", ())]
    return {
        "type": "string",
        "x-icons": names,
        "x-prefixes": [p["pattern"].strip("^") for p in parts if "pattern" in p],
    }


def _widgets(defs: dict[str, JSON], name: str, table: dict[str, JSON], names: dict[str, str]) -> JSON:
    """The widgets' union by name: which types the SDK knows, and the loose shape that any other may have."""
    owner, field = ("WidgetItem", "widget") if name == "WidgetRoot" else ("WidgetComponentUpdated", "component")
    union = _union(defs[owner]["properties"][field]["anyOf"], table, names, answer=True, named=False)
    if union is None:
        raise SystemExit(f"{owner}.{field} is no longer a union: check chatkit/widgets.py and this function")
    return union


def _union(
    options: Sequence[JSON], table: dict[str, JSON], names: dict[str, str], answer: bool, named: bool = True
) -> JSON | None:
    """A union whose members all have a constant `type`, as a mapping; None for any other."""
    mapping: dict[str, str] = {}
    dynamic = None
    nullable = False
    for option in options:
        nested = option.get("oneOf") or option.get("anyOf")
        if option.get("type") == "null":
            nullable = True
        elif nested and (inner := _union(nested, table, names, answer=False, named=False)):
            mapping.update({kind: ref.rpartition("/")[2] for kind, ref in inner["discriminator"]["mapping"].items()})
        elif "$ref" in option:
            name = names.get(option["$ref"].rpartition("/")[2], option["$ref"].rpartition("/")[2])
            const = table.get(name, {}).get("properties", {}).get("type", {}).get("const")
            if isinstance(const, str):
                mapping[const] = name
            elif name.startswith("Dynamic"):
                dynamic = name
            else:
                return None
        else:
            return None
    if len(mapping) < 2:
        return None
    hidden = [kind for kind in HIDDEN if kind in mapping] if answer else []
    shown = {kind: f"#/$defs/{name}" for kind, name in sorted(mapping.items()) if kind not in hidden}
    union: dict[str, JSON] = {"discriminator": {"propertyName": "type", "mapping": shown}}
    if hidden:
        union["x-hidden"] = hidden
    if dynamic:
        union["x-dynamic"] = f"#/$defs/{dynamic}"
    for member, name in NAMED.items():
        if member in mapping and named and answer:
            union = {"$ref": f"#/$defs/{name}"}
    if dynamic and named:
        union = {"$ref": f"#/$defs/{dynamic.removeprefix('Dynamic')}"}
    return {"anyOf": [union, {"type": "null"}]} if nullable else union


def _always(schema: JSON) -> list[str]:
    """Fields with a default other than None: `exclude_none` leaves them in every answer."""
    required = schema.get("required", ())
    return sorted(
        name
        for name, part in schema["properties"].items()
        if name not in required and name != "type" and part.get("default", ...) is not None
    )


def dumps(data: JSON) -> str:
    """The file's text: stable, one fact a line, so that a diff reads as a change of the wire."""
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Run as a program; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m chatkit_conformance.wire.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the data differs")
    parser.add_argument("--against", default=RELEASE_WE_JUDGE, help="release whose data to compare with")
    asked = parser.parse_args(argv)
    text = dumps(wire())
    installed = version("openai-chatkit")
    if not asked.check:
        path = HERE / f"openai-chatkit-{installed}.json"
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path}\n")
        return 0
    path = HERE / f"openai-chatkit-{asked.against}.json"
    committed = path.read_text(encoding="utf-8") if path.exists() else ""
    diff = list(
        difflib.unified_diff(
            committed.splitlines(),
            text.splitlines(),
            str(path.name),
            f"openai-chatkit {installed}, installed",
            lineterm="",
            n=6,
        )
    )
    sys.stdout.writelines(f"{line}\n" for line in diff or [f"{path.name} is the wire of openai-chatkit {installed}"])
    return 1 if diff else 0


if __name__ == "__main__":
    sys.exit(main())
