"""No bad token signs anybody in: each of them, on all sixteen requests, in the header, the cookie, and both."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from chatkit_conformance.wrong_requests.sample import Ids, request_types, sample
from reference_server.app import Web, make_app
from reference_server.auth import COOKIE
from reference_server.settings import Settings

SECRET = "bad-token-tests-secret-of-thirty-two-bytes"
THEIRS = "a-secret-of-somebody-else-of-thirty-two-bytes"


def part(value: bytes) -> str:
    """Bytes as a segment of a token."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def token(claims: object, *, header: Mapping[str, Any] | None = None, key: str = SECRET, digest: str = "sha256") -> str:
    """A token of these claims, signed by hand, so that no library refuses to make it. digest "": not signed."""
    head = {"alg": "HS256", "typ": "JWT"} if header is None else dict(header)
    signed = f"{part(json.dumps(head).encode())}.{part(json.dumps(claims).encode())}"
    if not digest:
        return f"{signed}."
    return f"{signed}.{part(hmac.new(key.encode(), signed.encode(), getattr(hashlib, digest)).digest())}"


def good() -> dict[str, Any]:
    """The claims of a good token."""
    return {"sub": "user-a", "exp": int(time.time()) + 600}


def without(name: str) -> dict[str, Any]:
    """The claims of a good token, one of them left out."""
    return {key: value for key, value in good().items() if key != name}


NOW = int(time.time())
GOOD = token(good())
SEGMENTS = GOOD.split(".")
BAD: Mapping[str, str] = {
    "another secret": token(good(), key=THEIRS),
    "an empty secret": token(good(), key=""),
    "a signature turned round": ".".join([*SEGMENTS[:2], SEGMENTS[2][::-1]]),
    "a signature cut": ".".join([*SEGMENTS[:2], SEGMENTS[2][:-4]]),
    "other claims under the signature": ".".join(
        [SEGMENTS[0], part(json.dumps({**good(), "sub": "b"}).encode()), SEGMENTS[2]]
    ),
    "none": token(good(), header={"alg": "none"}, digest=""),
    "NONE": token(good(), header={"alg": "NONE"}, digest=""),
    "nOnE": token(good(), header={"alg": "nOnE"}, digest=""),
    "None, signed": token(good(), header={"alg": "None"}),
    "hs256": token(good(), header={"alg": "hs256"}),
    "no algorithm": token(good(), header={"typ": "JWT"}),
    "a list of algorithms": token(good(), header={"alg": ["HS256"]}),
    "RS256": token(good(), header={"alg": "RS256"}),
    "ES256": token(good(), header={"alg": "ES256"}),
    "HS384": token(good(), header={"alg": "HS384"}, digest="sha384"),
    "HS512": token(good(), header={"alg": "HS512"}, digest="sha512"),
    "a key of its own": token(
        good(), header={"alg": "HS256", "jwk": {"kty": "oct", "k": part(THEIRS.encode())}}, key=THEIRS
    ),
    "keys at an address": token(good(), header={"alg": "HS256", "jku": "http://127.0.0.1:9/k", "kid": "k"}, key=THEIRS),
    "a certificate of its own": token(good(), header={"alg": "HS256", "x5c": ["MIIB"], "kid": "../../k"}, key=THEIRS),
    "a kid that is a number": token(good(), header={"alg": "HS256", "kid": 7}),
    "a claim that is critical": token(good(), header={"alg": "HS256", "crit": ["exp"]}),
    "a header without end": f"{part(b'[' * 5000)}.{SEGMENTS[1]}.{SEGMENTS[2]}",
    "a critical extension": token(good(), header={"alg": "HS256", "crit": ["b64"], "b64": False}),
    "expired a second ago": token({**good(), "exp": NOW - 1}),
    "expired a year ago": token({**good(), "exp": NOW - 31_536_000}),
    "not yet valid": token({**good(), "nbf": NOW + 3600}),
    "made in the future": token({**good(), "iat": NOW + 3600}),
    "another audience": token({**good(), "aud": "another-application"}),
    "no expiry": token(without("exp")),
    "an expiry of text": token({**good(), "exp": "tomorrow"}),
    "an expiry of digits": token({**good(), "exp": "9999999999"}),
    "an expiry of true": token({**good(), "exp": True}),
    "an expiry without end": token({**good(), "exp": float("inf")}),
    "an expiry that is none": token({**good(), "exp": float("nan")}),
    "an expiry before 1970": token({**good(), "exp": -1.5}),
    "a beginning of digits": token({**good(), "nbf": "1"}),
    "an expiry of null": token({**good(), "exp": None}),
    "an expiry of an object": token({**good(), "exp": {}}),
    "nobody": token(without("sub")),
    "a user of no letters": token({**good(), "sub": ""}),
    "a user that is a number": token({**good(), "sub": 7}),
    "a user that is null": token({**good(), "sub": None}),
    "a user that is true": token({**good(), "sub": True}),
    "a user that is a list": token({**good(), "sub": ["a"]}),
    "claims that are a list": token([good()]),
    "two segments": ".".join(SEGMENTS[:2]),
    "four segments": f"{GOOD}.{SEGMENTS[2]}",
    "words": "this.is-no.token",
    "ten thousand letters": "e" * 10_000,
}
"""Bad tokens by what is wrong with them."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The application, asked in this process."""
    folder = tmp_path_factory.mktemp("tokens")
    environment = {
        "GEMINI_API_KEY": "k",
        "GEMINI_BASE_URL": "http://127.0.0.1:9/v1beta/openai/",  # nobody is there: who is signed in gets an error event
        "JWT_SECRET": SECRET,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/chat.db",
        "RATE_LIMIT": "0",
    }
    with TestClient(make_app(Web(Settings.from_environment(environment))), cookies=None) as asked:
        yield asked


