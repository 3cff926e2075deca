"""How much one user may ask for, send and keep."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from reference_server.rate_limit import RateLimit
from reference_server.refusal import Refusal

from .conftest import Chat, environment_for, started


class _Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def allowed(limit: RateLimit, user: str) -> int:
    """The seconds to wait, 0 where the request is allowed."""
    try:
        limit.check(user)
    except Refusal as refusal:
        return int(refusal.headers["Retry-After"])
    return 0


def test_a_bucket_fills_again_within_a_minute() -> None:
    """What was taken comes back evenly; a user who waits as long as was said is served."""
    clock = _Clock()
    limit = RateLimit(3, clock)
    assert [allowed(limit, "a") for _ in range(4)] == [0, 0, 0, 20]
    clock.now += 20
    assert [allowed(limit, "a") for _ in range(2)] == [0, 20]
    clock.now += 3600
    assert [allowed(limit, "a") for _ in range(4)] == [0, 0, 0, 20]


def test_each_user_has_a_bucket_of_their_own() -> None:
    """Ten thousand others take nothing of it, whatever they are called."""
    limit = RateLimit(1, _Clock())
    others = [*(f"user {n}" for n in range(10_000)), "", "\ud800", "x" * 100_000]
    assert [user for user in others if allowed(limit, user)] == []
    assert [user for user in others if not allowed(limit, user)] == []


def test_workers_count_together() -> None:
    """What one process counted, another one knows: the limit is the server's, not each worker's."""
    limit = RateLimit(2)
    for _ in range(2):
        child = os.fork()
        if child == 0:
            os._exit(0 if allowed(limit, "a") == 0 else 1)
        assert os.waitpid(child, 0)[1] == 0
    assert allowed(limit, "a") > 0
    assert allowed(limit, "b") == 0


@pytest.fixture(scope="module")
def small(upstream: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    """A server that keeps ten bytes for each user, and serves ten downloads a minute."""
    folder = tmp_path_factory.mktemp("small")
    environment = environment_for(folder, upstream, MAX_STORED_BYTES="10", RATE_LIMIT="10")
    with started("reference_server", "--port", "0", environment=environment) as (url, _):
        yield Chat(url=url, upstream=upstream, folder=folder, user="nobody")


def uploaded(chat: Chat, content: bytes) -> tuple[int, str]:
    """A file registered and sent: the status, and its address."""
    made = chat.ask("attachments.create", name="a.txt", size=len(content), mime_type="text/plain").json()
    url = made["upload_descriptor"]["url"]
    return chat.http.put(url, content=content, headers=chat.headers).status_code, url


def test_no_user_fills_the_disk(small: Chat) -> None:
    """Files beyond a user's quota are refused, a file that is sent again counts once, and others have their own."""
    chat = small.as_user("hoarder")
    first, url = uploaded(chat, b"x" * 6)
    assert first == 200
    assert chat.http.put(url, content=b"y" * 6, headers=chat.headers).status_code == 200
    second, _ = uploaded(chat, b"x" * 6)
    assert second == 413
    assert uploaded(small.as_user("neighbour"), b"x" * 10)[0] == 200


def test_downloads_are_limited_too(small: Chat) -> None:
    """And not by what is said meanwhile: a thread of pictures keeps nobody from talking."""
    chat = small.as_user("looker")
    _, url = uploaded(chat, b"x")
    got = [chat.http.get(url, headers=chat.headers) for _ in range(11)]
    assert [answer.status_code for answer in got] == [200] * 10 + [429]
    assert int(got[-1].headers["retry-after"]) > 0
    assert chat.ask("threads.list").status_code == 200
