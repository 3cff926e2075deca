"""More ill set-ups, as teams meet them; and odd ones that are well, in which nothing may be found."""

from __future__ import annotations

import sys

from . import complaints as c
from . import symptoms as s
from .illness import Illness

ORIGIN = "https://app.example.com"
COOKIE = ("--header", "Cookie: shop_session=4711", "--origin", ORIGIN)

ROWS = (
    Illness(
        name="no-file",
        says="The file that the command names is not there.",
        id="command",
        words=r"can't open file .*server\.py",
        command=(sys.executable, "no/such/server.py"),
    ),
    Illness(
        name="not-executable",
        says="The program may not be run.",
        id="command",
        words=r"'\./README\.md' could not be started: Permission denied",
        command=("./README.md",),
    ),
    Illness(
        name="asgi-attribute",
        says="The module has no such application.",
        id="asgi",
        words=r"[Aa]ttribute .nope. not found in module .tests\.doctor\.patient.",
        command=(sys.executable, "-m", "uvicorn", "tests.doctor.patient:nope", "--port", "{port}"),
    ),
    Illness(
        name="asgi-module",
        says="The module of the application cannot be imported.",
        id="asgi",
        words=r"[Nn]o module nowhere|[Cc]ould not import module .nowhere",
        command=(sys.executable, "-m", "uvicorn", "nowhere:app", "--port", "{port}"),
    ),
    Illness(
        name="sdk-missing",
        says="The SDK is not installed.",
        id="module",
        words=r"no module chatkit .*pip install openai-chatkit",
        begin=c.raises(ModuleNotFoundError("No module named 'chatkit'", name="chatkit")),
    ),
    Illness(
        name="agents-of-another",
        says="The package `agents` is another one of that name.",
        id="versions",
        words=r"agents has no Agent.*openai-agents",
        begin=c.raises(ImportError("cannot import name 'Agent' from 'agents' (/site-packages/agents/__init__.py)")),
    ),
    Illness(
        name="hidden-package",
        says="A file of its own has the name of the SDK.",
        id="module",
        words=r"chatkit\.py hides the package chatkit.*Rename",
        begin=c.ends_with("ModuleNotFoundError: No module named 'chatkit.server'; 'chatkit' is not a package"),
    ),
    Illness(
        name="no-docker",
        says="The command needs Docker, which does not run.",
        id="docker",
        words=r"Docker does not run here.*docker info",
        begin=c.ends_with(
            "docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            "See 'docker run --help'.",
        ),
    ),
    Illness(
        name="header-wanted",
        says="Each request must name a tenant.",
        id="endpoint",
        words=r"wants the header X-Tenant-Id.*--header 'X-Tenant-Id",
        wrap=c.answers(400, {"detail": "Missing required header: X-Tenant-Id"}),
    ),
    Illness(
        name="websocket-only",
        says="It takes WebSockets alone.",
        id="endpoint",
        words=r"426.*WebSocket.*POST",
        wrap=c.answers(426, "Upgrade Required"),
    ),
    Illness(
        name="body-in-the-url",
        says="FastAPI takes an argument without a type for a parameter of the URL.",
        id="endpoint",
        words=r"looks for 'request' in the URL.*Request",
        wrap=c.answers(422, {"detail": [{"type": "missing", "loc": ["query", "request"], "msg": "Field required"}]}),
    ),
    Illness(
        name="maintenance",
        says="It is switched off for maintenance.",
        id="endpoint",
        words=r"503.*takes no requests now",
        wrap=c.answers(503, "Down for maintenance"),
    ),
    Illness(
        name="npm-no-script",
        says="package.json has no such script.",
        id="command",
        words=r"Missing script: .dev.",
        begin=c.ends_with(
            'npm error Missing script: "dev"',
            "npm error",
            "npm error To see a list of scripts, run:",
            "npm error   npm run",
            "npm error A complete log of this run can be found in: /tmp/npm/_logs/debug-0.log",
        ),
    ),
    Illness(
        name="sync-driver",
        says="The database's driver is not asynchronous.",
        id="database-driver",
        words=r"driver.* not async.*(sqlite\+aiosqlite|postgresql\+asyncpg)",
        begin=c.raises(
            RuntimeError(
                "sqlalchemy.exc.InvalidRequestError: The asyncio extension requires an async driver to be used. "
                "The loaded 'pysqlite' is not async."
            )
        ),
    ),
    Illness(
        name="read-only",
        says="The database's file may only be read: lists are answered, the first message is not.",
        id="database-file",
        words=r"database's file cannot be used .*readonly.*DATABASE_URL",
        wrap=s.breaks_off(OSError("sqlite3.OperationalError: attempt to write a readonly database")),
    ),
    Illness(
        name="path-unknown",
        says="It answers at a path that nobody would try.",
        id="endpoint",
        words=r"404.*no ChatKit there.*--path",
        wrap=c.at("/kundendienst/gespraech"),
    ),
    Illness(
        name="https-redirect",
        says="Who comes by http is sent on to https.",
        id="endpoint",
        words=r"sends everybody on to https .*X-Forwarded-Proto",
        wrap=c.secure_only,
    ),
    Illness(
        name="trusted-host",
        says="It takes requests to its own name alone.",
        id="host",
        words=r"Invalid host header.*127\.0\.0\.1",
        wrap=c.own_host_only,
    ),
    Illness(
        name="csrf",
        says="It wants a CSRF token.",
        id="csrf",
        words=r"CSRF",
        wrap=c.answers(403, "CSRF verification failed. Request aborted."),
    ),
    Illness(
        name="typed-body",
        says="Its framework wants another body than ChatKit's.",
        id="endpoint",
        words=r"422.*(message|Field required)",
        wrap=c.answers(422, {"detail": [{"type": "missing", "loc": ["body", "message"], "msg": "Field required"}]}),
    ),
    Illness(
        name="rate-limit",
        says="The second request is one too many.",
        id="refuses",
        words=r"429.*(rate|limit|too many)",
        wrap=c.answers(429, {"error": "Rate limit exceeded: 1 per 1 minute"}, on="threads.create"),
    ),
    Illness(
        name="token-audience",
        says="A token has to name its audience.",
        id="credentials",
        words=r"aud",
        wrap=c.refuses_tokens('Token is missing the "aud" claim'),
    ),
    Illness(
        name="token-algorithm",
        says="Only tokens that are signed with a pair of keys are taken.",
        id="credentials",
        words=r"alg",
        wrap=c.refuses_tokens("The specified alg value is not allowed"),
    ),
    Illness(
        name="clock",
        says="The server's clock is two hours ahead: every token has expired.",
        id="clock",
        words=r"clock .*(7,?200|7[12]\d\d|2 h|two hours)",
        begin=c.clock_ahead,
        wrap=c.refuses_tokens("Signature has expired"),
    ),
    Illness(
        name="url-https",
        says="Gemini's base URL is written with https, where http is spoken.",
        id="base-url",
        words=r"https.*(http://|GEMINI_BASE_URL)",
        model=c.by_https,
    ),
    Illness(
        name="url-port",
        says="Nobody listens on the port of the base URL.",
        id="base-url",
        words=r"(connection|connect|refused).*GEMINI_BASE_URL",
        model=c.at_closed_port,
    ),
    Illness(
        name="url-host",
        says="The host of the base URL is misspelled.",
        id="base-url",
        words=r"name.*GEMINI_BASE_URL",
        model=c.at_unknown_host,
    ),
    Illness(
        name="url-without-openai",
        says="/openai/ is not in the base URL.",
        id="base-url",
        words=r"POST /v1beta/chat/completions.*openai",
        model=s.at_path("/v1beta/chat/completions"),
    ),
    Illness(
        name="key-quoted",
        says="The key stands in quotes.",
        id="key",
        words=r"key.*quotes.*GEMINI_API_KEY",
        model=c.with_key(lambda key: f'"{key}"'),
    ),
    Illness(
        name="key-line",
        says="The key ends with a line feed.",
        id="key",
        words=r"key.*(line|newline).*GEMINI_API_KEY",
        model=c.with_key(lambda key: f"{key}\n"),
    ),
    Illness(
        name="key-bearer-twice",
        says="Bearer stands before the key twice.",
        id="key",
        words=r"Bearer.*twice",
        model=c.with_key(lambda key: f"Bearer {key}"),
    ),
    Illness(
        name="model-of-litellm",
        says="The model's name is as LiteLLM has it.",
        id="model",
        words=r"gemini/gemini-[\d.]+-flash.*GEMINI_MODEL=gemini-",
        model=c.with_prefix("gemini/"),
    ),
    Illness(
        name="model-of-openrouter",
        says="The model's name is as OpenRouter has it.",
        id="model",
        words=r"google/gemini-[\d.]+-flash.*GEMINI_MODEL=gemini-",
        model=c.with_prefix("google/"),
    ),
    Illness(
        name="proxy-swallows",
        says="The proxy of HTTP_PROXY is asked for this machine, too.",
        id="proxy",
        words=r"NO_PROXY",
        begin=c.without_exceptions_of_proxies,
        model=c.by_proxy,
    ),
    Illness(
        name="no-thread-created",
        says="The first answer does not name its thread.",
        id="no-thread",
        words=r"names no thread \(thread\.created\)",
        wrap=c.no_thread_created,
    ),
    Illness(
        name="labelled-gzip",
        says="A stream is called gzip and is none.",
        id="content-encoding",
        words=r"gzip",
        wrap=c.labelled_gzip,
    ),
    Illness(
        name="cors-no-credentials",
        says="Cookies of another origin are not let in.",
        id="cors",
        words=r"no Access-Control-Allow-Credentials: true",
        options=COOKIE,
        auth="none",
        wrap=s.cors(ORIGIN),
    ),
    Illness(
        name="cookie-prefix",
        says="A cookie with the prefix __Host- that is not Secure.",
        id="cookie",
        words=r"drop the server's cookie __Host-shop: it has the prefix __Host-",
        wrap=s.sets_cookie("__Host-shop=4711; Path=/; HttpOnly"),
    ),
    Illness(
        name="ipv6-alone",
        says="It listens on ::1 alone, and is asked at 127.0.0.1.",
        id="endpoint",
        words=r"127\.0\.0\.1:\d+ .*listens on IPv6 alone.*--url http://\[::1\]:\d+/chatkit",
        host="::1",
        deployed=True,
    ),
    Illness(
        name="signature-lost",
        says="Calls are sent back without their thought signatures.",
        id="signature",
        words=r"loses the thought signature .*HTTP 400.*thought_signature.*extra_content",
        tools="snake",
        model=c.without_signatures,
    ),
    Illness(
        name="breaks-off-deployed",
        says="By URL, a stream that breaks off.",
        id="breaks-off",
        words=r"answer to the first message breaks off \(",
        wrap=s.breaks_off(TypeError("respond() takes 3 positional arguments but 4 were given")),
        deployed=True,
    ),
    Illness(
        name="no-price",
        says="The cost of each answer is asked for, and the model has no price there.",
        id="price",
        words=r"table of prices has no row for gemini-3\.8-flash.*register_model",
        wrap=s.breaks_off(
            RuntimeError(
                "litellm.exceptions.NotFoundError: This model isn't mapped yet. model=gemini-3.8-flash, "
                "custom_llm_provider=gemini. Add it here - https://github.com/BerriAI/litellm/blob/main/"
                "model_prices_and_context_window.json."
            )
        ),
    ),
)

