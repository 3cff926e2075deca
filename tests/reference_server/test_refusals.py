"""Requests that are turned away: the right status, JSON that says what is wrong, nothing left behind."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from chatkit.types import LockedStatus

from reference_server.context import RequestContext
from reference_server.store import open_store

from .conftest import SECRET, Chat, environment_for, started, token, user_input


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b"\xff", 400, "invalid_json"),
        (b"[]", 422, "invalid_request"),
        (b'{"type": "threads.fly"}', 400, "unknown_type"),
        (b'{"type": "threads.create", "params": {}}', 422, "invalid_request"),
        (b'{"type": "threads.get_by_id", "params": {"thread_id": "none"}}', 404, "not_found"),
        (b'{"type": "threads.list", "params": {"after": "none"}}', 404, "not_found"),
        (b'{"type": "threads.list", "params": {"limit": 0}}', 422, "invalid_limit"),
        (b'{"type": "threads.list", "params": {"limit": -1}}', 422, "invalid_limit"),
        (b'{"type": "input.transcribe", "params": {"audio_base64": "AAAA", "mime_type": "a/b"}}', 400, "not_supported"),
        (b" " * 1_100_000, 413, "too_large"),
    ],
)
def test_bad_requests_are_named(chat: Chat, body: bytes, status: int, code: str) -> None:
    """Status, code and words; readable for a browser of another origin too."""
    headers = {**chat.headers, "Origin": "https://app.example"}
    answer = chat.http.post(f"{chat.url}/chatkit", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"]
    assert answer.headers["access-control-allow-origin"] == "https://app.example"


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("threads.add_user_message", {"input": user_input("x")}),
        ("threads.retry_after_item", {"item_id": "none"}),
        ("threads.custom_action", {"action": {"type": "tasks.complete"}}),
        ("threads.add_client_tool_output", {"result": 1}),
        ("threads.delete", {}),
        ("items.list", {}),
    ],
)
def test_a_foreign_thread_is_unknown(chat: Chat, kind: str, params: dict[str, Any]) -> None:
    """Another user's thread is 404 before any stream begins."""
    theirs = chat.as_user("owner").say("mine", {"text": "Yours."}).thread
    assert chat.ask(kind, thread_id=theirs, **params).status_code == 404


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "nonsense",
        token("a", lifetime_s=-1),
        jwt.encode({"sub": "a"}, SECRET, algorithm="HS256"),
        jwt.encode({"sub": "a", "exp": 2**40}, "", algorithm="none"),
        jwt.encode({"sub": "a", "exp": 2**40}, "another secret that is also 32 bytes long", algorithm="HS256"),
    ],
    ids=["none", "nonsense", "expired", "no expiry", "no signature", "wrong secret"],
)
def test_only_the_applications_tokens_count(chat: Chat, bad: str | None) -> None:
    """401 with JSON for every token that is missing, expired or not signed by the application."""
    headers = {} if bad is None else {"Authorization": f"Bearer {bad}"}
    answer = chat.http.post(f"{chat.url}/chatkit", content=b"{}", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"]


def test_the_cookie_counts_but_not_from_a_foreign_page(chat: Chat) -> None:
    """The httpOnly cookie signs in; sent along by a page of another origin it does not."""
    cookie = {"Cookie": f"access_token={token(chat.user)}"}
    body = {"type": "threads.list", "params": {}}
    assert httpx.post(f"{chat.url}/chatkit", json=body, headers=cookie).status_code == 200
    foreign = {**cookie, "Origin": "https://evil.example"}
    assert httpx.post(f"{chat.url}/chatkit", json=body, headers=foreign).status_code == 403


def test_a_locked_thread_takes_no_message(chat: Chat) -> None:
    """An error event says so, Gemini is not asked, and the message is not stored."""
    turn = chat.say("hello", {"text": "Hi."})

    async def lock() -> None:
        store = await open_store(f"sqlite+aiosqlite:///{chat.folder}/chat.db")
        context = RequestContext(user_id=chat.user)
        thread = await store.load_thread(turn.thread, context)
        await store.save_thread(thread.model_copy(update={"status": LockedStatus(reason="Archived.")}), context)
        await store.close()

    asyncio.run(lock())
    before = chat.items(turn.thread)
    refused = chat.say("more", {"text": "Never."}, thread=turn.thread)
    assert [e["type"] for e in refused.events] == ["error"]
    assert "locked" in refused.errors[0]["message"]
    journal = chat.http.get(f"{chat.upstream}/_standin/journal", params={"nonce": refused.nonce}).json()
    assert journal["calls"] == []
    assert chat.items(turn.thread) == before


def test_an_unknown_attachment_leaves_no_thread_behind(chat: Chat) -> None:
    """404, and the list of threads stays empty."""
    answer = chat.ask("threads.create", input=user_input("look", attachments=["none"]))
    assert answer.status_code == 404
    assert chat.ask("threads.list").json()["data"] == []


def test_attachments_belong_to_their_owner(chat: Chat) -> None:
    """Register, upload, read back, see it in the model's request; nobody else sees it."""
    made = chat.ask("attachments.create", name="a.png", size=3, mime_type="image/png").json()
    upload = made["upload_descriptor"]
    headers = {**chat.headers, **upload["headers"]}
    assert chat.http.request(upload["method"], upload["url"], content=b"abc", headers=headers).status_code == 200
    assert chat.http.get(made["preview_url"], headers=chat.headers).content == b"abc"
    assert chat.http.get(made["preview_url"], headers=chat.as_user("thief").headers).status_code == 404
    turn = chat.say("look", {"text": "Nice."}, attachments=[made["id"]])
    assert "data:image/png;base64,YWJj" in str(turn.calls()[0]["body"]["messages"])
    assert chat.ask("threads.delete", thread_id=turn.thread).status_code == 200
    assert chat.http.get(made["preview_url"], headers=chat.headers).status_code == 404


def test_the_rate_limit_says_when_to_come_back(upstream: str, tmp_path: Path) -> None:
    """The third request of two allowed is 429 with Retry-After."""
    environment = environment_for(tmp_path, upstream, RATE_LIMIT="2")
    with started("reference_server", "--port", "0", environment=environment) as (url, _):
        chat = Chat(url=url, upstream=upstream, folder=tmp_path, user="eager")
        answers = [chat.ask("threads.list") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GEMINI_API_KEY", ""),
        ("JWT_SECRET", "short"),
        ("GEMINI_MODEL", "gpt-4o"),
        ("DATABASE_URL", "mysql://x"),
        ("RATE_LIMIT", "many"),
        ("PORT", "99999"),
    ],
)
def test_a_wrong_setting_stops_the_start(tmp_path: Path, variable: str, value: str) -> None:
    """Exit code 2 and one line that names the variable, with no secret in it."""
    environment = environment_for(tmp_path, "http://127.0.0.1:9", PORT="0") | {variable: value}
    run = subprocess.run(
        [sys.executable, "-m", "reference_server"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert variable in run.stderr
    assert SECRET not in run.stderr


def test_an_unreachable_gemini_is_an_error(tmp_path: Path, upstream: str) -> None:
    """No route to Gemini: an error event that offers to try again."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    environment = environment_for(tmp_path, f"http://127.0.0.1:{port}")
    with started("reference_server", "--port", "0", environment=environment) as (url, _):
        chat = Chat(url=url, upstream=upstream, folder=tmp_path, user="lonely")
        events = chat.stream("threads.create", input=user_input("hello"))
    (error,) = [e for e in events if e["type"] == "error"]
    assert "could not be reached" in error["message"]
    assert error["allow_retry"] is True


def test_health_and_page_answer_without_a_token(chat: Chat) -> None:
    """/health is JSON; the page mounts the ChatKit component and says what to do when its script cannot load."""
    assert chat.http.get(f"{chat.url}/health").json()["status"] == "ok"
    page = chat.http.get(f"{chat.url}/").text
    assert "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js" in page
    assert "did not" in page


FOREIGN: dict[str, tuple[dict[str, str], int]] = {
    "another scheme of authorization": ({"Authorization": "Basic eDp5", "Origin": "https://evil.example"}, 403),
    "an empty bearer": ({"Authorization": "", "Origin": "https://evil.example"}, 403),
    "no origin, but the browser's word": ({"Sec-Fetch-Site": "cross-site"}, 403),
    "null": ({"Origin": "null"}, 403),
    "a form's body": ({"Content-Type": "text/plain"}, 415),
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "several parts": ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
}


@pytest.mark.parametrize("how", FOREIGN)
def test_a_cookie_signs_nobody_in_from_another_site(chat: Chat, how: str) -> None:
    """The credential that was used decides: a cookie beside another header is a cookie still."""
    headers, status = FOREIGN[how]
    signed = {"Content-Type": "application/json", **headers, "Cookie": f"access_token={token(chat.user)}"}
    answer = chat.http.post(f"{chat.url}/chatkit", content=b'{"type": "threads.list", "params": {}}', headers=signed)
    assert answer.status_code == status, answer.text


def test_the_same_host_by_another_scheme_is_another_site(chat: Chat) -> None:
    """A page that came without TLS, or with it where we have none, is not ours."""
    signed = {"Cookie": f"access_token={token(chat.user)}", "Origin": chat.url.replace("http://", "https://")}
    body = {"type": "threads.list", "params": {}}
    assert chat.http.post(f"{chat.url}/chatkit", json=body, headers=signed).status_code == 403
    own = {**signed, "Origin": chat.url}
    assert chat.http.post(f"{chat.url}/chatkit", json=body, headers=own).status_code == 200


def test_a_bearer_token_is_the_callers_own_will(chat: Chat) -> None:
    """What no browser sends by itself is taken from any page."""
    headers = {**chat.headers, "Origin": "https://evil.example", "Content-Type": "text/plain"}
    answer = chat.http.post(f"{chat.url}/chatkit", content=b'{"type": "threads.list", "params": {}}', headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("audio", ["né", "ä" * 8, "====", "a"])
def test_audio_that_is_not_base64_is_refused(chat: Chat, audio: str) -> None:
    """Letters that are not ASCII are no fault of the server's."""
    answer = chat.ask("input.transcribe", audio_base64=audio, mime_type="audio/webm")
    assert answer.status_code == 422, answer.text


def test_more_than_was_announced_is_refused(chat: Chat) -> None:
    """A file of more bytes than it was registered with is not kept."""
    made = chat.ask("attachments.create", name="a.txt", size=3, mime_type="text/plain").json()
    url = made["upload_descriptor"]["url"]
    assert chat.http.put(url, content=b"x" * 4, headers=chat.headers).status_code == 413
    assert chat.http.put(url, content=b"x" * 3, headers=chat.headers).status_code == 200


def test_the_page_may_not_be_framed(chat: Chat) -> None:
    """The page says what it may load and that nobody frames it; answers are kept in no cache."""
    page = chat.http.get(chat.url).headers
    assert "frame-ancestors 'none'" in page["content-security-policy"]
    assert page["x-content-type-options"] == "nosniff"
    assert page["referrer-policy"]
    assert chat.ask("threads.list").headers["cache-control"] == "no-store"
