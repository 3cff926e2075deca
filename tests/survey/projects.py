"""Projects as people lay them out, and what is to be found in each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CHAT = """
from fastapi import {makes}
{app} = {makes}({how})

@{app}.{verb}("{path}"{more})
async def chat(request):
    return await server.process(await request.body(), {{}})
"""
ENDPOINT = CHAT.format(makes="FastAPI", app="app", how="", verb="post", path="/chatkit", more="")
EXPRESS = """
import express from "express";
const app = express();
const client = new OpenAI({ baseURL: process.env.LLM_BASE_URL, apiKey: process.env.GEMINI_API_KEY });
app.get("/healthz", (_, res) => res.send("ok"));
app.post("/api/chatkit", verify, (req, res) => handle(req, res));
app.listen(process.env.PORT ?? 3000);
"""
MINIMAL = """
var app = WebApplication.CreateBuilder(args).Build();
var baseUrl = Environment.GetEnvironmentVariable("GEMINI_BASE_URL") ?? "https://x";
app.MapPost("/api/chatkit", async (HttpContext http) => await chat.Handle(http));
app.Run();
"""
WEB = '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A project: its files, and what its target file must say. `holds`, `lacks`: parts of its text."""

    files: dict[str, str]
    command: tuple[str, ...]
    path: str = ""
    auth: str = "none"
    cwd: str = "."
    env: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


UVICORN = ("python", "-m", "uvicorn")
PORT = ("--port", "{port}")

