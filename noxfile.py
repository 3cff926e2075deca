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


def prepare(session: nox.Session, *groups: str, constrained: bool = True) -> None:
    """Install the project, as an editable, with the named dependency groups."""
    wanted = nox.project.dependency_groups(GROUPS, *groups) if groups else ()
    pins = ("-c", "constraints.txt") if constrained else ()
    session.install("--disable-pip-version-check", "-q", *pins, "-e", ".", *wanted)


@nox.session(tags=["commit"])
def tests(session: nox.Session) -> None:
    """The project's own tests: real servers on real ports, no network but loopback."""
    prepare(session, "test", "lint", "types")
    workers = () if any(a.startswith("-n") for a in session.posargs) else ("-n", "2")
    session.run(*PYTEST, *workers, *session.posargs)


@nox.session(tags=["commit"])
def conformance(session: nox.Session) -> None:
    """Judge the reference server. Arguments go to `chatkit-conformance run`."""
    prepare(session)
    target = session.posargs or ["--", "python", "-m", "reference_server"]
    session.run("chatkit-conformance", "run", *target)


@nox.session(tags=["commit"])
def lint(session: nox.Session) -> None:
    """Ruff: layout and rules."""
    prepare(session, "lint")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")


@nox.session(tags=["commit"])
def types(session: nox.Session) -> None:
    """Mypy, strict, over every room."""
    prepare(session, "types", "lint")
    session.run("mypy", *session.posargs)


@nox.session
def newest(session: nox.Session) -> None:
    """The tests with the newest releases that pyproject.toml admits, to see what is coming."""
    prepare(session, "test", "lint", "types", constrained=False)
    session.run("python", "-m", "pip", "list", "--format=freeze")
    session.run(*PYTEST, "-n", "2", *session.posargs)


if __name__ == "__main__":
    sys.exit(f"This file is for nox: run `nox -f {os.path.relpath(__file__)}`.")
