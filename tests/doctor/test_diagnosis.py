"""From what was seen to one cause: pure functions, each kind of evidence by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chatkit_conformance.diagnosis.asked import asked_wrongly, wrong_path
from chatkit_conformance.diagnosis.front import dropped_cookie, preflight, refused_origin, weak_cookies
from chatkit_conformance.diagnosis.printed import ANSWERS, DATABASE, SOCKET, STARTS, UNASKED, sign_in
from chatkit_conformance.diagnosis.versions import clash_of
from chatkit_conformance.doctor.browser import clock_off_s
from chatkit_conformance.doctor.interpreter import python_of
from chatkit_conformance.target.scrub import fingerprint
from chatkit_conformance.transcript import Call, Reply

CHAT = "/v1beta/openai/chat/completions"
ORIGIN = "https://app.example.com"


def shown(key: str) -> dict[str, str]:
    """The Authorization header of a call as the journal keeps it."""
    return {"authorization": f"Bearer sha256:{fingerprint(key).removeprefix('<secret ').removesuffix('>')}"}


@pytest.mark.parametrize(
    ("lines", "id", "said"),
    [
        (["ModuleNotFoundError: No module named 'fastapi'"], "module", "fastapi"),
        (["/usr/bin/python: No module named shop"], "module", "shop"),
        (["Error: Cannot find module 'express'"], "module", "npm install"),
        (["OSError: [Errno 98] error while attempting to bind: address already in use"], "port-taken", "{port}"),
        (["Error: listen EADDRINUSE: address already in use :::3000"], "port-taken", "{port}"),
        (["KeyError: 'REDIS_URL'"], "environment", "REDIS_URL"),
        (["ValueError: Missing required environment variable: SHOP_TOKEN"], "environment", "SHOP_TOKEN"),
        (["Error: STRIPE_API_KEY must be set"], "environment", "STRIPE_API_KEY"),
        (
            ["openai.OpenAIError: The api_key client option must be set either by passing"],
            "openai-key",
            "GEMINI_API_KEY",
        ),
        (["ImportError: cannot import name 'Agent' from 'agents'"], "versions", "agents has no Agent"),
        (["ModuleNotFoundError: No module named 'agents.extensions'"], "module", "pip install openai-agents"),
        (["ModuleNotFoundError: No module named 'agentshop'"], "module", "has agentshop installed"),
        (['npm error Missing script: "dev"', "npm error A complete log of this run"], "command", 'script: "dev"'),
        (["ModuleNotFoundError: No module named 'chatkit.server'; 'chatkit' is not a package"], "module", "Rename"),
        (["ImportError: cannot import name 'a' from partially initialized module 'app.b' (most"], "module", "app.b is"),
        (
            ["ImportError: cannot import name 'Agent' from 'agents' (/app/agents.py)"],
            "module",
            "its own /app/agents.py",
        ),
        (
            ["ImportError: cannot import name 'Agent' from 'agents' (/v/site-packages/agents/__init__.py)"],
            "versions",
            "another package of that name",
        ),
        (["ImportError: cannot import name 'override' from 'typing' (/lib/typing.py)"], "python", "requires-python"),
        (["ModuleNotFoundError: No module named 'tomllib'"], "python", "too old"),
        (["docker: Cannot connect to the Docker daemon at unix:///run/d.sock.", "See 'x'"], "docker", "docker info"),
        (["bash: line 1: ./start.sh: Permission denied"], "command", "chmod +x ./start.sh"),
        (["ERROR: [Errno 13] error while attempting to bind on address ('::', 80): x"], "port-refused", "{port}"),
        (["Error: listen EACCES: permission denied 0.0.0.0:80"], "port-refused", "1024"),
        (["Migrate now? [y/N] Traceback", "EOFError: EOF when reading a line"], "question", "--yes"),
        (["SyntaxError: Cannot use import statement outside a module"], "syntax", '"type": "module"'),
        (['TypeError [ERR_UNKNOWN_FILE_EXTENSION]: Unknown file extension ".ts" for /app/s.ts'], "syntax", "npx tsx"),
        (
            ["2 validation errors for Settings", "session_secret", "  Field required [type=missing"],
            "environment",
            "Settings: session_secret)",
        ),
        (['ERROR: Error loading ASGI app. Could not import module "main".'], "asgi", "cwd"),
    ],
)
def test_what_ended_a_start_is_read_from_what_was_printed(lines: list[str], id: str, said: str) -> None:
    """Each kind of last words has its cause."""
    cause = sign_in(lines, STARTS)
    assert cause is not None
    assert cause.id == id
    assert said in str(cause)


@pytest.mark.parametrize(
    ("line", "id"),
    [
        ("psycopg.OperationalError: connection failed: port 5432: Connection refused", "database-away"),
        ("Error: connect ECONNREFUSED 127.0.0.1:5432", "database-away"),
        ("MongoServerSelectionError: connect ECONNREFUSED 127.0.0.1:27017", "database-away"),
        (
            'asyncpg.exceptions.InvalidPasswordError: password authentication failed for user "app"',
            "database-locked-out",
        ),
        ('relation "threads" does not exist', "database-tables"),
        ("sqlite3.OperationalError: unable to open database file", "database-file"),
        ("sqlite3.OperationalError: attempt to write a readonly database", "database-file"),
    ],
)
def test_a_database_that_is_not_there_is_known_by_what_is_printed(line: str, id: str) -> None:
    """Each kind of database trouble has its cause, whatever the driver."""
    cause = sign_in(["INFO up", line], DATABASE)
    assert cause is not None
    assert cause.id == id


@pytest.mark.parametrize(
    ("line", "id"),
    [
        ("httpx.LocalProtocolError: Illegal header value b'Bearer <secret edf20ace>\\n'", "key"),
        ("httpx.ConnectError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "base-url"),
        ("Error: write EPROTO 40:error:1408F10B:SSL routines:ssl3_get_record:wrong version number", "base-url"),
        ("httpx.ConnectError: [Errno -2] Name or service not known", "base-url"),
        ("Error: getaddrinfo ENOTFOUND gemini", "base-url"),
        ("httpx.ConnectError: All connection attempts failed", "base-url"),
        ("Error: connect ECONNREFUSED 127.0.0.1:9100", "base-url"),
        ("ValueError: no such plan", ""),
    ],
)
def test_why_no_model_was_asked_is_read_from_what_was_printed(line: str, id: str) -> None:
    """Each way not to reach a base URL has its cause; another exception has none."""
    cause = sign_in(["INFO up", line], UNASKED)
    assert (cause.id if cause else "") == id


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ('"k-1234567"', "GEMINI_API_KEY stands in quotes"),
        ("${KEY}", "it holds quotes, a space or a variable"),
    ],
)
def test_a_key_that_is_none_is_told_by_its_shape(sent: str, said: str) -> None:
    """What Gemini does not take is compared with the key that the server was given."""
    call = Call(
        n=0,
        path=CHAT,
        status=400,
        headers=shown(sent),
        complaints=("API key not valid. Please pass a valid API key.",),
    )
    cause = asked_wrongly([call], {"GEMINI_API_KEY": "k-1234567"})
    assert cause is not None
    assert said in cause.says


@pytest.mark.parametrize(
    ("date", "off"),
    [
        ("Fri, 27 Nov 2026 12:00:00 GMT", 0),
        ("Fri, 27 Nov 2026 12:30:00 GMT", 0),
        ("Fri, 27 Nov 2026 14:00:00 GMT", 7200),
        ("Fri, 27 Nov 2026 11:50:00 GMT", -600),
        ("soon", 0),
        ("", 0),
    ],
)
def test_a_clock_is_blamed_only_where_it_spoils_a_token(date: str, off: float) -> None:
    """A token of now has expired there, or is one of the future; half an hour ahead does neither."""
    now = datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp()
    assert clock_off_s(Reply(label="x", status=401, headers={"date": date}), now) == off


def test_a_hosted_tool_is_named() -> None:
    """The Agents SDK's refusal of a tool that Gemini does not have is told with the tool's kind."""
    said = (
        "agents.exceptions.UserError: Hosted tools are not supported with the ChatCompletions API. Got tool type: "
        "<class 'agents.tool.WebSearchTool'>, tool: WebSearchTool(user_location=None)"
    )
    cause = sign_in(["INFO up", said], ANSWERS)
    assert cause is not None
    assert cause.id == "hosted-tools"
    assert "agents.tool.WebSearchTool" in str(cause)


def test_a_socket_that_is_a_file_is_told() -> None:
    """A server that listens on a file is named with it, as uvicorn and gunicorn print it."""
    for line in ("Uvicorn running on unix socket /run/a.sock (Press CTRL+C)", "Listening at: unix:/run/a.sock (17)"):
        cause = sign_in([line], (SOCKET,))
        assert cause is not None
        assert "the socket /run/a.sock" in str(cause)


def test_ordinary_lines_are_no_signs() -> None:
    """A log of a server that is well names no cause."""
    log = [
        "INFO:     Started server process [4711]",
        "INFO:     Uvicorn running on http://127.0.0.1:5432 (Press CTRL+C to quit)",
        "OPENAI_API_KEY is not needed here",
        "connected to the database",
    ]
    assert sign_in(log, ANSWERS) is None
    assert sign_in(log, (*STARTS, SOCKET)) is None


@pytest.mark.parametrize(
    ("path", "id", "said"),
    [
        ("/v1beta/openai/responses", "responses-api", "set a chat completions model"),
        ("/v1/responses", "responses-api", "set a chat completions model"),
        ("/v1beta/openaichat/completions", "base-url", "slash"),
        ("/v1beta/openai//chat/completions", "base-url", "two slashes"),
        ("/v1beta/openai/v1/chat/completions", "base-url", "'v1/' is added"),
        ("/v1/chat/completions", "base-url", "was dropped"),
        ("/v1beta/openai/chat/completions/", "base-url", "ends with a slash"),
        ("/v1beta/openai/models/gemini-3.8-flash:streamGenerateContent", "base-url", "GOOGLE_GEMINI_BASE_URL"),
        ("/v1beta/openai/threads", "base-url", "does not have"),
    ],
)
def test_each_wrong_path_has_its_reason(path: str, id: str, said: str) -> None:
    """What is wrong with a base URL is read from the path that was asked for."""
    cause = wrong_path(path)
    assert cause.id == id
    assert said in str(cause)


def test_a_server_that_was_answered_is_not_accused() -> None:
    """A call beside the conversation that leads nowhere says nothing, where the model answered another."""
    well = Call(n=0, path=CHAT, status=200, headers=shown("AIzaSyExample"))
    stray = Call(n=1, path="/v1beta/openai/moderations", status=404, headers=shown("AIzaSyExample"))
    assert asked_wrongly([well, stray], {}) is None


@pytest.mark.parametrize(
    ("headers", "said"),
    [({}, "no API key"), (shown("None"), "the word None"), (shown("sk-canary-4711"), "OPENAI_API_KEY")],
)
def test_a_key_that_is_none_is_told(headers: dict[str, str], said: str) -> None:
    """No key, the word None and OpenAI's key are each told, though the stand-in answered."""
    cause = asked_wrongly([Call(n=0, path=CHAT, status=200, headers=headers)], {"OPENAI_API_KEY": "sk-canary-4711"})
    assert cause is not None
    assert said in cause.says


