"""Tokens of the application alone: its issuer and audience where it names them, and no secret that can be guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from reference_server.app import Web, make_app
from reference_server.settings import Settings, SettingsError

from .conftest import SECRET, token

BODY = json.dumps({"type": "threads.list", "params": {}})


def settings(folder: Path, **more: str) -> Settings:
    """The settings of a server that asks nobody."""
    environment = {
        "GEMINI_API_KEY": "k",
        "GEMINI_BASE_URL": "http://127.0.0.1:9/v1beta/openai/",
        "JWT_SECRET": SECRET,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/chat.db",
    }
    return Settings.from_environment({**environment, **more})


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"iss": "our-application", "aud": "chat"}, 200),
        ({"iss": "our-application", "aud": ["chat", "mail"]}, 200),
        ({"iss": "another", "aud": "chat"}, 401),
        ({"iss": "our-application", "aud": "mail"}, 401),
        ({"iss": "our-application"}, 401),
        ({"aud": "chat"}, 401),
        ({}, 401),
    ],
)
def test_issuer_and_audience_count_where_they_are_named(tmp_path: Path, claims: dict[str, Any], status: int) -> None:
    """A token of another issuer, for somebody else, or of nobody is refused; so is one that says neither."""
    named = settings(tmp_path, JWT_ISSUER="our-application", JWT_AUDIENCE="chat")
    headers = {"authorization": f"Bearer {token('a', **claims)}", "content-type": "application/json"}
    with TestClient(make_app(Web(named))) as asked:
        assert asked.post("/chatkit", content=BODY, headers=headers).status_code == status


def test_the_demo_user_is_the_applications_own(tmp_path: Path) -> None:
    """Who signs in at /demo has a token of the issuer and the audience that are asked for."""
    web = Web(settings(tmp_path, JWT_ISSUER="our-application", JWT_AUDIENCE="chat"), demo_user="ann")
    with TestClient(make_app(web), base_url="http://127.0.0.1") as asked:
        assert asked.get(f"/demo?key={web.demo_key}").status_code == 200
        answer = asked.post("/chatkit", content=BODY, headers={"content-type": "application/json"})
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("weak", ["a" * 32, "ab" * 40, "password" * 5, "0123456789" * 4 + "01", "1234567" + "7" * 40])
def test_a_secret_that_can_be_guessed_is_none(tmp_path: Path, weak: str) -> None:
    """Long enough is not enough: one that repeats itself is refused, with what to type and without the secret."""
    with pytest.raises(SettingsError, match="openssl rand") as refused:
        settings(tmp_path, JWT_SECRET=weak)
    assert weak not in str(refused.value)


@pytest.mark.parametrize(
    "strong", ["0f" + "3a91c07be2d4568f" * 1 + "77c1d20e9b4a6638", "correct horse battery staple, four words"]
)
def test_a_secret_that_cannot_is_taken(tmp_path: Path, strong: str) -> None:
    """Hexadecimal digits and words that do not repeat are secrets."""
    assert settings(tmp_path, JWT_SECRET=strong).jwt_secret == strong


def test_the_address_of_an_upload_is_the_servers_own(tmp_path: Path) -> None:
    """Where PUBLIC_URL names the server, no Host header decides where a file is sent, nor which page is ours."""
    named = settings(tmp_path, PUBLIC_URL="https://chat.example")
    made = json.dumps({"type": "attachments.create", "params": {"name": "a", "size": 1, "mime_type": "text/plain"}})
    signed = {"host": "evil.example", "content-type": "application/json"}
    with TestClient(make_app(Web(named))) as asked:
        bearer = {**signed, "authorization": f"Bearer {token('a')}"}
        url = asked.post("/chatkit", content=made, headers=bearer).json()["upload_descriptor"]["url"]
        assert url.startswith("https://chat.example/attachments/")
        cookie = {**signed, "cookie": f"access_token={token('a')}"}
        for origin, status in (("https://chat.example", 200), ("", 403), ("https://chat.example.evil", 403)):
            answer = asked.post("/chatkit", content=BODY, headers={**cookie, "origin": origin})
            assert answer.status_code == status, origin
