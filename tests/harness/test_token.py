"""The command that makes what the curl lines of a report ask for."""

from __future__ import annotations

import jwt
import pytest

from chatkit_conformance.cli import main

SECRET = "forty characters of a secret, or some more"


def test_a_token_is_what_the_server_takes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is signed with JWT_SECRET, names the user as a run does, and ends."""
    monkeypatch.setenv("JWT_SECRET", SECRET)
    assert main(["token", "--user", "b", "--seconds", "60"]) == 0
    claims = jwt.decode(capsys.readouterr().out.strip(), SECRET, algorithms=["HS256"])
    assert claims["sub"] == "user-b"
    assert claims["exp"] - claims["iat"] == 60


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "export JWT_SECRET"),
        (["--secret", SECRET, "--user", "a b"], "letters and digits"),
        (["--secret", SECRET, "--seconds", "0"], "out of range"),
        (["--secret", SECRET, "--seconds", "nan"], "out of range"),
    ],
)
def test_what_cannot_be_is_said(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a secret, for no name and for no time there is no token, and the message says what to type."""
    monkeypatch.delenv("JWT_SECRET", raising=False)
    assert main(["token", *arguments]) == 2
    assert words in capsys.readouterr().err