@pytest.mark.parametrize(
    ("installed", "shows", "said"),
    [
        ({"openai-agents": "0.24.0", "openai": "2.54.0"}, "", "openai>=3,<4"),
        ({"openai-chatkit": "1.6.5", "openai-agents": "0.24.0"}, "second turn", "openai-agents==0.18.3"),
        ({"openai-chatkit": "1.6.5", "openai-agents": "0.24.0", "openai": "3.54.0"}, "", ""),
        ({"openai-chatkit": "1.6.5", "openai-agents": "0.18.3"}, "second turn", ""),
        ({"openai-agents": "not a version", "openai": "2.54.0"}, "", ""),
        ({}, "second turn", ""),
    ],
)
def test_versions_are_held_against_the_one_table(installed: dict[str, str], shows: str, said: str) -> None:
    """A pair that breaks is told with what goes instead; one that only stock parts break, only where they did."""
    cause = clash_of(installed, shows=shows)
    assert (cause.do if cause else "") == (f"Type: pip install '{said}'" if said else "")


@pytest.mark.parametrize(
    ("line", "dropped", "weak"),
    [
        ("sid=1; Path=/; HttpOnly; SameSite=Lax", False, False),
        ("sid=1; Path=/; HttpOnly; SameSite=None", True, False),
        ("sid=1; Path=/; HttpOnly; SameSite=None; Secure", False, False),
        ("__Host-sid=1; Path=/; HttpOnly; Secure; Domain=example.com", True, False),
        ("sid=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Path=/", False, True),
    ],
)
def test_cookies_are_judged_as_a_browser_does(line: str, dropped: bool, weak: bool) -> None:
    """What a browser drops is a cause; what a script can read is told, and is none."""
    replies = [Reply(label="x", headers={"set-cookie": line})]
    assert (dropped_cookie(replies, https=True, loopback=False) is not None) == dropped
    assert bool(weak_cookies(replies)) == weak


