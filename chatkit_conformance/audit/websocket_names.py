"""What WebSocket goes by: packages, modules, calls, settings and lines of proxies."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .names import names

PYTHON_MODULES = names("websocket", "python_modules")
"""Python modules whose one purpose is WebSocket. A file of the project of that name takes their place."""

SCRIPT_MODULES = names("websocket", "script_modules")
"""JavaScript modules whose one purpose is WebSocket, or a transport that begins with one."""

PYPI_PACKAGES = names("websocket", "pypi_packages")

NPM_PACKAGES = (SCRIPT_MODULES - {"rxjs/webSocket", "hono/ws"}) | names("websocket", "npm_types")

MIXED_PACKAGES = frozenset({"daphne"})
"""Packages that serve plain HTTP, too: told, not counted."""

SERVING = frozenset({"websocket", "websocket_route", "websocket_listener", "ws"})
"""Decorators that declare a WebSocket route, as the last name: `@app.websocket("/ws")`."""

CALLS: Mapping[str, str] = {
    "add_websocket_route": "declares a WebSocket route",
    "add_api_websocket_route": "declares a WebSocket route",
    "websocket_connect": "opens a WebSocket connection",
    "ws_connect": "opens a WebSocket connection",
    "upgradeWebSocket": "upgrades a request to WebSocket",
    "handleUpgrade": "upgrades a request to WebSocket",
    "WebSocketResponse": "answers with a WebSocket",
    "useWebSocket": "uses a WebSocket hook",
    "WebSocketPair": "makes a pair of WebSockets",
}
"""The last name of a call -> what it does."""

CONSTRUCTED = re.compile(
    r"^((window|globalThis|self|global)\.)?(WebSocket|WebSocketStream|MozWebSocket|ReconnectingWebSocket)$"
)
TYPES = frozenset({"WebSocket", "WebSocketEventMap", "WebSocketServer", "ReconnectingWebSocket"})
NAMED = re.compile(r"^(Async|Json)?(Json)?web_?socket", re.IGNORECASE)
"""Names that begin so are WebSocket's, where another package gives them: `from fastapi import WebSocket`."""

DUCK_RECEIVER = re.compile(r"(^|[._])(ws|web_?socket)$", re.IGNORECASE)
DUCK_METHODS = frozenset(
    {
        "send_json",
        "receive_json",
        "receive_text",
        "send_text",
        "iter_text",
        "iter_json",
        "receive_bytes",
        "iter_bytes",
        "send_bytes",
    }
)
"""Starlette's methods: `websocket.send_json(...)` is one, whatever the parameter's type is."""

ASGI = frozenset({"websocket.accept", "websocket.send"})
"""Messages by which a bare ASGI application takes part. `websocket.close` alone is a refusal."""

URL = re.compile(r"^wss?://[\w\[{$%<*.-][^\s]*$")
SCHEME = re.compile(r"^wss?:?$")
SETTING = re.compile(
    r"(^|_)(WEBSOCKETS?|SOCKET_?IO|WSS)(_|$)|(^|_)WS_(URL|URI|HOST|PORT|PATH|ENDPOINT|BASE|SERVER|ORIGIN|ADDR|ADDRESS|"
    r"HEARTBEAT|PING|RECONNECT|TIMEOUT|MAX|PROTOCOL|SCHEME|TOKEN|SECRET|ROUTE|KEEPALIVE|INTERVAL|MESSAGE)"
)
"""Names of environment variables, in capitals as these are."""

OFF = frozenset({"0", "false", "no", "off", "none", "disabled", "never"})
FOREIGN = re.compile(
    r"PUPPETEER|BROWSERLESS|CHROME|CHROMIUM|PLAYWRIGHT|CDP|DEVTOOLS|SELENIUM|WDS_|HMR|WEBPACK|VITE_DEV|HOT_|RPC|ETH|WEB3|"
    r"SURREAL|NEO4J|NATS|MQTT|LIVEKIT|DEEPGRAM|JUPYTER|NEXT_WEBPACK|STORYBOOK",
    re.IGNORECASE,
)
"""Settings of other things that speak WebSocket: a browser that is driven, a development server, a database."""

COMMANDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"--ws[= ](websockets|websockets-sansio|wsproto)\b"), "starts uvicorn with a WebSocket protocol"),
    (
        re.compile(r"--ws-(ping-interval|ping-timeout|max-size|max-queue|per-message-deflate)\b"),
        "tunes uvicorn's WebSockets",
    ),
    (re.compile(r"geventwebsocket|flask_sockets\.worker"), "starts a WebSocket worker"),
    (
        re.compile(
            r"\b(npm (install|i|add)|yarn add|pnpm (add|i|install)|bun (add|install))\b.*"
            r"\s(ws|socket\.io(-client)?)(@|\s|$)"
        ),
        "installs a WebSocket package",
    ),
    (
        re.compile(
            r"\bpip3? install\b.*[\s\"'](websockets|python-socketio|flask-socketio|channels|websocket-client)"
            r"([=<>~\[\s\"']|$)"
        ),
        "installs a WebSocket package",
    ),
    (re.compile(r"\b(wscat|websocat|websocketd)\b"), "starts a WebSocket tool"),
    (re.compile(r"\brunworker\b"), "starts a worker of Django Channels"),
)
"""A command line that fits -> what it does."""

PROXY_LINES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bproxy_set_header\s+Upgrade\s+[\"']?\$http_upgrade", re.I), "nginx passes the Upgrade header on"),
    (
        re.compile(r"\bproxy_set_header\s+Connection\s+[\"']?(upgrade|\$connection_upgrade)", re.I),
        "nginx asks for an upgraded connection",
    ),
    (re.compile(r"\bmap\s+\$http_upgrade\s"), "nginx maps the Upgrade header"),
    (
        re.compile(r"\b(proxy_pass|ProxyPass(Match)?|ProxyPassReverse)\b.*\bwss?://", re.I),
        "requests are passed on to a WebSocket",
    ),
    (re.compile(r"%\{HTTP:Upgrade\}.*websocket", re.I), "Apache rewrites WebSocket requests"),
    (re.compile(r"\bproxy_wstunnel_module\b|\bupgrade=websocket\b", re.I), "Apache tunnels WebSockets"),
    (re.compile(r"hdr\(Upgrade\)\s+-i\s+websocket", re.I), "HAProxy looks for WebSocket requests"),
    (
        re.compile(r"^\s*(?:@?\w*\s*\{?\s*)?header\s+(Connection\s+\*?Upgrade|Upgrade\s+websocket)", re.I),
        "Caddy matches WebSocket requests",
    ),
    (re.compile(r"\bappProtocol:\s*[\"']?kubernetes\.io/wss?\b"), "a service speaks WebSocket"),
    (re.compile(r"nginx\.org/websocket-services"), "the ingress names WebSocket services"),
    (re.compile(r"\bupgrade_type:\s*[\"']?websocket", re.I), "Envoy upgrades to WebSocket"),
)
"""A line of a proxy's configuration that fits -> what it does."""

HMR = re.compile(r"hmr|hot-update|sockjs-node|__vite|vite|webpack|_next/", re.IGNORECASE)
"""Locations of development servers: their WebSocket reloads the page while one writes it."""