ODD = {
    row.name: row
    for row in (
        Illness(name="other-path", says="It answers at a usual path.", id="", words="", wrap=c.at("/api/chatkit")),
        Illness(name="pings", says="Comments between events, and lines end CR LF.", id="", words="", wrap=c.pings),
        Illness(name="models-prefix", says="models/ is Gemini's own.", id="", words="", model=c.with_prefix("models/")),
        Illness(name="ipv6", says="It listens on ::1 alone.", id="", words="", host="::1"),
        Illness(name="silent-port", says="It prints no word of its own port.", id="", words="", port=19573),
        Illness(
            name="url-after-a-while",
            says="It listens on a port of its own, and prints its URL two seconds later.",
            id="",
            words="",
            port=19574,
            begin=c.tells_its_url_after(4, 19574),
        ),
        Illness(name="tools", says="It has tools.", id="", words="", tools="snake"),
        Illness(name="traces", says="Traces go to OpenAI, in vain.", id="", words="", begin=c.exports_traces),
        Illness(
            name="secure-here",
            says="A Secure cookie over http is kept on this machine.",
            id="",
            words="",
            wrap=s.sets_cookie("shop_session=4711; Path=/; HttpOnly; Secure; SameSite=None"),
        ),
    )
}
"""Odd and well."""
