"""What a contributor runs. `nox -l` lists it; bare `nox` is what to run before a commit.

Every session works offline but `record` and `live`, which ask for GEMINI_API_KEY. Everything is installed within
constraints.txt, the versions that were tested together; `nox -s newest` drops them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nox

nox.options.sessions = ["lint", "types", "tests", "conformance"]
nox.options.reuse_venv = "yes"
nox.options.default_venv_backend = "venv"
nox.needs_version = ">=2025.2.9"

ROOT = Path(__file__).parent
GROUPS = nox.project.load_toml("pyproject.toml")
PYTEST = ("python", "-m", "pytest")
CHROMIUM = ("python", "-m", "tests.browser.chromium")  # installs it where there is none


def prepare(
    session: nox.Session, *groups: str, extras: str = "reference", constrained: bool = True, read: bool = False
) -> None:
    """Install the project, as an editable, with these extras and the named dependency groups.

    Args:
        read: whether what is installed is read and not run, so that nothing of it is compiled.
    """
    wanted = nox.project.dependency_groups(GROUPS, *groups) if groups else ()
    options = (*(("-c", "constraints.txt") if constrained else ()), *(("--no-compile",) if read else ()))
    session.install("--disable-pip-version-check", "-q", *options, "-e", f".[{extras}]" if extras else ".", *wanted)


@nox.session(tags=["commit"])
def tests(session: nox.Session) -> None:
    """The project's own tests: real servers on real ports, no network but loopback."""
    prepare(session, "test", extras="all")
    if os.environ.get("CI"):
        session.run(*CHROMIUM)
    # Two, that take from each other what is left: three on two processors make what is timed late.
    workers = () if any(a.startswith("-n") for a in session.posargs) else ("-n", "2", "--dist", "worksteal")
    session.run(*PYTEST, *workers, "-m", "not store_full and not slow", *session.posargs)


@nox.session
def slow(session: nox.Session) -> None:
    """The tests that hold whole runs of several servers, beside which quicker ones stand."""
    prepare(session, "test", extras="all")
    session.run(*PYTEST, "-m", "slow", *session.posargs)


@nox.session(tags=["commit"])
def conformance(session: nox.Session) -> None:
    """Judge the reference server. Arguments go to `chatkit-conformance run`."""
    prepare(session)
    target = session.posargs or ["--", "python", "-m", "reference_server"]
    session.run("chatkit-conformance", "run", *target)


@nox.session(tags=["commit"])
def lint(session: nox.Session) -> None:
    """Ruff: layout and rules."""
    prepare(session, "lint", extras="")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")


@nox.session(tags=["commit"])
def types(session: nox.Session) -> None:
    """Mypy, strict, over every room."""
    prepare(session, "types", extras="all", read=True)
    session.run("mypy", *session.posargs)


@nox.session
def browser(session: nox.Session) -> None:
    """The reference server's page in a real Chromium, which is installed where it is missing."""
    prepare(session, "test", extras="all")
    session.run(*CHROMIUM)
    session.run(*PYTEST, "tests/browser", *session.posargs)


@nox.session
def store(session: nox.Session) -> None:
    """The Store contract in full: the reference store on SQLite and a real PostgreSQL, and every faulty store.

    DATABASE_URL names a PostgreSQL to use; without it one is started on a free port from what the project installs.
    """
    prepare(session, "test", extras="all")
    # The reference store alone: it is timed.
    session.run(*PYTEST, "tests/store/test_reference_store.py", *session.posargs)
    session.run(*PYTEST, "tests/store", "-n", "2", "--ignore", "tests/store/test_reference_store.py", *session.posargs)


@nox.session
def odd(session: nox.Session) -> None:
    """Judge the odd servers, and write reports/odd-servers.{json,md}. Arguments: names, `--runs 5`, `--busy`."""
    prepare(session)
    session.install("-q", "uv")  # one of them has an environment of its own
    session.run("python", "-m", "odd_servers.judge", *session.posargs)


