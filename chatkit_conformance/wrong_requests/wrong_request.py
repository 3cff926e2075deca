"""One wrong request: its type, and the flaws that make it wrong. It knows its bytes and its name in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..transcript import JSON
from ..wire.schema import path_text
from .kinds import FIELD_GROUPS, MAY_BE_CLOSED_ON, MISSING, STRANGE_FIELDS, TWICE, UNKNOWN, VALUES, WHOLE, Sending
from .sample import Ids, Place, Step, sample, text_of

_MARK = "@@{n}@@"
"""Stands in the JSON for what no JSON writer would write, until it is text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing that is wrong.

    Args:
        group, kind: as `kinds` names them. place: the field; () is the whole request.
    """

    group: str
    kind: str = ""
    place: Place = ()

    @property
    def words(self) -> str:
        """As it stands in a finding: `params.limit` a number of 400 digits."""
        what = f"{self.group}: {self.kind}" if self.kind and not self.place else self.kind or self.group
        return f"`{path_text(self.place)}` {what}" if self.place else f"the whole {what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What goes over the wire. `pieces`: in so many, the length unsaid; 0: at once."""

    body: bytes
    headers: Mapping[str, str]
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongRequest:
    """A request of one type, spoilt.

    Args:
        type: the request type before it was spoilt. full: with every field that it may have.
        own: about a thread that the server has, not about one that nobody has.
    """

    type: str
    full: bool = True
    own: bool = False
    flaws: tuple[Flaw, ...] = ()

    @property
    def words(self) -> str:
        """In a sentence's words, for findings."""
        about = " about a thread that is there" if self.own else ""
        return f"{self.type}{about} with {' and '.join(flaw.words for flaw in self.flaws)}"

    @property
    def may_be_closed_on(self) -> bool:
        """Whether a server may close the connection in place of an answer."""
        return any(flaw.group in MAY_BE_CLOSED_ON for flaw in self.flaws)

    def smaller(self) -> tuple[WrongRequest, ...]:
        """The same with each of its flaws alone; () where it has but one."""
        if len(self.flaws) < 2:
            return ()
        return tuple(replace(self, flaws=(flaw,)) for flaw in self.flaws)

    def prepared(self, ids: Ids) -> Prepared:
        """Its bytes and headers. `ids`: of a thread that the server has, used where it is about one."""
        value: JSON = sample(self.type, full=self.full, ids=ids if self.own else Ids())
        texts: dict[str, str] = {}
        for n, flaw in enumerate(self.flaws):
            if flaw.place:
                _spoil(value, flaw, _MARK.format(n=n), texts)
        text = text_of(value)
        for mark, instead in texts.items():
            text = text.replace(f'"{mark}":0', instead).replace(f'"{mark}"', instead)
        body, headers, pieces = text.encode("utf-8"), dict[str, str](), 0
        for sending in (_sending(flaw) for flaw in self.flaws if not flaw.place):
            body = sending.change(body)
            headers |= sending.headers
            pieces = sending.pieces or pieces
        return Prepared(body=body, headers=headers, pieces=pieces)

    def to_json(self) -> dict[str, JSON]:
        """As it stands in the corpus."""
        rows = [{"group": c.group, "kind": c.kind, "place": list(c.place)} for c in self.flaws]
        return {"type": self.type, "full": self.full, "own": self.own, "flaws": rows}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> WrongRequest:
        """What `to_json` made. Raises KeyError where a group or a kind is not in the tables."""
        flaws = tuple(Flaw(group=row["group"], kind=row["kind"], place=tuple(row["place"])) for row in value["flaws"])
        for flaw in flaws:
            if flaw.place and flaw.group not in FIELD_GROUPS:
                raise KeyError(flaw.group)
            if not flaw.place:
                _sending(flaw)
        return cls(type=value["type"], full=value["full"], own=value["own"], flaws=flaws)


def _sending(flaw: Flaw) -> Sending:
    return WHOLE[flaw.group][flaw.kind]


def _has(value: JSON, step: Step) -> bool:
    if isinstance(value, list):
        return isinstance(step, int) and step < len(value)
    return isinstance(value, dict) and step in value


def _spoil(value: JSON, flaw: Flaw, mark: str, texts: dict[str, str]) -> None:
    """Put the flaw into the value, as a mark where it is no JSON; nothing where an earlier flaw took its place."""
    *way, last = flaw.place
    for step in way:
        if not _has(value, step):
            return
        value = value[step]
    if not _has(value, last):
        return
    if flaw.group == MISSING:
        del value[last]
    elif flaw.group in (TWICE, UNKNOWN) and isinstance(value, dict):
        # A field of the mark's name is written where the fields that no dict can hold are to stand.
        texts[mark] = f"{json.dumps(last)}:null" if flaw.group == TWICE else STRANGE_FIELDS
        rows = {mark: 0, **value}
        value.clear()
        value.update(rows)
    elif flaw.group in (TWICE, UNKNOWN):
        value.insert(int(last), value[last])
    else:
        value[last] = mark
        texts[mark] = VALUES[flaw.group][flaw.kind]
