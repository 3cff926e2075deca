"""What a target file and its neighbours on the command line change in a run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.check import NEEDS
from chatkit_conformance.cli import main
from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.judging.judge import judge
from chatkit_conformance.target.target import LACKING, Target, User

TINY = (sys.executable, str(Path(__file__).parent / "tiny_server.py"))
Cli = Callable[..., Any]
ONE = ("--select", "stream.answers", "--dialect", "gemini-3")

FILE = f"""
[target]
command = {list(TINY)}
health = ""
"""


@pytest.mark.slow
def test_the_path_of_a_started_command_can_be_given(cli: Cli, tmp_path: Path) -> None:
    """--path, or path in the target file, is where a started server is asked; without it, it is not found there."""
    command = (*TINY, "--path", "/rooms/ferns")
    assert cli("run", *ONE, "--", *command).code == 3
    ran = cli("run", *ONE, "--path", "/rooms/ferns", "--", *command)
    assert ran.code == 0, ran.out + ran.err
    assert ran.results["target"]["url"].endswith("/rooms/ferns")
    text = FILE.replace(str(list(TINY)), str(list(command))) + 'path = "/rooms/ferns"\n'
    (tmp_path / "chatkit-target.toml").write_text(text)
    assert cli("run", *ONE).code == 0


@pytest.mark.parametrize("arguments", [("--path", "api", "--", "x"), ("--path", "/api", "--url", "http://127.0.0.1:1")])
def test_a_path_without_a_command_is_told(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path that is none, or beside a URL, ends 2 and says where it belongs."""
    monkeypatch.chdir(tmp_path)
    assert main(["run", *arguments]) == 2
    assert "it is a started command's, such as /api/chat; a URL has its own" in capsys.readouterr().err


def test_places_are_filled_in_the_environment(cli: Cli, tmp_path: Path) -> None:
    """{gemini_base_url} and {port} in [target.env] are the stand-in's base URL and the port to listen on."""
    words = '[target.env]\nTINY_MODEL = "{gemini_base_url}"\nGEMINI_BASE_URL = "http://127.0.0.1:{port}/nowhere"\n'
    (tmp_path / "mine.toml").write_text(FILE + words)
    ran = cli("run", *ONE, "--target", "mine.toml")
    assert ran.code == 0, ran.out + ran.err


def test_pyproject_describes_a_target(cli: Cli, tmp_path: Path) -> None:
    """[tool.chatkit-conformance] is read where nothing else names a target, with the same words for its mistakes."""
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text('[project]\nname = "mine"\n' + FILE.replace("[target]", "[tool.chatkit-conformance.target]"))
    ran = cli("run", *ONE)
    assert ran.code == 0, ran.out + ran.err
    pyproject.write_text(pyproject.read_text() + "healt = 3\n")
    wrong = cli("run", *ONE)
    assert wrong.code == 2
    assert (
        'pyproject.toml:7: [tool.chatkit-conformance.target] unknown key "healt" (did you mean "health"?)' in wrong.err
    )


def test_a_file_that_is_not_read_is_told(cli: Cli, tmp_path: Path) -> None:
    """A target file of the folder that a command takes the place of is named in one line, with what to type."""
    (tmp_path / "chatkit-target.toml").write_text("[targets]\n")
    ran = cli("run", *ONE, "--", *TINY)
    assert ran.code == 0, ran.out + ran.err
    assert ran.err.splitlines() == [
        "chatkit-conformance run: chatkit-target.toml is not read, for -- COMMAND names the target; "
        "to take its users, tools and capabilities, add --target chatkit-target.toml."
    ]


@pytest.mark.parametrize("auth", LACKING)
def test_auth_decides_which_credentials_are_asked_for(auth: Any) -> None:
    """What `auth` says is lacking makes the checks that need it not applicable, and no others."""
    target = Target(auth=auth)
    found = {check.id: judge(check, [], target.declared) for check in checks()}
    spared = {
        id for id, result in found.items() if result.outcome == "not_applicable" and result.reason in NEEDS.values()
    }
    # A target without users has no cookie either.
    lacking = {*LACKING[target.auth], "cookie"}
    assert spared == {check.id for check in checks() if set(check.needs) & lacking}
    assert bool(target.auth_notice) is (auth != "bearer")


