"""Conformance from somebody's own pytest: of an ASGI application, and as a class to subclass."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chatkit_conformance.running.asgi import BadName, load_app

HARNESS = Path(__file__).parents[1] / "harness"
ROOT = HARNESS.parents[1]
PATIENCE_S = 240.0
PLUGIN = ("-p", "chatkit_conformance.pytest_faces.plugin", "-p", "no:cacheprovider", "--strict-markers", "-ra")

HEAD = """
import pytest
from chatkit_conformance import ConformanceSuite

class TestChat(ConformanceSuite):
"""

Pytest = Callable[..., tuple[int, str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose package is a small ChatKit server."""
    shutil.copy(HARNESS / "tiny_server.py", tmp_path / "myapp.py")
    return tmp_path


@pytest.fixture
def run_pytest(project: Path) -> Pytest:
    """Runs pytest in the project; its exit code and output."""

    def run(*arguments: str) -> tuple[int, str]:
        # Where the package is installed its entry point would register the plugin a second time.
        env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        env |= {"PYTHONPATH": str(ROOT), "CHATKIT_CONFORMANCE_SUITES": str(HARNESS / "tiny_suites")}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *PLUGIN, *arguments],
            cwd=project,
            env=env,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_an_application_is_judged_without_a_port(run_pytest: Pytest, project: Path) -> None:
    """`pytest --chatkit-app module:app` serves the application itself and judges it."""
    code, out = run_pytest("-v", "--chatkit-app", "myapp:app", "-k", "stream or tools")
    assert code == 0, out
    assert "suites/words.py::stream.answers PASSED" in out
    assert (project / "chatkit-report" / "results.json").exists()


def test_an_application_that_is_not_there_is_told(run_pytest: Pytest) -> None:
    """A wrong name ends the run with what the module has instead."""
    code, out = run_pytest("--chatkit-app", "myapp:application")
    assert code == 3
    assert "myapp has no 'application'; it has" in out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("myapp", "is not module:attribute"),
        ("no_such_module_here:app", "no module 'no_such_module_here'"),
        ("os:nothing_such", "os has no 'nothing_such'"),
        ("os:sep", "is a str, not an ASGI application"),
    ],
)
def test_a_wrong_name_says_what_to_write(name: str, said: str) -> None:
    """Each way in which an application's name can be wrong has its message."""
    with pytest.raises(BadName, match=said):
        load_app(name)


def test_a_factory_is_called_and_an_attribute_is_not() -> None:
    """`module:make()` is what the factory returns, `module:name.attribute` what is found there."""
    assert callable(load_app("collections:defaultdict.fromkeys"))
    with pytest.raises(BadName, match="is a RootLogger, not an ASGI application"):
        load_app("logging:getLogger()")


def test_a_subclass_has_a_test_for_each_check(run_pytest: Pytest, project: Path) -> None:
    """A subclass that names its application passes, skips and fails as its server does; a known failure is xfailed."""
    (project / "test_chat.py").write_text(
        HEAD + '    app = "myapp:app"\n    strict = True\n    out = "report"\n\n'
        '    @pytest.mark.xfail(reason="it whispers; issue 7")\n'
        "    def test_stream_shouts(self): ...\n"
    )
    code, out = run_pytest("-v")
    assert code == 0, out
    for said in (
        "test_stream_answers PASSED",
        "test_tools_executes PASSED",
        "test_widgets_seen SKIPPED",
        "test_stream_shouts XFAIL",
        "it whispers; issue 7",
        "test_persistence_restart PASSED",
    ):
        assert said in out, out
    assert (project / "report" / "report.html").exists()


def test_a_known_failure_that_passes_is_red(run_pytest: Pytest, project: Path) -> None:
    """A check marked as a known failure runs all the same, and fails on the day it passes."""
    (project / "test_chat.py").write_text(
        HEAD + '    app = "myapp:app"\n\n'
        '    @pytest.mark.xfail(reason="once it did")\n    def test_stream_answers(self): ...\n'
    )
    code, out = run_pytest("-k", "answers")
    assert code == 1
    assert "[XPASS(strict)] once it did" in out


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("    def test_stream_answers(self): ...\n", "TestChat.test_stream_answers replaces the check stream.answers"),
        ("    test_stream_answers = None\n", "TestChat.test_stream_answers replaces the check stream.answers"),
        ("    @pytest.mark.xfail\n    def test_stream_answers(self): ...\n", 'pytest.mark.xfail(reason="why'),
    ],
)
def test_a_silent_override_is_refused(run_pytest: Pytest, project: Path, body: str, said: str) -> None:
    """Replacing a check without a reason breaks the module, and the message says what to write."""
    (project / "test_chat.py").write_text(HEAD + '    app = "myapp:app"\n' + body)
    code, out = run_pytest("-k", "answers")
    assert code == 2
    assert said in out


def test_a_class_without_a_server_says_what_to_write(run_pytest: Pytest, project: Path) -> None:
    """A subclass that names no server fails with the four ways to name one."""
    (project / "test_chat.py").write_text(HEAD + "    pass\n")
    code, out = run_pytest("-k", "answers")
    assert code == 1
    assert 'names its server by none; write one of app = "module:app"' in out


def test_importing_the_package_is_light() -> None:
    """Importing chatkit_conformance loads neither pytest nor the suites; a wrong name is an AttributeError."""
    line = "import sys, chatkit_conformance as c; print([m for m in ('pytest', 'httpx') if m in sys.modules])"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", line], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    import chatkit_conformance

    with pytest.raises(AttributeError, match="no attribute 'Conformance'"):
        _ = chatkit_conformance.Conformance
