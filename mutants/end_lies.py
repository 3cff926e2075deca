"""Lies of a server that one request ends, or that answers one request never."""

from __future__ import annotations

import os
import sys

from .mutant import Event, Memory, Wire

CODE = 7
"""Exit code of a server that ends."""


def ends_at(type: str) -> Wire:
    """The whole process ends when this request comes."""

    def request(asked: Event, memory: Memory) -> Event:
        if asked.get("type") == type:
            sys.stderr.write(f"fatal: out of luck at {type}\n")
            sys.stderr.flush()
            os._exit(CODE)
        return asked

    return Wire(request=request)


def silent_at(type: str) -> Wire:
    """This request is never answered."""
    return Wire(mute=lambda memory: memory.request.get("type") == type)
