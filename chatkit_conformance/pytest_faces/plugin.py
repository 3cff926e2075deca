"""The pytest plugin: every check is an item, `suites/<module>.py::<check id>`.

With none of its options it does nothing to be seen. With `--chatkit-url URL`, `--chatkit-target FILE`, or from
`chatkit-conformance run`, it adds the suites to what pytest collects, holds only the exchanges that the selected
checks need, in the background, and each item waits for its own transcripts. So -k, -m, -x, -n, --junitxml and the rest
work as they do everywhere. It is loaded in every pytest of an environment it is installed in: nothing heavy up here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .last_words import keep_stderr

if TYPE_CHECKING:
    from ..double.gemini import Gemini
    from ..double.session import DoubleSession
    from ..running.settings import Settings
    from .session import Session
    from .suite_run import SuiteRun

SETTINGS: pytest.StashKey[Settings] = pytest.StashKey()
"""Settings that whoever started pytest put there; else they come from the options."""

SESSION: pytest.StashKey[Session] = pytest.StashKey()
"""The judging session of this pytest run, if there is one."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options for those who judge a server from their own project."""
    group = parser.getgroup("chatkit", "conformance of a ChatKit server")
    group.addoption("--chatkit-url", metavar="URL", help="test the ChatKit server at URL")
    group.addoption("--chatkit-app", metavar="MODULE:APP", help="serve this ASGI application and test it")
    group.addoption("--chatkit-path", metavar="PATH", default="", help="path of that application's ChatKit endpoint")
    group.addoption("--chatkit-target", metavar="FILE", help="test the server that this chatkit-target.toml describes")
    group.addoption(
        "--chatkit-header", metavar="'NAME: VALUE'", action="append", default=[], help="credentials of user a"
    )
    group.addoption(
        "--chatkit-standin-port", metavar="N", type=int, help="port of the stand-in, which the server at URL must use"
    )
    group.addoption("--chatkit-host", metavar="NAME", default="", help="the host of URL again, if not this machine")
    group.addoption("--chatkit-budget", metavar="N", type=int, default=60, help="by URL: requests to its model at most")
    group.addoption("--chatkit-baseline", metavar="FILE", help="known failures: see `chatkit-conformance baseline`")
    group.addoption("--chatkit-strict", action="store_true", help="fail also if a SHOULD check fails")
    group.addoption("--chatkit-deadline", metavar="SECONDS", type=float, help="for the whole run")
    group.addoption("--chatkit-patience", metavar="N", type=float, default=1.0, help="wait N times as long")
    group.addoption("--chatkit-side-by-side", metavar="N", type=int, help="conversations at once")
    group.addoption("--chatkit-out", metavar="DIR", default="chatkit-report", help="where the report goes")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Become active where a target is named. In any case keep standard error for a process that has to be ended."""
    keep_stderr()
    given = config.stash.get(SETTINGS, None)
    options = config.option
    if given is None and not (options.chatkit_url or options.chatkit_target or options.chatkit_app):
        return
    from ..judging.catalogue import suites_dir
    from ..running.settings import settings_of
    from ..target.config_error import ConfigError
    from .session import Session

    try:
        settings = given or settings_of(config)
    except ConfigError as e:
        raise pytest.UsageError(str(e)) from e
    config.stash[SESSION] = session = Session(settings, config)
    config.pluginmanager.register(session, "chatkit_conformance_session")
    suites = str(suites_dir())
    if not any(arg.startswith(suites) for arg in config.args):
        config.args.append(suites)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a mark that silences a whole Store contract: its tests are marked one by one, with a reason each.

    Raises:
        UsageError: a class or a module of contract tests is marked xfail or skip. `skipif` is left alone.
    """
    for item in items:
        if not hasattr(getattr(item, "function", None), "contract_rule"):
            continue
        for owner in item.listchain()[:-1]:
            mark = next((mark for mark in owner.own_markers if mark.name in ("xfail", "skip")), None)
            if mark is not None:
                raise pytest.UsageError(
                    f"{owner.nodeid} is marked {mark.name} as a whole: no Store contract test in it can turn red. "
                    'Remove the mark, and name what fails: known_failures = {"value.nul": "why, and where tracked"}.'
                )


@pytest.fixture(scope="class")
def chatkit_suite_run(request: pytest.FixtureRequest) -> Iterator[SuiteRun]:
    """What the tests of a ConformanceSuite ask: the run of their class."""
    from ..target.config_error import ConfigError
    from .known_failure import known_reason
    from .suite_run import SuiteRun

    suite = request.cls
    mine = [item for item in request.session.items if isinstance(item, pytest.Function) and item.cls is suite]
    held = [(item, check) for item in mine if (check := getattr(item.function, "chatkit_check", None)) is not None]
    known = {check.id: why for item, check in held if (why := known_reason(item))}
    try:
        run = SuiteRun(suite, [check for _, check in held], known)
    except ConfigError as e:
        pytest.fail(str(e), pytrace=False)
    try:
        yield run
    finally:
        run.close()


@pytest.fixture(scope="session")
def gemini_session() -> Iterator[DoubleSession]:
    """The stand-in behind the fixture `gemini`."""
    from ..double.session import DoubleSession

    session = DoubleSession()
    try:
        yield session
    finally:
        session.close()


@pytest.fixture
def gemini(gemini_session: DoubleSession, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gemini]:
    """Gemini as a test double: `gemini.replies("...")`, `gemini.asked`, `gemini.sound()`: docs/testing-your-code.md.

    Its address is in GEMINI_BASE_URL and in `gemini.base_url`. A test fails that asks for more than it has scripted.
    """
    from ..double.gemini import Gemini

    double = Gemini(gemini_session)
    for name, value in double.environment.items():
        monkeypatch.setenv(name, value)
    yield double
    if beyond := double.unscripted:
        pytest.fail(f"{len(beyond)} of {len(double.asked)} requests had no answer in the test: {beyond}", pytrace=False)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop whatever was started, however the run ended, and write the report."""
    session = config.stash.get(SESSION, None)
    if session is not None:
        session.close()


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say the verdict, what to know before it is believed, and where the report is."""
    session = terminalreporter.config.stash.get(SESSION, None)
    if session is None or not session.run.rows:
        return
    from ..visible import harmless

    session.close()
    results = session.run.results()
    terminalreporter.write_line(harmless(f"chatkit-conformance: {results.headline}"))
    for warning in results.warnings:
        terminalreporter.write_line(harmless(f"  note    {warning}"))
    terminalreporter.write_line(f"chatkit-conformance: {session.run.report}")
