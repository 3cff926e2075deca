"""What is typed and is hostile: credentials in wrong places, letters that no header holds, folders that are gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatkit_conformance.cli import main

SECRET = "hunter2-hunter2"  # of nobody


@pytest.mark.parametrize(
    "typed",
    [
        ["--url", f"http://user:{SECRET}@127.0.0.1:9/chatkit"],
        ["--through", f"http://user:{SECRET}@127.0.0.1:9/", "--", "true"],
        ["--url", "http://127.0.0.1:9/", "--header", SECRET],
        ["--url", "http://127.0.0.1:9/", "--header", f"Bearer {SECRET}"],
        ["--url", "http://127.0.0.1:9/", "--header", f"Authorization: \u2603{SECRET}"],
        ["--url", "http://127.0.0.1:9/", "--header", f"Authorization: a\r\nX: {SECRET}"],
        ["--url", "http://127.0.0.1:9/", "--header-b", f"Auth \x01: {SECRET}"],
    ],
    ids=lambda typed: repr(typed[-1]),
)
def test_a_credential_in_a_wrong_place_is_refused_and_not_repeated(
    typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Credentials that cannot be sent, or would be printed with the URL, end the command with 2, and are not told."""
    assert main(["run", *typed]) == 2
    told = "".join(capsys.readouterr())
    assert SECRET not in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    "lines",
    [
        f'[target]\nurl = "http://user:{SECRET}@127.0.0.1:9/chatkit"\n',
        f'[target]\nurl = "http://127.0.0.1:9/"\n[users.a.headers]\nAuthorization = "\u2603{SECRET}"\n',
        f'[target]\nurl = "http://127.0.0.1:9/"\n[users.a.cookies]\nsession = "\\u0000{SECRET}"\n',
    ],
)
def test_a_target_file_with_such_credentials_is_refused(
    lines: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same in a target file is refused with the line, and not repeated either."""
    path = tmp_path / "chatkit-target.toml"
    path.write_text(lines, encoding="utf-8")
    assert main(["run", "--target", str(path)]) == 2
    told = "".join(capsys.readouterr())
    assert f"{path}:" in told
    assert SECRET not in told


def test_an_option_that_is_none_is_repeated_without_commands_for_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What argparse repeats of the command line has its control characters shown by number."""
    with pytest.raises(SystemExit) as ended:
        main(["run", "--\x1b[31mboo", "--\udcff"])
    told = "".join(capsys.readouterr())
    assert ended.value.code == 2
    assert "\x1b" not in told
    assert "U+001B" in told


def test_a_folder_that_is_gone_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command typed in a folder that was deleted says so, and ends with 2."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert main(["list"]) == 2
    assert "is gone" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", "[" * 100_000),
        ("app.py", "(" * 100_000),
        ("app.py", "x = " + "-" * 50_000 + "1"),
        ("app.py", "@app.post('/chatkit')\ndef a():\n    return " + "1 + " * 1500 + "1"),
        ("pyproject.toml", "a = " + "[" * 100_000),
        ("Dockerfile", "CMD " + "[" * 100_000),
        ("docker-compose.yml", "[" * 20_000),
    ],
    ids=["deep-package", "deep-brackets", "deep-signs", "deep-sum", "deep-toml", "deep-command", "deep-yaml"],
)
@pytest.mark.parametrize("typed", [["init", "--print"], ["audit", "."]])
def test_a_project_that_is_nested_too_deeply_is_read_around(
    typed: list[str],
    name: str,
    text: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`init` and `audit` pass over a file that no parser takes, and say what the others tell."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text)
    (tmp_path / "server.py").write_text(
        "from fastapi import FastAPI\napp = FastAPI()\n@app.post('/chatkit')\ndef a(): ...\n"
    )
    assert main([*typed]) in (0, 1, 2)
    assert "Traceback" not in "".join(capsys.readouterr())
