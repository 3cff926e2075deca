"""Secrets reach no file and no terminal, however a target spells them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.check import Untestable
from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.report.packed import unpacked
from chatkit_conformance.running.inherited import inherited, is_secret
from chatkit_conformance.running.leak_search import LeakSearch
from chatkit_conformance.target.secret import Secrets
from chatkit_conformance.target.spellings import folded, spellings
from chatkit_conformance.target.split import joined, without_split
from chatkit_conformance.transcript import Call, Event, Reply, Transcript
from tests.hostile.lab import TINY, meet

SECRET = 'p/a+ss wörd"<4711>&x'


def mixed(text: str) -> str:
    """The text, some of its letters in capitals."""
    return "".join(letter.upper() if n % 3 else letter for n, letter in enumerate(text))


@pytest.mark.parametrize("spelled", [*spellings(SECRET), *folded(SECRET), *map(mixed, folded(SECRET))])
def test_a_secret_is_known_in_every_spelling(spelled: str) -> None:
    """It is found, and replaced by one mark, in the middle of other text."""
    secrets = Secrets(values={"password": SECRET})
    assert secrets.found_in(f"xx{spelled}yy") == ("password",)
    scrubbed = secrets.scrub(f"xx{spelled}yy")
    assert spelled not in scrubbed
    assert secrets.fingerprints()["password"] in scrubbed


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"user:"])
def test_a_secret_inside_of_base64_is_found(before: bytes) -> None:
    """Wherever in three bytes it begins, and whatever follows."""
    import base64

    text = base64.b64encode(before + SECRET.encode() + b"\n").decode()
    assert Secrets(values={"password": SECRET}).found_in(text) == ("password",)


@pytest.mark.parametrize(
    "name",
    ["AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "PGPASSWORD", "SENTRY_DSN", "STRIPE_API_KEY", "DB_PASS", "NPM_PAT"],
)
def test_what_is_secret_is_not_inherited(name: str) -> None:
    """A variable whose name says that it is secret stays here."""
    assert inherited({name: "x" * 20, "PATH": "/bin"}) == {"PATH": "/bin"}


@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "PWD", "OLDPWD", "LANG", "KEYBOARD", "TINY_MODEL", "SSH_AUTH_SOCK", "PASSENGER"]
)
def test_what_a_program_needs_is_inherited(name: str) -> None:
    """Other variables go to the server as they are."""
    assert inherited({name: "/usr/bin:/bin"}) == {name: "/usr/bin:/bin"}


def test_a_url_with_a_password_is_a_secret() -> None:
    """Whatever its variable is called."""
    assert is_secret("REDIS", "redis://me:hunter2hunter2@db.example/0")
    assert not is_secret("REDIS", "redis://db.example:6379/0")


def test_no_file_and_no_line_holds_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that tells tokens, keys and its environment in every spelling leaves no trace of them in the report."""
    told = tmp_path / "told"
    monkeypatch.setenv("ECHO_TOLD", str(told))
    monkeypatch.setenv("MY_DEPLOY_PASSWORD", "correct-horse-battery-staple")
    target = tmp_path / "chatkit-target.toml"
    target.write_text(
        '[target]\nurl = "http://127.0.0.1:1/"\n[target.env]\nECHO_LICENSE_KEY = "literal-license-0815"\n'
    )
    met = meet("echoes-secrets", tmp_path, suites=TINY, more=("--target", str(target)))
    assert met.code == 1, met.err
    secrets = {line for line in told.read_text().splitlines() if line}
    assert "literal-license-0815" in secrets
    assert "correct-horse-battery-staple" not in secrets, "the environment was inherited whole"
    assert len(secrets) >= 5
    files = [path for path in (tmp_path / "chatkit-report").rglob("*") if path.is_file()]
    for name, text in [*((path.name, path.read_text()) for path in files), ("the terminal", met.out + met.err)]:
        shown = unpacked(text) if name == "report.html" else text
        for secret in (*secrets, os.environ["MY_DEPLOY_PASSWORD"]):
            assert not [way for way in spellings(secret) if way in shown], name
            assert not [way for way in folded(secret) if way in shown.lower()], name
    for path in (tmp_path / "chatkit-report" / "transcripts").glob("*.json"):
        for reply in Transcript.from_json(json.loads(path.read_text())).replies:
            whole = "\n".join(joined(reply))
            assert not [secret for secret in secrets if secret in whole], path.name