def status(client: TestClient, type: str, headers: Mapping[str, str]) -> int:
    """How a request of this type is answered."""
    body = json.dumps(sample(type, full=False, ids=Ids()))
    sent = {"content-type": "application/json", **headers}
    return int(client.post("/chatkit", content=body, headers=sent).status_code)


def ways(bad: str) -> Iterator[tuple[str, dict[str, str], bool]]:
    """Where a bad token may stand, beside what, and whether the request is still somebody's."""
    bearer, cookie = f"Bearer {bad}", f"{COOKIE}={bad}"
    yield "header", {"authorization": bearer}, False
    yield "cookie", {"cookie": cookie}, False
    yield "both", {"authorization": bearer, "cookie": cookie}, False
    yield "header beside a good cookie", {"authorization": bearer, "cookie": f"{COOKIE}={GOOD}"}, False
    yield "cookie beside another scheme", {"authorization": "Basic eDp5", "cookie": cookie}, False
    yield "cookie beside a good header", {"authorization": f"Bearer {GOOD}", "cookie": cookie}, True


def test_two_credentials_in_one_field_sign_nobody_in(client: TestClient) -> None:
    """Which of them counts is for no server to choose: the field is sent once."""
    body = json.dumps({"type": "threads.list", "params": {}})
    for twice in ((GOOD, GOOD), (GOOD, BAD["words"]), (BAD["words"], GOOD)):
        headers = [("content-type", "application/json"), *(("authorization", f"Bearer {one}") for one in twice)]
        assert client.post("/chatkit", content=body, headers=httpx.Headers(headers)).status_code == 401


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_refused_on_every_request(client: TestClient, name: str) -> None:
    """401 on all sixteen requests, wherever it stands; the header decides where both are there."""
    wrong = {
        (type, way): got
        for type in request_types()
        for way, headers, signed_in in ways(BAD[name])
        if ((got := status(client, type, headers)) == 401) is signed_in
    }
    assert wrong == {}


def test_a_good_token_is_taken_on_every_request(client: TestClient) -> None:
    """No request is refused with 401 where the token is good: the refusals above are the token's doing."""
    for headers in ({"authorization": f"Bearer {GOOD}"}, {"cookie": f"{COOKIE}={GOOD}"}):
        assert 401 not in {status(client, type, headers) for type in request_types()}
