"""One cause: what is wrong, and what to type or to change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Why a set-up does not work.

    Args:
        id: words for programs, such as "base-url". says: what was seen, with the values, one sentence.
        do: what to type or to change, one sentence.
    """

    id: str
    says: str
    do: str

    def __str__(self) -> str:
        return f"{self.says} {self.do}"
