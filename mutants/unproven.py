"""MUST checks for which there is no mutant, each with the reason. A row that a mutant kills after all is stale."""

from __future__ import annotations

WITHOUT: dict[str, str] = {}
