"""The form of ids: of a store that makes ids of threads itself, in columns that hold no other."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable
from typing import Any

from chatkit.store import Store

FORMS = {
    re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"): (8, 4, 4, 4, 12),  # a UUID, RFC 9562
    re.compile(r"[0-9a-f]{32}"): (32,),  # the same without hyphens
    re.compile(r"[0-9a-f]{24}"): (24,),  # MongoDB's ObjectId
}
"""What an id looks like -> lengths of its parts. Databases have columns that take these and nothing else."""


IdForm = Callable[[str, str], str]
"""Makes an id of a word and a salt."""


def id_form_of(store: Store[Any]) -> IdForm | None:
    """How to make an id that looks like the store's own ones, None where those have none of `FORMS`.

    `Store.generate_thread_id` may be overridden "to customize thread ID generation": a thread has no other id then.
    """
    if type(store).generate_thread_id is Store.generate_thread_id:
        return None
    try:
        made: Any = store.generate_thread_id(None)
    except Exception:  # it needs the context: then it is no column's form alone
        return None
    if inspect.iscoroutine(made):
        made.close()
    lengths = next((parts for form, parts in FORMS.items() if isinstance(made, str) and form.fullmatch(made)), None)
    return None if lengths is None else lambda word, salt: _formed(lengths, word, salt)


def _formed(lengths: tuple[int, ...], word: str, salt: str) -> str:
    """An id of that form; the salt ends it whole, so that a script can put in another."""
    digits = hashlib.sha256(word.encode()).hexdigest()[: sum(lengths) - len(salt)]
    if sum(lengths) == 32:  # version 4, of the variant that RFC 9562 describes
        digits = f"{digits[:12]}4{digits[13:16]}8{digits[17:]}"
    digits += salt
    parts, place = [], 0
    for length in lengths:
        parts.append(digits[place : place + length])
        place += length
    return "-".join(parts)
