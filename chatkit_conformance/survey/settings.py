"""Environment variables that a server reads: which of them a run sets by itself, and what each other one is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ..running.environment import started_environment
from ..target.target import Target
from .facts import Sighting

MODEL_URL = re.compile(r"(GEMINI|OPENAI|LLM|MODEL|GOOGLE|AI|GENAI).*(BASE|URL|ENDPOINT|HOST)", re.IGNORECASE)
"""A variable that holds where the model is, by its name."""

SIGNS = re.compile(r"(JWT|TOKEN|AUTH|SESSION|SECRET).*(SECRET|KEY)|^SECRET(_KEY)?$", re.IGNORECASE)
"""A variable that holds what tokens are signed with, by its name."""

GOOGLE = "generativelanguage.googleapis.com"


@cache
def given() -> frozenset[str]:
    """What every started server finds in its environment."""
    return frozenset(started_environment(Target(), Path(), port=0, base_url="http://standin/v1beta/openai/", proxy=""))


def model_urls(read: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """The variables that hold the model's address, each once; those that a run sets by itself among them."""
    return once(found for found in read if MODEL_URL.search(found.value))


def once(found: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """The first of each value."""
    return tuple({one.value: one for one in reversed(tuple(found))}.values())[::-1]
