"""What `--select` and `--level` choose, the same in each command that takes them."""

from __future__ import annotations

import argparse

from ..check import Check
from ..visible import complain


def chosen(options: argparse.Namespace) -> list[Check]:
    """The checks that the options select. Earlier ids count; stderr then says what each is called today.

    Raises:
        LookupError: a pattern fits no check. The message names the nearest ids.
    """
    from ..judging.catalogue import renamed, selected

    checks = selected(options.select, options.level)
    for note in renamed(options.select):
        complain(f"  note    {note}")
    return checks