@pytest.mark.parametrize(
    ("target", "lacking"),
    [
        (Target(users={"a": User(name="a", headers={"X-API-Key": "k-1"})}), {"token", "expiry"}),
        (Target(users={"a": User(name="a", cookies={"session": "s-1"})}), {"token", "expiry"}),
        (Target(users={"a": User(name="a", headers={"Authorization": "Bearer {token:a}"})}, command=("x",)), set()),
        (
            Target(
                users={"a": User(name="a", headers={"Authorization": "Bearer " + "e" * 9 + ".aaaaaaaaa.bbbbbbbbb"})}
            ),
            {"expiry"},
        ),
        (Target(users={"a": User(name="a", cookies={"t": "{token:a}"})}, command=("x",)), set()),
        (Target(users={"a": User(name="a", cookies={"t": "{token:a}"})}, command=("x",), auth="cookie"), set()),
        (
            Target(users={"a": User(name="a", cookies={"t": "{token:a}"})}, command=("x",), auth="session"),
            {"token", "expiry"},
        ),
        (
            Target(users={"a": User(name="a", headers={"Cookie": "s=1", "Authorization": "Basic x"})}),
            {"token", "expiry"},
        ),
        (Target(), set()),
    ],
)
def test_credentials_that_are_no_tokens_are_not_forged(target: Target, lacking: set[str]) -> None:
    """A key or a session cannot be forged or expire by our hand, and a token without a secret cannot expire."""
    assert set(target.lacking) - {"cookie"} == lacking
    assert bool(target.auth_notice) is bool(lacking)


@pytest.mark.parametrize(
    ("user", "lacking"),
    [
        (User(name="a", cookies={"session": "s-1"}), False),
        (User(name="a", headers={"cookie": "session=s-1"}), False),
        (User(name="a", cookies={"session": "s-1"}, headers={"authorization": "Bearer x"}), True),
        (User(name="a", headers={"X-API-Key": "k-1"}), True),
    ],
)
def test_foreign_pages_are_tried_only_where_a_cookie_alone_signs_in(user: User, lacking: bool) -> None:
    """A browser sends a cookie by itself, and no other credentials."""
    for auth in ("bearer", "cookie", "session"):
        assert ("cookie" in Target(users={"a": user}, auth=auth).lacking) is lacking
    assert "cookie" in Target(users={"a": user}, auth="in-front").lacking


def test_the_user_whom_a_cookie_signs_in_is_the_one_in_whose_name_foreign_pages_ask() -> None:
    """Where user a has a token and user b a cookie, it is user b."""
    a = User(name="a", headers={"Authorization": "Bearer {token:a}"})
    b = User(name="b", cookies={"sid": "{token:b}"})
    assert Target(users={"a": a, "b": b}).cookie_user == "b"
    assert "cookie" not in Target(users={"a": a, "b": b}).lacking
    assert Target(users={"a": a}).cookie_user == ""


def test_every_check_of_bad_credentials_says_what_it_needs() -> None:
    """A check that is only on conversations of strangers and of bad tokens cannot be red on a server without them."""
    needing = {
        "strangers": "users",
        "foreign_attachments": "users",
        "no_credentials": "sign-in",
        "expired_midway": "token",
        "token_ends": "token",
        "bad_tokens": "token",
        "cross_site": "cookie",
    }
    only = [check for check in checks() if not check.everywhere and set(check.on) <= set(needing)]
    missing = [check.id for check in only if not {needing[on] for on in check.on} <= set(check.needs)]
    assert missing == []
    tokens = {check.id for check in checks() if "token" in check.needs}
    assert {"security.forged-token-refused", "security.expired-token-refused-everywhere"} <= tokens
    assert "security.no-token-refused" not in tokens
