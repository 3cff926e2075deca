"""A failure as a Python file: it makes the calls again on a new store, and fails while they end as they did."""

from __future__ import annotations

import datetime
import inspect
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import chatkit.types
from pydantic import AnyUrl, BaseModel

from .finding import StoreFinding
from .trace import LONG_TEXT, CallMade, Trace

LONGEST = 200
"""More calls than this are no program that a person reads."""

LARGEST = 60_000
"""Characters of a program; a text of megabytes is none that a person reads."""

CURSOR = {"load_threads": 1, "load_thread_items": 1}
"""Method -> which of its arguments is a cursor. It comes from an earlier page, and is taken from there."""


def script_of(contract: object, trace: Trace, finding: StoreFinding) -> str:
    """The file's text, or "" where such calls cannot be made again by a program: concurrent ones, or too many."""
    kind = type(contract)
    reference = _reference(kind)
    if not trace.serial or not trace.calls or len(trace.calls) > LONGEST or reference is None:
        return ""
    left = [(name, value) for name, value in sorted(vars(contract).items()) if _plain(value)]
    lines = [
        f'"""Makes the calls again that broke [{finding.rule}], on a new store.',
        "",
        "Type: python THIS_FILE. It fails while the calls end as they did then.",
        '"""',
        "",
        "from chatkit.types import *",
        "",
        "import datetime",
        "import importlib",
        "import runpy",
        "import sys",
        "import uuid",
        "from pathlib import *",
        "",
        "from pydantic import AnyUrl",
        "",
        "from chatkit_conformance.store.replay import replay",
        "",
        f"salt = uuid.uuid4().hex[:{len(trace.salt)}]  # new users and ids each time",
        *reference,
        *(f"contract.{name} = {value!r}" for name, value in left),
        "",
        "",
        "async def calls(step):",
        *(f"    {line}" for line in _steps(trace)),
        "",
        "",
        f"replay(contract, calls, {finding.args[0].replace(trace.salt, '...')!r})",
    ]
    text = "\n".join(lines) + "\n"
    return text if len(text) <= LARGEST else ""


def made_again(trace: Trace) -> Callable[[Any], Awaitable[None]]:
    """The program's calls as a function, with a new salt: what the file would do, without reading the test's file."""
    source = "\n".join(["async def calls(step):", *(f"    {line}" for line in _steps(trace))])
    names: dict[str, Any] = {
        **vars(chatkit.types),
        "AnyUrl": AnyUrl,
        "datetime": datetime,
        "salt": uuid.uuid4().hex[: len(trace.salt)],
    }
    exec(source, names)  # noqa: S102  # the text is ours, made above from the values of a test
    calls: Callable[[Any], Awaitable[None]] = names["calls"]
    return calls


def _steps(trace: Trace) -> Iterator[str]:
    requests: dict[int, int] = {0: 0}
    for number, call in enumerate(trace.calls, 1):
        request = requests.setdefault(call.request, len(requests))
        given = [literal(argument, trace.salt) for argument in call.arguments]
        if call.method in CURSOR:
            given[CURSOR[call.method]] = _cursor(trace.calls[: number - 1], call, given[CURSOR[call.method]])
        more = f", request={request}" if request else ""
        ended = literal(call.outcome, trace.salt)
        arguments = ", ".join([literal(call.user, trace.salt), repr(call.method), *given])
        yield f"r{number} = await step({arguments}, ended={ended}{more})"


def _cursor(before: Sequence[CallMade], call: CallMade, given: str) -> str:
    cursor = call.arguments[CURSOR[call.method]]
    for number, earlier in reversed([*enumerate(before, 1)]):
        if cursor is not None and earlier.after == cursor:
            return f"r{number}.after"
    return given


def literal(value: object, salt: str = "") -> str:
    """Python source that makes the value again; the salt becomes the variable `salt`."""
    if isinstance(value, BaseModel):
        return f"{type(value).__name__}.model_validate({literal(value.model_dump(), salt)})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key, salt)}: {literal(inner, salt)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(inner, salt) for inner in value) + "]"
    if isinstance(value, str) and salt and salt in value:
        parts = [repr(part) if part else "" for part in value.split(salt)]
        source = " + salt + ".join(parts).removeprefix(" + ").removesuffix(" + ")
        return f"({source})" if " " in source else source
    if isinstance(value, str) and len(value) > LONG_TEXT:
        period = (value + value).find(value, 1)
        if period < len(value):
            return f"{value[:period]!r} * {len(value) // period}"
    return repr(value)


def _reference(kind: type) -> list[str] | None:
    """Lines that make an instance of the contract class, or None where no other process finds the class."""
    module = sys.modules.get(kind.__module__)
    if "<locals>" in kind.__qualname__ or getattr(module, kind.__qualname__, None) is None:
        return None
    source = inspect.getsourcefile(kind) or getattr(module, "__file__", None)
    if source is None:
        return None
    if (
        getattr(module, "__spec__", None) is not None
        and "." in kind.__module__
        and not kind.__module__.startswith("tests.")
    ):
        top = Path(source).parents[kind.__module__.count(".")]
        return [
            f"sys.path.insert(0, {str(top)!r})",
            f"contract = importlib.import_module({kind.__module__!r}).{kind.__qualname__}()",
        ]
    folder = str(Path(source).parent)
    return [f"sys.path.insert(0, {folder!r})", f"contract = runpy.run_path({str(source)!r})[{kind.__qualname__!r}]()"]


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | PurePath)
