"""A server written in JavaScript or TypeScript: package.json, its routes, what it reads, its tools."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from ..audit.source import SourceFile, SourceTree
from .facts import Sighting, SignIn, Start, Survey
from .script_text import first_in, found_in
from .settings import GOOGLE, SIGNS, given, model_urls, once
from .start_files import started_by, words_of

SUFFIXES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx")
MARKS = re.compile(r"\.listen\(|\bserve\(|Deno\.serve|createServer\(|export (async )?function POST|toNodeHandler")
"""What a file has that serves HTTP."""

READ = re.compile(r"process\.env\.([A-Z][A-Z0-9_]*)|process\.env\[[\"']([A-Z][A-Z0-9_]*)[\"']\]|Bun\.env\.([A-Z_]+)")
NEEDED = re.compile(r"process\.env\.([A-Z][A-Z0-9_]*)!|process\.env\.([A-Z][A-Z0-9_]*)\s+as string")
POST = re.compile(r"\.(?:post|all|route|use)\(\s*[\"'`](/[^\"'`]*chat[^\"'`]*)[\"'`]", re.IGNORECASE)
PATHNAME = re.compile(r"(?:pathname|url|path)\s*===?\s*[\"'`](/[^\"'`]*chat[^\"'`]*)[\"'`]", re.IGNORECASE)
HEALTH = re.compile(r"[\"'`](/(?:[\w-]+/)*(?:health|healthz|livez|readyz|ping))[\"'`]")
FIXED_PORT = re.compile(r"\.listen\(\s*(\d{3,5})\b|\bport:\s*(\d{3,5})\b")
FIXED_URL = re.compile(rf"[\"'`](https://{re.escape(GOOGLE)}[^\"'`]*)[\"'`]")
BARE_CLIENT = re.compile(r"new OpenAI\(\s*(?:\)|\{(?![^}]*baseURL)[^}]*\})")
TOOL = re.compile(
    r"\btool\(\s*\{\s*name:\s*[\"'`]([\w-]+)[\"'`]"
    r"|type:\s*[\"'`]function[\"'`],\s*(?:function:\s*\{\s*)?name:\s*[\"'`]([\w-]+)[\"'`]"
)
VERIFIES = re.compile(r"\bjwtVerify\(|\bjwt\.verify\(|\bexpressjwt\(|passport-jwt|getToken\(")
COOKIE = re.compile(r"cookies(?:\.get\(\s*[\"'`]|\.|\[[\"'`])([A-Za-z][\w-]*)")
SESSION = re.compile(r"express-session|cookie-session|@fastify/session|iron-session|getServerSession")
RUNNERS = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lockb": "bun", "bun.lock": "bun"}


def survey_node(tree: SourceTree) -> Survey:
    """What the files of a Node project say."""
    files = [file for file in tree.of(SUFFIXES) if file.own]
    serving = [file for file in files if MARKS.search(file.text)] or files
    read = list(found_in(files, READ))
    urls = model_urls(read)
    if not urls and (bare := first_in(files, BARE_CLIENT)):
        urls = (Sighting(value="OPENAI_BASE_URL", place=bare.place),)
    names = {one.value for one in urls}
    with_port = any(found.value == "PORT" for found in read) or any("next.config" in file.path for file in files)
    return Survey(
        language="Node",
        start=_start(tree, serving) or started_by(tree),
        path=_next_route(files) or first_in(serving, POST) or first_in(serving, PATHNAME),
        base_urls=urls,
        fixed_url=None if urls else first_in(files, FIXED_URL),
        settings=once(one for one in found_in(files, NEEDED) if one.value not in given() | names),
        port_fixed=None if with_port else first_in(serving, FIXED_PORT),
        health=first_in(serving, HEALTH),
        sign_in=_sign_in(files, read),
        tools=once(found_in(files, TOOL)),
    )


def _next_route(files: list[SourceFile]) -> Sighting | None:
    """The path of a route of Next.js, which is where its file stands."""
    for file in files:
        match = re.search(r"(?:^|/)app(/.*chat[^/]*)/route\.[jt]s$", file.path, re.IGNORECASE) or re.search(
            r"(?:^|/)pages(/api/.*chat[^/.]*)\.[jt]s$", file.path, re.IGNORECASE
        )
        if match:
            return Sighting(value=re.sub(r"/\([^/]*\)", "", match[1]), place=f"{file.path}:1")
    return None


def _start(tree: SourceTree, serving: list[SourceFile]) -> Start | None:
    """The start script of the package in which the server stands, else its main file."""
    packages = sorted(_packages(tree), key=lambda pair: not any(s.path.startswith(pair[1]) for s in serving))
    for file, folder, package in packages:
        scripts = package.get("scripts")
        scripts = scripts if isinstance(scripts, dict) else {}
        for name in ("start", "serve", "dev"):
            if isinstance(script := scripts.get(name), str):
                line = next((n for n, text in enumerate(file.text.splitlines(), 1) if f'"{name}"' in text), 1)
                return Start(command=_run(script, name, tree, folder), place=f"{file.path}:{line}", cwd=folder or ".")
        main = package.get("main")
        if isinstance(main, str) and f"{folder}{main}" in tree.paths:
            return Start(command=("node", main), place=f"{file.path}:1", cwd=folder or ".")
    bare = next((file for file in serving if file.suffix in (".js", ".mjs", ".cjs") and MARKS.search(file.text)), None)
    return Start(command=("node", bare.path), place=f"{bare.path}:1") if bare and not packages else None


def _run(script: str, name: str, tree: SourceTree, folder: str) -> tuple[str, ...]:
    """What runs a script: itself where it is a plain call of node, else the package manager, as people type it."""
    words = words_of(script)
    if words and words[0] in ("node", "bun", "deno"):
        return words
    manager = next(
        (run for lock, run in RUNNERS.items() if f"{folder}{lock}" in tree.paths or lock in tree.paths), "npm"
    )
    return (manager, "run", name)


def _packages(tree: SourceTree) -> Iterator[tuple[SourceFile, str, dict[str, Any]]]:
    """Each package.json with its folder ("" or with a slash at the end) and what it holds."""
    for file in tree.files:
        if file.name == "package.json":
            try:
                package = json.loads(file.text)
            except (ValueError, RecursionError):
                continue
            folder = str(PurePosixPath(file.path).parent)
            if isinstance(package, dict):
                yield file, "" if folder == "." else f"{folder}/", package


def _sign_in(files: list[SourceFile], read: list[Sighting]) -> SignIn:
    cookie = first_in(files, COOKIE)
    token = first_in(files, VERIFIES)
    secret = next((found.value for found in read if SIGNS.search(found.value)), "")
    if token:
        return SignIn(auth="bearer", place=token.place, cookie=cookie.value if cookie else "", secret=secret)
    if session := first_in(files, SESSION) or cookie:
        return SignIn(auth="cookie" if session is cookie else "session", place=session.place)
    return SignIn(auth="none")
