"""Trees in which the word WebSocket stands, or a package that speaks it, and nothing is left of the old chat."""

from __future__ import annotations

from collections.abc import Mapping

Files = Mapping[str, str]

CLEAN: Mapping[str, Files] = {
    "comment and docstring": {
        "app/main.py": '''
        """The chat. It replaced the WebSocket manager; see `from websockets import serve` in the history."""
        # from fastapi import WebSocket
        # @app.websocket("/ws")
        from fastapi import FastAPI

        app = FastAPI()  # no new WebSocket() any more

        def stream() -> str:
            """Was `ws://localhost/ws`."""
            return "data: {}"
        '''
    },
    "words in texts": {
        "app/main.py": """
        import logging

        logging.info("WebSocket support was removed; use server-sent events")
        HELP = "We no longer use websockets. ws://old.example.com is gone."
        MESSAGES = {"websocket_closed": "The connection was closed"}
        """,
        "src/help.ts": "export const help = 'import WebSocket from \"ws\" is what we removed'\n",
        "src/a.tsx": "// new WebSocket(url)\n/* import { io } from 'socket.io-client' */\nexport const A = () => <p>WebSocket ws://x</p>\n",
    },
    "uvicorn extra": {
        "pyproject.toml": '[project]\nname = "a"\ndependencies = ["uvicorn[standard]>=0.30", "fastapi[standard]"]\n',
        "requirements.txt": "uvicorn[standard]==0.30.0\nopenai-chatkit\n",
    },
    "compiled requirements": {
        "requirements.txt": """
        # This file was made by pip-compile
        httptools==0.6.1
            # via uvicorn
        uvicorn[standard]==0.30.0
            # via -r requirements.in
        websockets==12.0
            # via
            #   google-genai
            #   uvicorn
        """
    },
    "frozen requirements": {
        "requirements.txt": "anyio==4.4.0\nfastapi==0.111.0\nh11==0.14.0\nhttptools==0.6.1\nidna==3.7\nuvicorn==0.30.1\n"
        "uvloop==0.19.0\nwatchfiles==0.22.0\nwebsockets==12.0\n"
    },
    "transitive in npm's lock": {
        "package.json": '{"devDependencies": {"jsdom": "^25.0.0"}}\n',
        "package-lock.json": '{"packages": {"": {"devDependencies": {"jsdom": "^25.0.0"}},'
        ' "node_modules/jsdom": {"version": "25.0.0", "dependencies": {"ws": "^8.18.0"}},'
        ' "node_modules/ws": {"version": "8.18.0", "peerDependencies": {"bufferutil": "^4.0.1"}},'
        ' "node_modules/bufferutil": {"version": "4.0.1"}}}\n',
    },
    "transitive in yarn's lock": {
        "package.json": '{"devDependencies": {"jsdom": "^25.0.0"}}\n',
        "yarn.lock": """
        # yarn lockfile v1

        jsdom@^25.0.0:
          version "25.0.0"
          dependencies:
            ws "^8.18.0"

        ws@^8.18.0:
          version "8.18.0"
        """,
    },
    "transitive in pnpm's lock": {
        "package.json": '{"devDependencies": {"jsdom": "^25.0.0"}}\n',
        "pnpm-lock.yaml": """
        lockfileVersion: '9.0'
        importers:
          .:
            devDependencies:
              jsdom: {specifier: ^25.0.0, version: 25.0.0}
        packages:
          jsdom@25.0.0: {resolution: {integrity: x}}
          ws@8.18.0: {resolution: {integrity: x}}
        snapshots:
          jsdom@25.0.0:
            dependencies:
              ws: 8.18.0
          ws@8.18.0: {}
        """,
    },
    "transitive in uv's lock": {
        "pyproject.toml": '[project]\nname = "a"\ndependencies = ["uvicorn[standard]"]\n',
        "uv.lock": """
        version = 1
        [[package]]
        name = "a"
        source = { editable = "." }
        dependencies = [{ name = "uvicorn", extra = ["standard"] }]
        [[package]]
        name = "uvicorn"
        version = "0.30.0"
        [package.optional-dependencies]
        standard = [{ name = "websockets" }, { name = "httptools" }]
        [[package]]
        name = "websockets"
        version = "12.0"
        """,
    },
    "transitive in poetry's lock": {
        "pyproject.toml": '[tool.poetry.dependencies]\nuvicorn = {extras = ["standard"], version = "^0.30"}\n',
        "poetry.lock": """
        [[package]]
        name = "uvicorn"
        version = "0.30.0"
        [package.dependencies]
        websockets = {version = ">=10.4", optional = true, markers = "extra == 'standard'"}
        [[package]]
        name = "websockets"
        version = "12.0"
        """,
    },
    "pinned in overrides": {"package.json": '{"overrides": {"ws": "8.18.0"}, "resolutions": {"ws": "8.18.0"}}\n'},
    "test that asserts there is none": {
        "tests/test_routes.py": """
        import pytest
        from starlette.routing import WebSocketRoute
        from starlette.websockets import WebSocketDisconnect

        def test_there_is_no_websocket(client, app):
            assert not [r for r in app.routes if isinstance(r, WebSocketRoute)]
            with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws"):
                pass
        """,
        "src/chat.test.tsx": "it('opens none', () => { window.WebSocket = vi.fn(); expect(new WebSocket('x')).toBe(0) })\n",
        "e2e/chat.ts": "page.on('websocket', (ws) => { throw new Error(ws.url()) })\nimport WebSocket from 'ws'\n",
    },
    "generated client": {
        "src/generated/api.ts": "export const socket = new WebSocket('wss://x/y')\n",
        "src/client.gen.ts": "import { io } from 'socket.io-client'\n",
        "app/api_client.py": "# This file was generated by openapi-python-client. Do not edit this file.\nfrom websockets import connect\n",
        "src/sdk.ts": "/**\n * @generated by orval\n */\nexport const s = new WebSocket('wss://x/y')\n",
    },
    "vendored": {
        "vendor/sockets/index.js": "module.exports = new WebSocket('ws://x/y')\n",
        "node_modules/ws/index.js": "module.exports = require('./lib/websocket')\n",
        "static/lib.min.js": "var a=new WebSocket('ws://x');" + "b();" * 900,
    },
    "hot reloading": {
        "vite.config.ts": "export default { server: { hmr: { protocol: 'ws', host: 'localhost', clientPort: 5173 } } }\n",
        "webpack.config.js": "module.exports = { devServer: { client: { webSocketURL: 'ws://0.0.0.0:8080/ws' }, webSocketServer: 'ws' } }\n",
        "src/main.ts": "if (import.meta.hot) import.meta.hot.on('vite:ws:disconnect', () => location.reload())\n",
        ".env.development": "WDS_SOCKET_PORT=0\nVITE_HMR_WS_PORT=24678\n",
        "nginx.conf": 'location /_next/webpack-hmr {\n  proxy_set_header Upgrade $http_upgrade;\n  proxy_set_header Connection "upgrade";\n}\n',
    },
    "docs": {
        "README.md": "```python\nfrom fastapi import WebSocket\n```\n",
        "docs/old.rst": "new WebSocket('ws://localhost')\n",
        "app.py": "print('x')\n",
    },
    "commented out": {
        "nginx.conf": "server {\n  # proxy_set_header Upgrade $http_upgrade;\n  proxy_set_header Connection '';\n}\n",
        ".env": "# WS_URL=ws://localhost\nAPI_URL=http://localhost  # was WS_URL=ws://x\n",
        "compose.yaml": "services:\n  web:\n    environment:\n      # WS_URL: ws://x\n      API_URL: http://x\n",
        "index.html": "<!-- <script src='/socket.io/socket.io.js'></script> -->\n<p>x</p>\n",
        "src/A.vue": "<!-- <script>new WebSocket('/ws')</script> -->\n<script>export default {}</script>\n",
    },
    "refused": {
        "app/middleware.py": """
        from urllib.parse import urlsplit

        class OnlyHttp:
            async def __call__(self, scope, receive, send):
                if scope["type"] not in ("http", "websocket", "lifespan"):
                    return
                if scope["type"] == "websocket":
                    await send({"type": "websocket.close", "code": 1000})

        def clean(url: str) -> str:
            if url.startswith("ws://") or url.startswith("wss://old.example.com"):
                raise ValueError("ws://old.example.com/chat is gone")
            return url.replace("ws://old.example.com", "https://example.com")
        """,
        "src/url.ts": "export const ok = (u: string) => !(u.startsWith('ws://a/b') || u === 'wss://a/b')\n",
    },
    "switched off": {
        ".env": "WEBSOCKETS_ENABLED=false\n",
        "Procfile": "web: uvicorn app.main:app --ws none --host 0.0.0.0\n",
        "main.py": "import uvicorn\nuvicorn.run('app:app', ws='none')\n",
    },
    "other names": {
        "app/ws.py": """
        import openpyxl
        AWS_URL = "https://aws.example.com"
        NEWS_SOCKET = "unix:///run/news.sock"

        def rows(ws):
            ws.append([1])
            return ws.iter_rows()
        """,
        ".env": "AWS_REGION=eu\nNEWS_URL=http://x\nPUPPETEER_WS_ENDPOINT=ws://browserless:3000\nDOCKER_HOST=unix:///var/run/docker.sock\n",
        "app/channels/__init__.py": "NAMES = ['mail']\n",
        "app/tasks.py": "from channels import NAMES\nimport socket\ns = socket.socket()\n",
        "src/channel.ts": "import { channels } from './channels'\nexport const ws = channels.workspace\n",
    },
    "headers of the browser": {
        "nginx.conf": 'add_header Content-Security-Policy "upgrade-insecure-requests";\nproxy_set_header Upgrade-Insecure-Requests $x;\n'
        'proxy_set_header Connection "keep-alive";\n',
        "next.config.js": "module.exports = { csp: \"connect-src 'self' ws://localhost:*\" }\n",
    },
    "served by daphne": {"requirements.txt": "django\ndaphne\n", "Procfile": "web: daphne site.asgi:application\n"},
    "web service": {".env": "WS_URL=https://ws.example.com/api\n"},
    "own hook of that name in one file": {
        "src/a.ts": "function useWebSocket() { return new EventSource('/events') }\nexport const s = useWebSocket()\n"
    },
    "own hook of that name": {
        "src/hooks/useEvents.ts": "export function useEvents() { return new EventSource('/events') }\n",
        "src/A.tsx": "import { useEvents } from './hooks/useEvents'\nexport const A = () => { useEvents(); return null }\n",
    },
}
"""What it is called -> its files."""
