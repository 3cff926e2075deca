"""One small tree for each kind of WebSocket code, and where in it the code is."""

from __future__ import annotations

from collections.abc import Mapping

Files = Mapping[str, str]

LEFT: Mapping[str, tuple[Files, str]] = {
    "fastapi": (
        {
            "app/main.py": """
            from fastapi import FastAPI, WebSocket
            app = FastAPI()

            @app.websocket("/ws/{user}")
            async def chat(socket: WebSocket, user: str) -> None:
                await socket.accept()
            """
        },
        "app/main.py:1",
    ),
    "fastapi by module": (
        {
            "app/main.py": """
            import fastapi
            router = fastapi.APIRouter()

            @router.websocket("/ws")
            async def chat(connection):
                await connection.accept()
            """
        },
        "app/main.py:4",
    ),
    "starlette routes": (
        {
            "main.py": """
            from starlette.applications import Starlette
            from starlette.routing import Mount, WebSocketRoute
            app = Starlette(routes=[WebSocketRoute("/ws", endpoint=chat)])
            """
        },
        "main.py:2",
    ),
    "starlette endpoint": ({"main.py": "from starlette.endpoints import WebSocketEndpoint as Base\n"}, "main.py:1"),
    "added route": ({"main.py": "def wire(app, chat):\n    app.add_api_websocket_route('/ws', chat)\n"}, "main.py:2"),
    "manager by its methods": (
        {
            "ws_manager/manager.py": """
            class Manager:
                async def tell(self, websocket, event):
                    await websocket.send_json(event)
            """
        },
        "ws_manager/manager.py:3",
    ),
    "flask-socketio": (
        {
            "app.py": """
            from flask_socketio import SocketIO, emit
            socketio = SocketIO(app)

            @socketio.on("message")
            def message(data):
                emit("answer", data)
            """
        },
        "app.py:1",
    ),
    "flask-sock": ({"app.py": "from flask_sock import Sock\nsock = Sock(app)\n"}, "app.py:1"),
    "python-socketio": (
        {"app.py": "import socketio as sio\nserver = sio.AsyncServer(async_mode='asgi')\n"},
        "app.py:1",
    ),
    "django channels": (
        {
            "chat/consumers.py": """
            from channels.generic.websocket import AsyncJsonWebsocketConsumer

            class Chat(AsyncJsonWebsocketConsumer):
                pass
            """
        },
        "chat/consumers.py:1",
    ),
    "django channels beside an own module of that name": (
        {
            "shop/channels/__init__.py": "NAMES = ('web', 'store')\n",
            "chat/routing.py": "from channels.routing import ProtocolTypeRouter, URLRouter\n",
        },
        "chat/routing.py:1",
    ),
    "django settings": (
        {
            "site/settings.py": """
            INSTALLED_APPS = [
                "django.contrib.admin",
                "channels",
            ]
            CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer"}}
            """
        },
        "site/settings.py:3",
    ),
    "aiohttp server": (
        {
            "main.py": """
            from aiohttp import web

            async def chat(request):
                ws = web.WebSocketResponse()
                await ws.prepare(request)
            """
        },
        "main.py:4",
    ),
    "aiohttp client": (
        {
            "main.py": """
            import aiohttp

            async def listen(url):
                async with aiohttp.ClientSession() as session, session.ws_connect(url) as ws:
                    return await ws.receive()
            """
        },
        "main.py:4",
    ),
    "websockets": ({"main.py": "from websockets.asyncio.server import serve\n"}, "main.py:1"),
    "websockets inside a function": (
        {"main.py": "async def go():\n    import websockets\n    return await websockets.connect('x')\n"},
        "main.py:2",
    ),
    "websocket-client": ({"main.py": "from websocket import create_connection\n"}, "main.py:1"),
    "tornado": (
        {"main.py": "import tornado.websocket\nclass Chat(tornado.websocket.WebSocketHandler): ...\n"},
        "main.py:1",
    ),
    "quart": ({"main.py": "from quart import Quart, websocket\n"}, "main.py:1"),
    "sanic": ({"main.py": "from sanic import Sanic, Request, Websocket\n"}, "main.py:1"),
    "litestar": ({"main.py": "from litestar import Litestar, websocket_listener\n"}, "main.py:1"),
    "bare asgi": (
        {"main.py": "async def app(scope, receive, send):\n    await send({'type': 'websocket.accept'})\n"},
        "main.py:2",
    ),
    "uvicorn": ({"main.py": "import uvicorn\nuvicorn.run('app:app', ws='websockets')\n"}, "main.py:2"),
    "url in python": ({"main.py": "import os\nURL = f'ws://{HOST}:8000/ws'\n"}, "main.py:2"),
    "setting in python": ({"main.py": "import os\nURL = os.environ.get('CHAT_WS_URL', '')\n"}, "main.py:2"),
    "browser": (
        {
            "src/hooks/useChat.ts": """
            import { useRef } from 'react';
            export function useChat() {
              const socket = useRef<unknown>(null);
              socket.current = new WebSocket(`${location.origin.replace('http', 'ws')}/ws`);
            }
            """
        },
        "src/hooks/useChat.ts:4",
    ),
    "browser by window": ({"src/chat.js": "const s = new window.WebSocket(url)\n"}, "src/chat.js:1"),
    "browser by either name": (
        {"src/a.js": "const s = new (window.WebSocket || window.MozWebSocket)(url)\n"},
        "src/a.js:1",
    ),
    "browser by an alias": ({"src/a.js": "const Impl = window.WebSocket\nconst s = new Impl(url)\n"}, "src/a.js:2"),
    "imported by a text": ({"a.py": "import importlib\nws = importlib.import_module('websockets.client')\n"}, "a.py:2"),
    "kubernetes": ({"k8s/s.yaml": "spec:\n  ports:\n    - appProtocol: kubernetes.io/ws\n"}, "k8s/s.yaml:3"),
    "browser type": (
        {"src/chat.ts": "import { useRef } from 'react'\nexport const s = useRef<WebSocket | null>(null)\n"},
        "src/chat.ts:2",
    ),
    "browser scheme": (
        {"src/url.ts": "export const url = (location.protocol === 'https:' ? 'wss:' : 'ws:') + '//' + location.host\n"},
        "src/url.ts:1",
    ),
    "url in typescript": (
        {"src/config.ts": "export const CHAT = { endpoint: 'wss://example.com/chat' }\n"},
        "src/config.ts:1",
    ),
    "setting in typescript": (
        {"src/config.ts": "export const u = process.env.NEXT_PUBLIC_WS_URL\n"},
        "src/config.ts:1",
    ),
    "vite setting": ({"src/config.ts": "export const u = import.meta.env.VITE_WEBSOCKET_URL\n"}, "src/config.ts:1"),
    "socket.io client": ({"src/chat.jsx": "import { io } from 'socket.io-client'\nconst s = io()\n"}, "src/chat.jsx:1"),
    "socket.io server": ({"server.js": "const { Server } = require('socket.io')\nnew Server(http)\n"}, "server.js:1"),
    "ws": ({"server.mjs": "import WebSocket, { WebSocketServer } from 'ws'\n"}, "server.mjs:1"),
    "ws required": ({"server.cjs": "const wss = new (require('ws').Server)({ port: 8080 })\n"}, "server.cjs:1"),
    "ws loaded late": ({"server.js": "const { WebSocketServer } = await import('ws')\n"}, "server.js:1"),
    "re-exported": ({"src/index.ts": "export { io } from 'socket.io-client'\n"}, "src/index.ts:1"),
    "reconnecting": ({"src/a.ts": "import ReconnectingWebSocket from 'reconnecting-websocket'\n"}, "src/a.ts:1"),
    "react hook": ({"src/a.tsx": "import useWebSocket, { ReadyState } from 'react-use-websocket'\n"}, "src/a.tsx:1"),
    "vueuse": ({"src/a.ts": "import { useWebSocket } from '@vueuse/core'\n"}, "src/a.ts:1"),
    "rxjs": ({"src/a.ts": "import { webSocket } from 'rxjs/webSocket'\n"}, "src/a.ts:1"),
    "stomp": ({"src/a.ts": "import { Client } from '@stomp/stompjs'\n"}, "src/a.ts:1"),
    "signalr": ({"src/a.ts": "import * as signalR from '@microsoft/signalr'\n"}, "src/a.ts:1"),
    "nestjs": (
        {
            "src/a.ts": "import { WebSocketGateway } from '@nestjs/websockets'\n@WebSocketGateway()\nexport class Chat {}\n"
        },
        "src/a.ts:1",
    ),
    "deno": ({"server.ts": "const { socket } = Deno.upgradeWebSocket(request)\n"}, "server.ts:1"),
    "bun": ({"server.ts": "Bun.serve({ fetch, websocket: { message() {} } })\n"}, "server.ts:1"),
    "vue": (
        {
            "src/Chat.vue": """
            <template>
              <p>WebSocket</p>
            </template>
            <script setup lang="ts">
            import { ref } from 'vue'
            const socket = ref<unknown>(null)
            function open(): void {
              socket.value = new WebSocket('/ws')
            }
            </script>
            """
        },
        "src/Chat.vue:8",
    ),
    "svelte": (
        {"src/Chat.svelte": "<script>\n  const s = new WebSocket('/ws')\n</script>\n<p>x</p>\n"},
        "src/Chat.svelte:2",
    ),
    "page": (
        {"templates/chat.html": "<body>\n<script>\nvar s = new WebSocket('/ws');\n</script>\n</body>\n"},
        "templates/chat.html:3",
    ),
    "page by script": (
        {"public/index.html": '<body>\n<script src="/socket.io/socket.io.js"></script>\n</body>\n'},
        "public/index.html:2",
    ),
    "htmx": ({"templates/a.html": '<div hx-ext="ws" ws-connect="/chatroom"></div>\n'}, "templates/a.html:1"),
    "nginx": (
        {
            "deploy/nginx.conf": """
            server {
              location /ws {
                proxy_pass http://backend:8000;
                proxy_set_header Upgrade $http_upgrade;
                proxy_set_header Connection "upgrade";
              }
            }
            """
        },
        "deploy/nginx.conf:4",
    ),
    "nginx map": (
        {"conf.d/a.conf": "map $http_upgrade $connection_upgrade {\n  default upgrade;\n}\n"},
        "conf.d/a.conf:1",
    ),
    "nginx in an ingress": (
        {
            "k8s/ingress.yaml": """
            metadata:
              annotations:
                nginx.org/websocket-services: "chat"
            """
        },
        "k8s/ingress.yaml:3",
    ),
    "apache": ({"apache2.conf": 'ProxyPass "/ws" "ws://backend:8000/ws"\n'}, "apache2.conf:1"),
    "caddy": ({"Caddyfile": "example.com {\n  @ws {\n    header Connection *Upgrade*\n  }\n}\n"}, "Caddyfile:3"),
    "haproxy": ({"haproxy.cfg": "frontend a\n  acl is_ws hdr(Upgrade) -i WebSocket\n"}, "haproxy.cfg:2"),
    "vite proxy": (
        {"vite.config.ts": "export default { server: { proxy: { '/ws': { target: 'http://b:8000', ws: true } } } }\n"},
        "vite.config.ts:1",
    ),
    "compose": (
        {
            "compose.yaml": """
            services:
              web:
                environment:
                  NEXT_PUBLIC_WS_URL: ws://localhost:8000/ws
            """
        },
        "compose.yaml:4",
    ),
    "compose as a list": (
        {
            "docker-compose.yml": """
            services:
              web:
                environment:
                  - DEBUG=1
                  - WS_URL=ws://backend:8000
                command: uvicorn app:app --ws websockets
            """
        },
        "docker-compose.yml:5",
    ),
    "env": ({".env.example": "# the chat\nVITE_WS_URL=ws://localhost:8000/ws\n"}, ".env.example:2"),
    "env without a url": ({".env": "WS_HEARTBEAT_SECONDS=30\n"}, ".env:1"),
    "dockerfile": ({"Dockerfile": "FROM python:3.12\nENV WS_PORT=8001\n"}, "Dockerfile:2"),
    "procfile": ({"Procfile": "worker: python manage.py runworker chat\n"}, "Procfile:1"),
    "script of npm": (
        {"package.json": '{\n "scripts": {\n  "wait": "wscat -c ws://localhost"\n }\n}\n'},
        "package.json:3",
    ),
    "requirements": ({"requirements.txt": "fastapi\nwebsockets==12.0\n"}, "requirements.txt:2"),
    "pyproject": (
        {
            "pyproject.toml": '[project]\nname = "a"\ndependencies = [\n  "fastapi",\n  "python-socketio[asyncio]>=5",\n]\n'
        },
        "pyproject.toml:5",
    ),
    "poetry": (
        {"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.12"\nchannels = "^4.0"\n'},
        "pyproject.toml:3",
    ),
    "package.json": (
        {"package.json": '{\n "dependencies": {\n  "react": "^19.0.0",\n  "socket.io-client": "^4.8.0"\n }\n}\n'},
        "package.json:4",
    ),
    "package-lock": (
        {
            "package.json": '{"dependencies": {"react": "^19.0.0"}}\n',
            "package-lock.json": '{\n "packages": {\n  "": {"dependencies": {"react": "^19.0.0", "ws": "^8.0.0"}},\n'
            '  "node_modules/react": {"version": "19.0.0"},\n  "node_modules/ws": {"version": "8.18.0"}\n }\n}\n',
        },
        "package-lock.json:5",
    ),
    "yarn.lock": (
        {
            "package.json": '{"dependencies": {"react": "^19.0.0"}}\n',
            "yarn.lock": """
            # yarn lockfile v1

            react@^19.0.0:
              version "19.0.0"

            socket.io-client@^4.8.0:
              version "4.8.0"
              dependencies:
                debug "~4.3.2"

            debug@~4.3.2:
              version "4.3.7"
            """,
        },
        "yarn.lock:6",
    ),
    "uv.lock": (
        {
            "pyproject.toml": '[project]\nname = "a"\ndependencies = ["fastapi"]\n',
            "uv.lock": """
            version = 1
            [[package]]
            name = "a"
            source = { virtual = "." }
            dependencies = [{ name = "fastapi" }, { name = "websockets" }]
            [[package]]
            name = "fastapi"
            version = "0.115.0"
            [[package]]
            name = "websockets"
            version = "12.0"
            """,
        },
        "uv.lock:10",
    ),
}
"""What it is called -> its files, and one place that must be named."""