def test_a_secret_that_is_told_in_pieces_is_found(tmp_path: Path) -> None:
    """Over deltas of one letter, of many, in the middle of words, twice: the marks stand, and all other words stay."""
    secrets = Secrets(values={"password": "correct-horse", "other": "battery-staple"})
    text = "Say correct-horse and battery-staple, correct-horsecorrect-horse."
    mark = secrets.fingerprints()
    clean = text.replace("correct-horse", mark["password"]).replace("battery-staple", mark["other"])
    for size in (1, 2, 5, 40):
        events = tuple(_delta(n, text[at : at + size]) for n, at in enumerate(range(0, len(text), size)))
        t = Transcript(exchange="one", replies=(Reply(label="turn-1", events=events),))
        made = without_split(t, secrets)
        assert joined(made.replies[0]) == [clean]
        assert len(made.replies[0].events) == len(events)
    innocent = Transcript(exchange="one", replies=(Reply(label="turn-1", events=(_delta(0, "a"), _delta(1, "b"))),))
    assert without_split(innocent, secrets) is innocent


def _delta(index: int, text: str) -> Event:
    update = {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": text}
    data: dict[str, Any] = {"type": "thread.item.updated", "item_id": "m0", "update": update}
    return Event(index=index, at=0.0, raw=json.dumps(data), data=data)


def test_no_leak_is_no_evidence_where_the_model_was_never_asked() -> None:
    """A server that asked no model has shown nothing of what it tells one; a leak that was seen counts all the same."""
    (no_secret_leaks,) = (check.judge for check in checks() if check.id == "security.no-secret-leaks")
    silent = Transcript(exchange="whole_run", notes={"leaks": []})
    with pytest.raises(Untestable, match="never asked"):
        list(no_secret_leaks(silent))
    seen = Transcript(exchange="whole_run", notes={"leaks": [{"secret": "jwt-secret", "where": "log"}]})
    assert len(list(no_secret_leaks(seen))) == 1


def test_a_secret_that_is_added_later_is_known_in_every_spelling() -> None:
    """Adding one to those that are known is the same as knowing all of them from the start."""
    few = Secrets(values={"key": "AIzaSyA-1234567890"})
    assert few.found_in("nothing") == ()
    both = few.with_more({"password": SECRET})
    whole = Secrets(values=both.values)
    for text in (f"xx{spelled}yy" for value in both.values.values() for spelled in spellings(value)):
        assert both.found_in(text) == whole.found_in(text) != ()
        assert both.scrub(text) == whole.scrub(text)


def test_a_secret_that_got_another_value_is_not_forgotten() -> None:
    """What a token was before it was renewed is still in the conversations of that time."""
    renewed = Secrets(values={"token": "old-token-4711"}).with_more({"token": "new-token-4712"})
    assert renewed.found_in("old-token-4711") == ("token",)
    assert renewed.found_in("new-token-4712") == ("token",)
    assert "old-token" not in renewed.scrub("seen: old-token-4711")


def test_each_transcript_and_each_call_is_searched_once() -> None:
    """A leak that was found while the run went on is told once, beside those of the end and of the log."""
    secrets = Secrets(values={"key": SECRET})
    told, later = Call(n=1, body={"text": SECRET}), Call(n=2, body={"text": SECRET})
    held = [Transcript(exchange="plain", replies=(Reply(label="turn-1", text=SECRET),), calls=(told,))]
    search = LeakSearch()
    search.search(secrets, held)
    found = list(search.found(secrets, held, (told, later), [f"log: {SECRET}"]))
    assert [(row["where"], row.get("reply") or row.get("call")) for row in found] == [
        ("reply", "turn-1"),
        ("model", 1),
        ("model", 2),
        ("log", None),
    ]
