"""What a model list changes about the table of models, as a patch of models.json that `git apply` takes.

A row is proposed, never taken: its note says what is still to be looked up. Everything else of the file stays as it is,
byte for byte, so that the patch shows the change alone.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import gemini_standin.models as table
from gemini_standin.models import MODELS

from .models import is_chat

JSON = Any

TABLE = Path(table.__file__).with_name("models.json")
NAME = "gemini_standin/models.json"

LOOK_UP = "proposed from a model list: look up its day of release, its efforts and whether a retirement is announced"

_ROW = re.compile(r'^  (\{"id": .*\})(,?)$')
_READ = re.compile(r'^ "read": "[\d-]+",$')
_VERSION = re.compile(r"^gemini-(\d+)(?:\.(\d+))?")


def proposed(text: str, listed: Iterable[Mapping[str, JSON]], today: date, answered: Mapping[str, str]) -> str:
    """The text of models.json after what was seen.

    Args:
        text: of models.json. listed: the rows of the model list; () where none was asked for. today: when it was seen.
        answered: of models that answered, the profile that their answers are nearest to.
    """
    there = {str(row.get("id", "")).removeprefix("models/"): row for row in listed}
    lines: list[str] = []
    for line in text.splitlines():
        found = _ROW.match(line)
        if not found:
            lines.append(f' "read": "{today}",' if _READ.match(line) else line)
            continue
        row = json.loads(found[1])
        if not any(_ROW.match(one) for one in lines):
            lines += [_line(new) for new in _new_rows(there, answered)]
        lines.append(_line(_seen(row, there, today, answered), end=found[2]))
    made = "\n".join([*lines, ""])
    return made if _rows(made) != _rows(text) else text


def patch(before: str, after: str) -> str:
    """The change as a unified diff, "" where there is none."""
    rows = difflib.unified_diff(before.splitlines(), after.splitlines(), f"a/{NAME}", f"b/{NAME}", lineterm="")
    return "".join(f"{line}\n" for line in rows)


def _rows(text: str) -> JSON:
    return json.loads(text)["models"]


def _line(row: Mapping[str, JSON], end: str = ",") -> str:
    return f"  {json.dumps(row, ensure_ascii=False)}{end}"


def _seen(
    row: dict[str, JSON], there: Mapping[str, JSON], today: date, answered: Mapping[str, str]
) -> Mapping[str, JSON]:
    """A row of the table after what was seen of it."""
    id = row["id"]
    if (dialect := answered.get(id)) and row.get("dialect") and dialect != row["dialect"]:
        row = {**row, "dialect": dialect}
    if not there or not row.get("chats", True):
        return row
    if id in there and not row.get("served", True):
        return {key: value for key, value in row.items() if key not in ("served", "retires")}
    retired = row.get("retires")
    if id not in there and row.get("served", True) and not (retired and retired <= str(today)):
        return {**row, "retires": str(today), "served": False}
    return row


def _new_rows(there: Mapping[str, Mapping[str, JSON]], answered: Mapping[str, str]) -> list[dict[str, JSON]]:
    """Rows for models that the list has and the table has not, the newest first."""
    new = sorted((id for id in there if is_chat(id) and id not in MODELS), key=_age, reverse=True)
    return [
        {
            "id": id,
            "display_name": str(there[id].get("display_name") or id.replace("-", " ").title()),
            "dialect": answered.get(id) or _dialect_of_nearest(id),
            "note": LOOK_UP,
        }
        for id in new
    ]


def _age(id: str) -> tuple[int, int]:
    found = _VERSION.match(id)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)


def _dialect_of_nearest(id: str) -> str:
    """The dialect of the newest model that is not newer, else of the oldest that there is."""
    rows = sorted(
        (model for model in MODELS.values() if model.dialect and _age(model.id) > (0, 0)), key=lambda m: _age(m.id)
    )
    older = [model for model in rows if _age(model.id) <= _age(id)]
    return (older or rows[:1])[-1].dialect
