"""The pytest plugin in somebody else's project."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from chatkit_conformance.running.process import Process, free_port
from chatkit_conformance.running.standin import StandIn
from chatkit_conformance.target.config_error import ConfigError

TINY = str(Path(__file__).parent / "tiny_server.py")
Environment = Callable[..., dict[str, str]]
# Loaded by name and not by its entry point, which an installed package has and a checkout has not.
PLUGIN = ("-p", "chatkit_conformance.pytest_faces.plugin", "-p", "xdist.plugin", "-p", "no:cacheprovider")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one test of its own."""
    (tmp_path / "test_own.py").write_text("def test_own() -> None:\n    assert True\n")
    return tmp_path


@pytest.fixture
async def server(environment: Environment) -> AsyncIterator[tuple[str, int]]:
    """A tiny server that somebody else started; its URL, and the port on which it looks for its model."""
    port, standin = free_port(), free_port()
    upstream = f"http://127.0.0.1:{standin}/v1beta/openai/"
    env = environment(PORT=str(port), GEMINI_BASE_URL=upstream, GEMINI_API_KEY="k" * 20)
    process = Process((sys.executable, TINY), env=env, name="tiny")
    await process.start()
    try:
        yield await process.listening(port, 30), standin
    finally:
        await process.stop()


async def pytest_in(folder: Path, environment: Environment, *arguments: str) -> tuple[int, str]:
    """Exit code and output of pytest with the plugin, in that folder."""
    process = Process(
        (sys.executable, "-m", "pytest", *PLUGIN, *arguments),
        env=environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"),
        name="pytest",
        cwd=str(folder),
    )
    await process.start()
    await process.ended()
    await process.stop()
    code = process.death().args[0].splitlines()[0].rsplit(" ", 1)[-1].rstrip(".")
    return int(code), "\n".join(process.lines)


async def test_without_an_option_nothing_happens(project: Path, environment: Environment) -> None:
    """In a project that does not ask for it, the plugin adds no item, no output and no file."""
    code, out = await pytest_in(project, environment, "-q")
    assert code == 0
    assert "1 passed" in out
    assert "chatkit" not in out
    assert not (project / "chatkit-report").exists()


def test_loading_it_is_light(environment: Environment) -> None:
    """Loading the plugin imports neither HTTP nor schemas nor suites."""
    heavy = (
        "httpx",
        "asyncio",
        "jinja2",
        "jsonschema_rs",
        "chatkit_conformance.pytest_faces.session",
        "chatkit_conformance.suites",
    )
    line = f"import sys, pytest; before = set(sys.modules); import chatkit_conformance.pytest_faces.plugin; {heavy=}"
    code = f"{line}; print([m for m in heavy if m in sys.modules and m not in before])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


async def test_url_adds_the_suites(project: Path, environment: Environment, server: tuple[str, int]) -> None:
    """`pytest --chatkit-url` runs the project's own tests and the checks, each as an item with its id."""
    url, standin = server
    code, out = await pytest_in(
        project,
        environment,
        "-v",
        "--chatkit-url",
        url,
        "--chatkit-standin-port",
        str(standin),
        "-k",
        "own or stream",
    )
    assert code == 0, out
    assert "test_own.py::test_own PASSED" in out
    assert "suites/words.py::stream.answers PASSED" in out
    assert (project / "chatkit-report" / "results.json").exists()


async def test_marks_and_junit_work(project: Path, environment: Environment, server: tuple[str, int]) -> None:
    """Areas and levels are marks, and junit.xml names the checks."""
    url, standin = server
    code, out = await pytest_in(
        project,
        environment,
        "--chatkit-url",
        url,
        "--chatkit-standin-port",
        str(standin),
        "-m",
        "tools and MUST",
        "--junitxml",
        "j.xml",
        "--strict-markers",
    )
    assert code == 0, out
    assert "1 passed, 7 deselected" in out
    assert 'name="tools.executes"' in (project / "j.xml").read_text()


@pytest.mark.slow
async def test_workers_of_xdist_share_the_checks(
    project: Path, environment: Environment, server: tuple[str, int]
) -> None:
    """With -n each worker judges its share, and the results of all are in one results.json."""
    url, _ = server
    arguments = ("-n", "2", "-rs", "--chatkit-url", url, "-k", "own or stream")
    code, out = await pytest_in(project, environment, *arguments)
    assert code == 0
    assert "this run asks the model as it is" in out, out
    told = json.loads((project / "chatkit-report" / "results.json").read_text())
    assert {row["id"] for row in told["results"]} == {"stream.answers", "stream.shouts", "stream.speaks"}
    assert (told["complete"], told["verdict"], told["target"]["url"]) == (True, "nothing_judged", f"{url}/chatkit")
    assert {row["outcome"] for row in told["results"]} == {"not_judged"}
    assert (project / "chatkit-report" / "junit.xml").read_text().count("<testcase") == 3


async def test_a_stale_entry_is_red_and_told(project: Path, environment: Environment, server: tuple[str, int]) -> None:
    """Where every item passes, a baseline entry that matches no check still ends 1, and the summary names it."""
    url, standin = server
    (project / "known.toml").write_text('[[expected]]\nid = "stream.nix"\nreason = "r"\n')
    asked = ("--chatkit-url", url, "--chatkit-standin-port", str(standin), "--chatkit-baseline", "known.toml")
    code, out = await pytest_in(project, environment, *asked, "-k", "own or answers")
    assert code == 1, out
    assert "2 passed" in out
    assert "'stream.nix' matches no check" in out


async def test_strict_fails_the_item_that_warns(
    project: Path, environment: Environment, server: tuple[str, int]
) -> None:
    """--chatkit-strict fails the item of a SHOULD that does not hold; without it the item passes, its words kept."""
    url, standin = server
    asked = ("--chatkit-url", url, "--chatkit-standin-port", str(standin), "-k", "shouts", "--junitxml", "j.xml")
    code, out = await pytest_in(project, environment, *asked, "-o", "junit_logging=system-out")
    assert code == 0, out
    written = (project / "j.xml").read_text()
    assert '<property name="warning" value="small letters"' in written
    assert "requirement: The answer is in capitals." in written.partition("<system-out>")[2]
    code, out = await pytest_in(project, environment, *asked, "--chatkit-strict")
    assert code == 1
    assert "warned: small letters (SHOULD)" in out


async def test_collecting_starts_nothing(project: Path, environment: Environment) -> None:
    """--collect-only lists the checks without asking the target."""
    code, out = await pytest_in(project, environment, "--collect-only", "-q", "--chatkit-url", "http://127.0.0.1:9")
    assert code == 0
    assert "suites/words.py::gemini.only" in out


async def test_taken_port_of_the_stand_in_is_told() -> None:
    """A stand-in whose port is taken is no failure of ours: which port, and what to type."""
    first = StandIn()
    await first.start()
    try:
        second = StandIn(port=int(first.url.rsplit(":", 1)[1]))
        with pytest.raises(ConfigError, match=r"port \d+, .* is taken: .*give another port"):
            await second.start()
        await second.stop()
    finally:
        await first.stop()