@nox.session
def doctor(session: nox.Session) -> None:
    """Have the doctor visit every ill set-up, which it must name, and the well ones. Arguments: names."""
    prepare(session, "test")
    session.run("python", "-m", "tests.doctor.rounds", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Judge every mutant and near miss, and write reports/kill-matrix.{json,md}. Arguments: `--only NAME`, `--full`."""
    prepare(session)
    session.run("python", "-m", "mutants.matrix", *session.posargs)


@nox.session
def explored(session: nox.Session) -> None:
    """Explore mutants, and write which are found by the invariants alone. Arguments: `--of-each N`, `--only NAME`."""
    prepare(session)
    session.run("python", "-m", "mutants.explored", *session.posargs)


@nox.session
def load(session: nox.Session) -> None:
    """The load test against the reference server, 60 seconds. Arguments go to `chatkit-conformance load`."""
    prepare(session, extras="load,reference")
    target = session.posargs or ["--seconds", "60", "--", "python", "-m", "reference_server"]
    session.run("chatkit-conformance", "load", *target)


@nox.session
def itself(session: nox.Session) -> None:
    """Compare the reference server with itself, twenty times, and write reports/load/itself.{json,md}: half an hour."""
    prepare(session, "test", extras="load,reference")
    session.run("python", "-m", "tests.load.itself", *session.posargs)


@nox.session
def record(session: nox.Session) -> None:
    """Record cassettes from Gemini (needs GEMINI_API_KEY), or with `-- --from-standin` from the stand-in."""
    prepare(session, "test", extras="all")
    session.run("chatkit-conformance", "record", *session.posargs)


@nox.session
def live(session: nox.Session) -> None:
    """Judge the reference server with the real Gemini behind it, within a budget. Needs GEMINI_API_KEY."""
    prepare(session)
    session.run("chatkit-conformance", "live", *session.posargs)


@nox.session
def attack(session: nox.Session) -> None:
    """Meet every hostile target, with all checks, and write reports/hostile.md. Arguments: names of targets."""
    prepare(session, "test", extras="all")
    session.run("python", "-m", "tests.hostile.matrix", *session.posargs)


@nox.session
def requests(session: nox.Session) -> None:
    """Send the reference server 10,000 wrong requests. Arguments: `--number N`, `--seed N`, `--keep`, a command."""
    prepare(session, "test")
    session.run("python", "-m", "tests.wrong_requests", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Hold the reference server under load while all around it fails: reports/load-with-faults.md. Ten minutes."""
    prepare(session, "test", extras="all")
    session.run("python", "-m", "tests.under_faults", *session.posargs)


@nox.session
def compat(session: nox.Session) -> None:
    """Which versions of the three SDKs work together on Gemini: reports/compat.{json,md}. Asks the package index."""
    prepare(session, "test", extras="all")
    session.run("python", "-m", "tests.compat.matrix", *session.posargs)


@nox.session
def installs(session: nox.Session) -> None:
    """The wheel beside the oldest and newest of what users bring: reports/installs.md. Asks the package index."""
    session.install("-q", "uv")
    session.run("python", "-m", "tests.installs.matrix", *session.posargs)


@nox.session
def servers(session: nox.Session) -> None:
    """Public ChatKit servers, installed by name and judged: reports/servers.{json,md,html}. Asks the indexes."""
    prepare(session, "test", extras="all")
    session.install("-q", "uv")
    session.run("python", "-m", "tests.servers.matrix", *session.posargs)


@nox.session
def mended(session: nox.Session) -> None:
    """Thirty faults of a source, and what our output says to do about them: reports/mended.md. Twenty minutes."""
    prepare(session, "test")
    session.run("python", "-m", "tests.mended.measure", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The site, strictly: a dead link fails. build/site has it. `-- --serve` shows it while you write."""
    prepare(session, "docs", extras="")
    serve = "--serve" in session.posargs
    session.run("mkdocs", *(("serve",) if serve else ("build", "--strict", "--quiet")))


@nox.session
def dist(session: nox.Session) -> None:
    """The sdist and the wheel, as they would be published, checked by twine and check-wheel-contents."""
    session.install("-q", "build", "twine", "check-wheel-contents")
    session.run("python", "-m", "build", "--outdir", "dist")
    files = [str(path) for path in sorted((ROOT / "dist").iterdir())]
    session.run("twine", "check", "--strict", *files)
    session.run("check-wheel-contents", *(path for path in files if path.endswith(".whl")))


@nox.session
def evidence(session: nox.Session) -> None:
    """Make the generated pages and the published evidence again: takes half an hour of two cores."""
    prepare(session, "test", extras="all")
    session.run("python", "-m", "chatkit_conformance.ledger.pages")
    session.run("python", "-m", "mutants.stores.matrix", "--out", "reports")
    session.run("python", "-m", "mutants.matrix", *session.posargs)


@nox.session
def schema(session: nox.Session) -> None:
    """Compare the committed schema with the installed openai-chatkit, and show what a new release changed."""
    prepare(session, constrained=not session.posargs)
    if session.posargs:
        session.install("-q", *session.posargs)
    session.run("python", "-m", "chatkit_conformance.wire.generate", "--check")


@nox.session
def newest(session: nox.Session) -> None:
    """The tests with the newest releases that pyproject.toml admits, to see what is coming."""
    prepare(session, "test", extras="all", constrained=False)
    session.run("python", "-m", "pip", "list", "--format=freeze")
    session.run(*PYTEST, "-n", "2", "-m", "not store_full", *session.posargs)


if __name__ == "__main__":
    sys.exit(f"This file is for nox: run `nox -f {os.path.relpath(__file__)}`.")