PROJECTS: dict[str, Laid] = {
    "FastAPI in one file": Laid(
        files={"main.py": ENDPOINT},
        command=(*UVICORN, "main:app", *PORT),
        path="/chatkit",
        lacks=("[tools]",),
        holds=('# MODEL_URL = "{gemini_base_url}"',),
    ),
    "a src layout with uv, a factory, and a key that it needs": Laid(
        files={
            "pyproject.toml": "",
            "uv.lock": "",
            "src/shop/web.py": 'import os\nKEY = os.environ["SHOP_KEY"]\nURL = os.environ.get("LLM_BASE_URL")\n'
            "def make_app(debug=False) -> FastAPI:\n    return FastAPI()\n",
        },
        command=("uv", "run", "uvicorn", "--app-dir", "src", "shop.web:make_app", "--factory", *PORT),
        env={"LLM_BASE_URL": "{gemini_base_url}", "SHOP_KEY": "for-tests"},
        holds=("# path = ",),
    ),
    "a router of another file, under two prefixes": Laid(
        files={
            "app/main.py": "from app.routers import chat\napp = FastAPI()\n"
            "app.include_router(chat.router, prefix='/v1')\n",
            "app/routers/chat.py": CHAT.format(
                makes="APIRouter", app="router", how="prefix='/talk'", verb="post", path="/ask", more=""
            ),
        },
        command=(*UVICORN, "app.main:app", *PORT),
        path="/v1/talk/ask",
    ),
    "Starlette with routes in a list, tokens in a cookie": Laid(
        files={
            "server.py": "import os, jwt\nfrom starlette.applications import Starlette\n"
            "async def talk(request):\n    token = request.cookies.get('sid')\n"
            "    jwt.decode(token, os.environ['TOKEN_SECRET'], algorithms=['HS256'])\n"
            "    return await server.process(await request.body(), {})\n"
            "app = Starlette(routes=[Route('/api/talk', talk, methods=['POST'])])\n"
        },
        command=(*UVICORN, "server:app", *PORT),
        path="/api/talk",
        auth="bearer",
        env={"TOKEN_SECRET": "only-for-tests-and-at-least-32-bytes-long"},
        holds=('cookies = { sid = "{token:a}" }', "jwt_secret = "),
        lacks=('TOKEN_SECRET = "for-tests"',),
    ),
    "Flask": Laid(
        files={
            "app.py": "from flask import Flask\napp = Flask(__name__)\n@app.route('/chatkit', methods=['POST'])\n"
            "def chat():\n    return run(server.process(request.data, {}))\n"
        },
        command=("python", "-m", "flask", "--app", "app:app", "run", *PORT),
        path="/chatkit",
    ),
    "a backend beside a browser's code, tests with an application of their own": Laid(
        files={
            "frontend/package.json": '{"scripts": {"start": "vite"}}',
            "frontend/src/app.ts": "fetch('/x')",
            "backend/requirements.txt": "fastapi",
            "backend/api.py": ENDPOINT,
            "backend/tests/test_api.py": "app = FastAPI()\n@app.post('/chatkit')\ndef c(): server.process()\n",
        },
        command=(*UVICORN, "api:app", *PORT),
        cwd="backend",
        path="/chatkit",
    ),
    "tools that keep no tasks, a key in a header": Laid(
        files={
            "main.py": ENDPOINT + "auth = APIKeyHeader(name='X-Key')\n@function_tool\ndef find_flights(to: str): ...\n"
        },
        command=(*UVICORN, "main:app", *PORT),
        path="/chatkit",
        auth="bearer",
        more={"capabilities": {"tasks": False}},
        holds=('# headers = { X-Key = "${KEY_A}" }', "# Tools: find_flights (main.py:"),
    ),
    "tools of a task chat, by another name": Laid(
        files={
            "main.py": ENDPOINT + "@function_tool(name_override='add_todo')\ndef a(title: str): ...\n"
            "@function_tool\nasync def list_todos(): ...\nclient = AsyncOpenAI()\n"
        },
        command=(*UVICORN, "main:app", *PORT),
        path="/chatkit",
        env={"OPENAI_BASE_URL": "{gemini_base_url}"},
        holds=('# create = "add_todo"', '# read = "list_todos"'),
    ),
    "a package that is run by its name, an address that stands in the code": Laid(
        files={
            "chat/__main__.py": "URL = 'https://generativelanguage.googleapis.com/v1beta/openai/'\n",
            "chat/http.py": "async def answer(reader, writer): ...\n",
        },
        command=("python", "-m", "chat"),
        holds=("chat/__main__.py:1 asks https://generativelanguage.googleapis.com/v1beta/openai/ always",),
    ),
    "Express": Laid(
        files={
            "package.json": '{"scripts": {"start": "node server.js"}}',
            "server.js": EXPRESS + "jwt.verify(token, process.env.JWT_SECRET);\n// app.post('/old/chatkit')\n",
        },
        command=("node", "server.js"),
        path="/api/chatkit",
        auth="bearer",
        env={"LLM_BASE_URL": "{gemini_base_url}"},
        more={"health": "/healthz"},
        lacks=("jwt_secret",),
    ),
    "TypeScript with pnpm, on a port that nothing changes": Laid(
        files={
            "package.json": '{"scripts": {"dev": "tsx watch src/index.ts", "start": "tsc && node dist"}}',
            "pnpm-lock.yaml": "",
            "src/index.ts": 'if (url.pathname === "/chatkit") answer();\nserver.listen(3000);\n'
            'const t = tool({ name: "create_task", execute });',
        },
        command=("pnpm", "run", "start"),
        path="/chatkit",
        holds=("# src/index.ts:2 listens on 3000 always",),
    ),
    "Next.js": Laid(
        files={
            "package.json": '{"scripts": {"start": "next start"}}',
            "next.config.js": "",
            "app/(chat)/api/chatkit/route.ts": "export async function POST(req: Request) {}",
        },
        command=("npm", "run", "start"),
        path="/api/chatkit",
    ),
    ".NET": Laid(
        files={"src/Chat/Chat.csproj": WEB, "src/Chat/Program.cs": MINIMAL + "builder.Services.AddJwtBearer();"},
        command=("dotnet", "run", "--project", "src/Chat", "--no-launch-profile"),
        path="/api/chatkit",
        auth="bearer",
        env={"ASPNETCORE_URLS": "http://127.0.0.1:{port}"},
    ),
    "a Procfile alone": Laid(
        files={
            "Procfile": "worker: celery\nweb: gunicorn -k uvicorn.workers.UvicornWorker -b 127.0.0.1:$PORT api:make"
        },
        command=("gunicorn", "-k", "uvicorn.workers.UvicornWorker", "-b", "127.0.0.1:{port}", "api:make"),
    ),
    "a Dockerfile alone": Laid(
        files={"Dockerfile": 'FROM python\nCMD ["hypercorn", "api:app", "--port", "8080"]', "api.py": "app = make()\n"},
        command=("hypercorn", "api:app", "--port", "{port}"),
    ),
}
