"""Checks as pytest items: `suites/<module>.py::<check id>`, marked with their area and level."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from ..check import AREAS, MAY, MUST, SHOULD, WHOLE_RUN, Check
from ..judging.catalogue import PACKAGE, checks, exchanges, sort_key, suites_dir
from ..results.describe import describe
from ..results.model import CheckResult
from ..results.outcome import RED, UNASKED

LEVELS = (MUST, SHOULD, MAY)

Judge = Callable[[Check], CheckResult]
"""Waits for a check's transcripts and judges them."""

JUDGE = pytest.StashKey[Judge]()
"""Where items find who judges them."""

STRICT = pytest.StashKey[bool]()
"""Whether a SHOULD that does not hold fails its item."""


class CheckFailed(Exception):
    """A check did not pass. The message is what pytest shows."""


class CheckItem(pytest.Item):
    """One check."""

    def __init__(self, *, check: Check, **more: Any) -> None:
        super().__init__(**more)
        self.check = check
        self.result: CheckResult | None = None
        for mark in dict.fromkeys((check.area, check.level, check.level.lower())):
            self.add_marker(mark)

    def runtest(self) -> None:
        """Wait for the check's transcripts and judge them."""
        self.result = result = self.config.stash[JUDGE](self.check)
        self.user_properties += [("outcome", result.outcome), ("level", result.level)]
        if result.outcome == "warned":
            self.user_properties.append(("warning", result.said))
            self.add_report_section("call", "stdout", describe(result))
        as_pytest_has_it(result, strict=self.config.stash[STRICT])

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """A finding in words; anything else as pytest shows it."""
        return str(excinfo.value) if isinstance(excinfo.value, CheckFailed) else super().repr_failure(excinfo, style)

    @cached_property
    def location(self) -> tuple[str, int | None, str]:
        """The module's place in the suites, wherever they are installed, and a heading."""
        # pytest would show dots of a heading that ends the node id as "::"; with a word before it, it does not.
        return self.nodeid.split("::")[0], None, f"check {self.check.id}"

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the check stands."""
        return self.path, None, self.check.id


class SuiteFile(pytest.File):
    """One module of the suites, with the checks that it declares."""

    def __init__(self, *, declared: Iterable[Check], **more: Any) -> None:
        super().__init__(**more)
        self.declared = tuple(declared)

    def collect(self) -> Iterator[pytest.Item]:
        """Its checks."""
        for check in self.declared:
            yield CheckItem.from_parent(self, name=check.id, check=check)


class SuitesFolder(pytest.Directory):
    """The folder of the suites."""

    def collect(self) -> Iterator[pytest.Collector]:
        """Every module that declares checks."""
        declared: defaultdict[Path, list[Check]] = defaultdict(list)
        for check in checks():
            declared[module_path(check)].append(check)
        for path in sorted(declared):
            inside = path.is_relative_to(suites_dir())
            name = path.relative_to(suites_dir()).as_posix() if inside else f"plugged-in/{path.name}"
            yield SuiteFile.from_parent(self, path=path, nodeid=f"suites/{name}", declared=declared[path])


def module_path(check: Check) -> Path:
    """The file in which a check is declared."""
    if not check.module.startswith(f"{PACKAGE}."):
        return Path(sys.modules[check.module].__file__ or check.module)
    return suites_dir().joinpath(*check.module.removeprefix(f"{PACKAGE}.").split(".")).with_suffix(".py")


def place(item: pytest.Item) -> tuple[int, int, str]:
    """Where an item stands in a run: other people's tests, then checks by area; the late ones last."""
    if not isinstance(item, CheckItem):
        return (0, 0, "")
    if WHOLE_RUN in item.check.on:
        return (3, *sort_key(item.check))
    alone = any(name in exchanges() and exchanges()[name].alone for name in item.check.on)
    return (2 if alone or item.check.everywhere else 1, *sort_key(item.check))


def register_markers(config: pytest.Config) -> None:
    """Make areas and levels known as marks."""
    for name in dict.fromkeys((*AREAS, *LEVELS, *(level.lower() for level in LEVELS))):
        config.addinivalue_line("markers", f"{name}: checks of this area or level")


def as_pytest_has_it(result: CheckResult, *, strict: bool) -> None:
    """Skip, xfail or fail as the result is; return where it is none of these. `strict`: whether a warning fails.

    Raises:
        CheckFailed: it is red.
    """
    if result.outcome in UNASKED:
        pytest.skip(result.reason)
    if result.outcome == "expected_failure":
        pytest.xfail(result.reason)
    if result.outcome in RED or result.outcome == "error" or (strict and result.outcome == "warned"):
        raise CheckFailed(describe(result))
