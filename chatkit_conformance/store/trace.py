"""The calls that a contract test made, kept so that a failure can be pasted and run."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel

from .finding import shown

LONGEST_SCRIPT = 60
"""More calls than this are not something a person reads; the first and last ones are printed then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMade:
    """One call of a store method: who, which, with what, and how it ended."""

    user: str
    method: str
    arguments: tuple[Any, ...]
    outcome: str


@dataclass(slots=True)
class Trace:
    """Calls in the order they began."""

    calls: list[CallMade] = field(default_factory=list)

    def add(self, user: str, method: str, arguments: tuple[Any, ...], outcome: str) -> None:
        self.calls.append(CallMade(user=user, method=method, arguments=arguments, outcome=outcome))


def outcome_of(value: object) -> str:
    """A call's result in one line."""
    data = getattr(value, "data", None)
    if isinstance(data, list) and hasattr(value, "has_more"):
        ids, after = [entry.id for entry in data], getattr(value, "after", None)
        return f"page {ids} has_more={value.has_more} after={shown(after)}"
    if isinstance(value, BaseModel):
        return shown(value)
    return "ok" if value is None else shown(value)


def script_of(contract: object, trace: Trace, finding: str) -> str:
    """A complete Python program that makes the same calls against a store made by the same contract class."""
    kind = type(contract)
    users = sorted({call.user for call in trace.calls})
    lines = [
        "from chatkit.types import *",
        "from pathlib import PosixPath, WindowsPath",
        "from pydantic import AnyUrl",
        "import asyncio, datetime, inspect, runpy",
        "",
        "async def settled(value):",
        "    return await value if inspect.isawaitable(value) else value",
        "",
        "async def step(call):",
        "    try:",
        "        print('->', await call)",
        "    except Exception as error:",
        "        print('!!', repr(error))",
        "",
        "async def main():",
        f"    contract = {_class_reference(kind)}()",
        *(f"    contract.{name} = {value!r}" for name, value in sorted(vars(contract).items()) if _plain(value)),
        "    store = await settled(contract.make_store())",
        "    user = {}",
        *(f"    user[{name!r}] = await settled(contract.make_context({name!r}))" for name in users),
        *(f"    {line}" for line in _steps(trace)),
        "",
        "asyncio.run(main())",
        *(f"# {line}" for line in finding.splitlines()),
    ]
    return "\n".join(lines) + "\n"


def _steps(trace: Trace) -> list[str]:
    calls = trace.calls
    if len(calls) <= LONGEST_SCRIPT:
        return [_step(call) for call in calls]
    half = LONGEST_SCRIPT // 2
    left_out = f"# ... {len(calls) - 2 * half} calls left out: too many to read; see the finding below"
    return [*(_step(call) for call in calls[:half]), left_out, *(_step(call) for call in calls[-half:])]


def _step(call: CallMade) -> str:
    names = ("limit=", "after=", "order=") if call.method == "load_threads" else ("",) * len(call.arguments)
    given = [name + literal(argument) for name, argument in zip(names, call.arguments, strict=True)]
    arguments = ", ".join([*given, f"{'' if call.method == 'load_thread_items' else 'context='}user[{call.user!r}]"])
    return f"await step(store.{call.method}({arguments}))  # {call.outcome[:120]}"


def literal(value: object) -> str:
    """Python source that makes the value again."""
    if isinstance(value, BaseModel):
        given = value.model_dump(exclude_unset=False)
        return f"{type(value).__name__}.model_validate({given!r})"
    return repr(value)


def _class_reference(kind: type) -> str:
    source = inspect.getsourcefile(kind) or getattr(sys.modules.get(kind.__module__), "__file__", None)
    if source and getattr(sys.modules.get(kind.__module__), kind.__name__, None) is kind:
        return f"runpy.run_path({str(source)!r})[{kind.__name__!r}]"
    return f"{kind.__name__}"


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool | PurePath)