def test_two_cookies_in_one_answer_are_two() -> None:
    """Headers that were joined with commas are told apart, a date's comma not."""
    line = "a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT; HttpOnly, b=2; SameSite=None"
    cause = dropped_cookie([Reply(label="x", headers={"set-cookie": line})], https=True, loopback=False)
    assert cause is not None
    assert "cookie b:" in cause.says


@pytest.mark.parametrize(
    ("before", "answer", "said"),
    [
        ((405, {}), {}, "HTTP 405"),
        ((200, {}), {}, "no Access-Control-Allow-Origin"),
        ((200, {"access-control-allow-origin": ORIGIN}), {}, "no header authorization, content-type"),
        (
            (200, {"access-control-allow-origin": "*", "access-control-allow-headers": "Content-Type, Authorization"}),
            {},
            "the answer itself",
        ),
        (
            (204, {"access-control-allow-origin": "*", "access-control-allow-headers": "*"}),
            {"access-control-allow-origin": "*"},
            "no header authorization",
        ),
        (
            (
                204,
                {"access-control-allow-origin": ORIGIN, "access-control-allow-headers": "authorization, content-type"},
            ),
            {"access-control-allow-origin": ORIGIN},
            "",
        ),
    ],
)
def test_another_origin_is_let_in_or_the_reason_is_told(
    before: tuple[int, dict[str, str]], answer: dict[str, str], said: str
) -> None:
    """The preflight and the answer itself are read as browsers do: a star covers no Authorization header."""
    asked = preflight(ORIGIN, ["Authorization"])
    first = Reply(label="preflight", status=before[0], headers=before[1])
    cause = refused_origin(ORIGIN, asked, first, Reply(label="origin", status=200, headers=answer), cookie=False)
    assert (cause is None) == (not said)
    assert cause is None or said in cause.says


@pytest.mark.parametrize(
    ("command", "python"),
    [
        (["python", "-m", "shop"], ("python",)),
        (["/srv/.venv/bin/python3.12", "main.py"], ("/srv/.venv/bin/python3.12",)),
        (["uv", "run", "uvicorn", "shop:app"], ("uv", "run", "python")),
        (["sh", "-c", "cd shop && exec python main.py"], ("python",)),
        (["env", "A=1", "python3", "main.py"], ("python3",)),
        (["node", "server.js"], ()),
        (["dotnet", "run"], ()),
    ],
)
def test_the_python_behind_a_command_is_found(command: list[str], python: tuple[str, ...]) -> None:
    """By its name, behind a launcher or a shell; a command of another language has none."""
    assert python_of(command, {"PATH": "/nowhere"}) == python
