"""Every ill set-up: what is wrong with it, and what the doctor's first line must say."""

from __future__ import annotations

import os
import sys
import time

from . import annex
from . import complaints as c
from . import symptoms as s
from .illness import Illness

ORIGIN = "https://app.example.com"
ASKED_FROM = ("--origin", ORIGIN)


class UndefinedTableError(Exception):
    """As asyncpg raises it."""


def _needs_setting() -> None:
    os.environ["SHOP_DATABASE_PASSWORD"]


def _prints_and_ends() -> None:
    sys.exit("config: WIDGET_API_URL is not set, giving up")


def _sleeps() -> None:
    time.sleep(60)


def _taken() -> None:
    import socket

    first = socket.create_server(("127.0.0.1", 0))
    socket.create_server(first.getsockname())


def _settings() -> None:
    from pydantic import BaseModel

    class ShopSettings(BaseModel):
        shop_region: str

    ShopSettings()  # type: ignore[call-arg]  # that it is incomplete is the illness


ROWS = (
    Illness(
        name="no-module",
        says="The module that the command names is not installed.",
        id="module",
        words=r"no module nothing_of_this_name",
        command=(sys.executable, "-m", "nothing_of_this_name"),
    ),
    Illness(
        name="no-program",
        says="There is no such program.",
        id="command",
        words=r"'no-such-program' could not be started",
        command=("no-such-program",),
    ),
    Illness(
        name="no-setting",
        says="A variable that the start needs is not set.",
        id="environment",
        words=r"needs SHOP_DATABASE_PASSWORD .*\[target\.env\]",
        begin=_needs_setting,
    ),
    Illness(
        name="no-setting-told",
        says="The server itself says which variable it misses, and ends.",
        id="environment",
        words=r"needs WIDGET_API_URL .*\[target\.env\]",
        begin=_prints_and_ends,
    ),
    Illness(
        name="settings-class",
        says="A class of settings lacks a value.",
        id="environment",
        words=r"settings are not complete .*ShopSettings",
        begin=_settings,
    ),
    Illness(
        name="port-taken",
        says="The port that it wants is taken.",
        id="port-taken",
        words=r"port is taken.*\{port\}",
        begin=_taken,
    ),
    Illness(
        name="own-port",
        says="It listens on a port of its own and not on PORT, and no ChatKit is at its path there.",
        id="port",
        words=r"listens on port 1957\d, and not on .*--port \{port\}",
        port=19571,
        wrap=c.at("/somewhere/else"),
    ),
    Illness(
        name="never-up",
        says="It is still busy when the time is over.",
        id="start",
        words=r"did not listen on port .*--within",
        begin=_sleeps,
        options=("--within", "6"),
    ),
    Illness(
        name="web-page",
        says="A web page answers at ChatKit's path.",
        id="endpoint",
        words=r"is a web page, not ChatKit",
        instead=s.web_page,
    ),
    Illness(
        name="moved-for-good",
        says="A redirect after which browsers ask with GET.",
        id="endpoint",
        words=r"HTTP 301.*sends on to /chatkit/.*307 or 308",
        wrap=s.moved_301,
    ),
    Illness(
        name="other-secret",
        says="Tokens are checked with a secret of its own.",
        id="credentials",
        words=r"refuses user a .*JWT_SECRET.*jwt_secret",
        begin=s.other_secret,
    ),
    Illness(
        name="token-in-cookie",
        says="The token is read from a cookie alone.",
        id="credentials",
        words=r"token from the cookie access_token.*\[users\.a\] cookies",
        wrap=s.cookie_only,
    ),
    Illness(
        name="database-away",
        says="The database refuses connections.",
        id="database-away",
        words=r"database cannot be reached .*5432.*DATABASE_URL",
        wrap=s.fails('connection to server at "127.0.0.1", port 5432 failed: Connection refused'),
    ),
    Illness(
        name="no-tables",
        says="The tables were never made.",
        id="database-tables",
        words=r"no tables .*threads.*migrations",
        wrap=s.fails("sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such table: threads"),
    ),
    Illness(
        name="no-tables-for-messages",
        says="The tables of messages were never made: lists are read, and the first message fails.",
        id="database-tables",
        words=r"no tables .*messages",
        wrap=s.breaks_off(UndefinedTableError('relation "messages" does not exist')),
    ),
    Illness(
        name="no-key",
        says="The variable of the key is another, so the word None is sent.",
        id="key",
        words=r"the word None.*GEMINI_API_KEY",
        model=s.with_header("authorization", "Bearer None"),
    ),
    Illness(
        name="no-key-at-all",
        says="No key is sent.",
        id="key",
        words=r"sends its model no API key.*GEMINI_API_KEY",
        model=s.with_header("authorization", ""),
    ),
    Illness(
        name="openai-key",
        says="OpenAI's key is sent to Gemini.",
        id="key",
        words=r"sends its model OPENAI_API_KEY",
        model=s.with_openai_key,
    ),
    Illness(
        name="url-without-slash",
        says="Base URL and path are glued together without a slash.",
        id="base-url",
        words=r"POST /v1beta/openaichat/completions.*slash .* is missing",
        model=s.at_path("/v1beta/openaichat/completions"),
    ),
    Illness(
        name="url-two-slashes",
        says="Base URL and path are joined with two slashes.",
        id="base-url",
        words=r"two slashes",
        model=s.at_path("/v1beta/openai//chat/completions"),
    ),
    Illness(
        name="url-v1",
        says="v1 of OpenAI's own address is added.",
        id="base-url",
        words=r"'v1/' is added to the base URL",
        model=s.at_path("/v1beta/openai/v1/chat/completions"),
    ),
    Illness(
        name="url-dropped",
        says="The base URL's path is dropped.",
        id="base-url",
        words=r"POST /chat/completions.*was dropped",
        model=s.at_path("/chat/completions"),
    ),
    Illness(
        name="responses",
        says="It asks OpenAI's Responses API.",
        id="responses-api",
        words=r"^The server asks OpenAI's Responses API, which Gemini does not have: set a chat completions model\.",
        model=s.at_path("/v1beta/openai/responses"),
    ),
    Illness(
        name="url-in-code",
        says="Gemini's address is written down in the code.",
        id="base-url",
        words=r"asks generativelanguage\.googleapis\.com, whatever .*GEMINI_BASE_URL",
        model=s.at_host("https://generativelanguage.googleapis.com/v1beta/openai/"),
    ),
    Illness(
        name="openai-in-code",
        says="It asks OpenAI, as the client does without a base URL.",
        id="base-url",
        words=r"asks api\.openai\.com, whatever .*GEMINI_BASE_URL",
        model=s.at_host("https://api.openai.com/v1/"),
    ),
    Illness(
        name="model-of-another",
        says="The model is not Gemini's.",
        id="model",
        words=r"asks for gpt-4\.1, which is no model of Gemini's.*GEMINI_MODEL=gemini-",
        model=s.named("gpt-4.1"),
    ),
    Illness(
        name="model-retired",
        says="The model was retired.",
        id="model",
        words=r"gemini-2\.0-flash, which Gemini does not serve any more since 2026-06-01",
        model=s.named("gemini-2.0-flash"),
    ),
    Illness(
        name="model-misspelled",
        says="The model's name has a slip in it.",
        id="model",
        words=r"gemini-3\.8-flahs, a model that Gemini does not have.*GEMINI_MODEL=gemini-3\.8-flash",
        model=s.named("gemini-3.8-flahs"),
    ),
    Illness(
        name="field-of-openai",
        says="A field is sent that Gemini refuses.",
        id="refused",
        words=r"Gemini refuses .*HTTP 400.*store",
        model=s.with_field("store", True),
    ),
    Illness(
        name="hangs",
        says="A message is never answered.",
        id="hangs",
        words=r"gives no answer to the first message",
        wrap=s.hangs,
    ),
    Illness(
        name="never-ends",
        says="The stream stays open after the answer.",
        id="never-ends",
        words=r"answer to the first message does not end",
        wrap=s.never_ends,
    ),
    Illness(
        name="no-content-type",
        says="A stream that is called JSON.",
        id="content-type",
        words=r"calls it application/json.*text/event-stream",
        wrap=s.called("application/json"),
    ),
    Illness(
        name="lines-of-json",
        says="A line of JSON for each event, and no event stream.",
        id="no-stream",
        words=r"application/x-ndjson.*event stream",
        wrap=s.lines_of_json,
    ),
    Illness(
        name="other-protocol",
        says="The stream is that of OpenAI's chat completions.",
        id="not-chatkit",
        words=r"not ChatKit: .*Chat Completions API",
        wrap=s.other_protocol,
    ),
    Illness(
        name="done-line",
        says="The stream ends with [DONE], which is no JSON.",
        id="frames",
        words=r"Event \d+ .*cannot be read.*\[DONE\]",
        wrap=s.done_line,
    ),
    Illness(
        name="raises",
        says="Answering raises a TypeError, and the stream breaks off.",
        id="breaks-off",
        words=r"breaks off .*TypeError: respond\(\) takes 3",
        wrap=s.breaks_off(TypeError("respond() takes 3 positional arguments but 4 were given")),
    ),
    Illness(
        name="buffered",
        says="Something in front keeps the stream back until it is whole.",
        id="buffered",
        words=r"stream is buffered: .*(X-Accel-Buffering|content-length)",
        wrap=s.buffered(),
    ),
    Illness(
        name="compressed",
        says="A middleware compresses the stream, and so keeps it back.",
        id="buffered",
        words=r"stream is buffered: .*compressed \(gzip\)",
        wrap=s.buffered(gzip=True),
    ),
    Illness(
        name="forgets",
        says="Each request has a store of its own.",
        id="thread-lost",
        words=r"does not know the thread .*one store for the whole process",
        forgets=True,
    ),
    Illness(
        name="one-id",
        says="Every answer has the same id.",
        id="same-id",
        words=r"__fake_id__.*generate_item_id",
        wrap=s.one_id,
    ),
    Illness(
        name="stock-parts",
        says="Stock chatkit and agents, of releases that do not go together: the second turn fails.",
        id="versions",
        words=r"openai-agents 0\.\d+\.\d+ does not go with openai-chatkit .*pip install 'openai-agents==0\.18\.3'",
        instead=s.stock,
        auth="none",
    ),
    Illness(
        name="everyone-is-one",
        says="Every token is the same user's.",
        id="users",
        words=r"User b's list shows user a's thread",
        wrap=s.one_user,
    ),
    Illness(
        name="user-b-unknown",
        says="Only users who were signed up are taken, and b was not.",
        id="user-b",
        words=r"takes user a and refuses user b",
        wrap=s.knows_only_a,
    ),
    Illness(
        name="no-cors",
        says="No other origin is let in.",
        id="cors",
        words=r"page of https://app\.example\.com may not use the server: the preflight .*405.*allow_origins",
        options=ASKED_FROM,
    ),
    Illness(
        name="cors-other",
        says="Another origin is let in.",
        id="cors",
        words=r"may not use the server: .*(HTTP 400|http://localhost:3000)",
        options=ASKED_FROM,
        wrap=s.cors("http://localhost:3000"),
    ),
    Illness(
        name="cors-headers",
        says="The origin is let in, and its Authorization header is not.",
        id="cors",
        words=r"may not use the server: .*(authorization|HTTP 400)",
        options=ASKED_FROM,
        wrap=s.cors(ORIGIN, headers=["content-type"]),
    ),
    Illness(
        name="cookie-dropped",
        says="A cookie for every site that is not Secure.",
        id="cookie",
        words=r"drop the server's cookie shop_session: it has SameSite=None without Secure",
        wrap=s.sets_cookie("shop_session=4711; Path=/; HttpOnly; SameSite=None"),
    ),
)

WARD = {row.name: row for row in (*ROWS, *annex.ROWS)}
"""Every illness by its name."""
