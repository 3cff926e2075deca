"""A class to subclass: conformance of your server as tests of your own project.

    from chatkit_conformance import ConformanceSuite

    class TestChat(ConformanceSuite):
        app = "myproject.main:app"

Each check is a test, `test_` and its id with underscores. A check that is known to fail is marked, not replaced:

        @pytest.mark.xfail(reason="the proxy buffers; issue 7")
        def test_stream_incremental(self): ...

The check then still runs, and the test fails on the day it passes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..check import Check
from ..judging.aliases import RENAMED
from ..judging.catalogue import checks
from .known_failure import known_failure

if TYPE_CHECKING:
    from .suite_run import SuiteRun


class ConformanceSuite:
    """Subclass it in a test module and name the server: one of `app`, `url`, `command` and `target`.

    Attributes:
        app: `module:attribute` of an ASGI application, which is served on a port of its own while the class runs.
        path: where `app` answers ChatKit. url: of a server that runs. command: starts one. target: a target file.
        headers: `NAME: VALUE` of user a, with `url`. standin_port, host: see `run --standin-port` and `--host`.
        baseline: a file of known failures. strict: whether a SHOULD that does not hold fails its test.
        out: folder for the report, or "" for none. deadline_s: seconds for the whole class.
    """

    app: ClassVar[str] = ""
    path: ClassVar[str] = ""
    url: ClassVar[str] = ""
    command: ClassVar[Sequence[str]] = ()
    target: ClassVar[str | Path] = ""
    headers: ClassVar[Sequence[str]] = ()
    standin_port: ClassVar[int | None] = None
    host: ClassVar[str] = ""
    baseline: ClassVar[str | Path] = ""
    strict: ClassVar[bool] = False
    out: ClassVar[str | Path] = ""
    deadline_s: ClassVar[float] = 300.0

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        refuse_silent_overrides(cls)


def test_name(id: str) -> str:
    """The name of a check's test."""
    return "test_" + id.replace(".", "_").replace("-", "_")


def refuse_silent_overrides(cls: type) -> None:
    """Make known failures run the check itself.

    Raises:
        TypeError: a check's test is replaced, or set to something else, without a reason.
    """
    for name in [n for n in vars(cls) if n in TESTS or n in EARLIER]:
        found = vars(cls)[name]
        check = TESTS[EARLIER.get(name, name)]
        mark = known_failure(
            found,
            replaces=f"{cls.__name__}.{name} replaces the check {check.id}. Remove it and fix the server",
            still_runs="The check itself then still runs, and tells you when it passes.",
        )
        if name in EARLIER:
            delattr(cls, name)
            warnings.warn(f"{cls.__name__}.{name} is now called {EARLIER[name]}.", FutureWarning, stacklevel=3)
        setattr(cls, test_name(check.id), mark(_test(check)))


def _test(check: Check) -> Callable[..., None]:
    def test(self: ConformanceSuite, chatkit_suite_run: SuiteRun) -> None:
        chatkit_suite_run.hold_to(check)

    test.__name__ = test.__qualname__ = test_name(check.id)
    test.__doc__ = check.requirement
    test.chatkit_check = check  # type: ignore[attr-defined]  # by it the run knows what was collected
    return test


TESTS = {test_name(check.id): check for check in checks()}
"""Name of a test -> its check."""

EARLIER = {test_name(old): test_name(new) for old, new in RENAMED.items() if test_name(new) in TESTS}
"""Earlier name of a test -> its name of today."""

for _name, _check in TESTS.items():
    setattr(ConformanceSuite, _name, _test(_check))
