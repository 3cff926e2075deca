"""What the desk keeps, in SQLite: threads, items and tasks, each in the order in which it came."""

from __future__ import annotations

import base64
import json
import sqlite3
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

from aiohttp import web

JSON = Any
INDIA = timezone(timedelta(hours=5, minutes=30))
PAGE = 10


def now() -> str:
    return datetime.now(INDIA).isoformat(timespec="milliseconds")


class Problem(Exception):
    def __init__(self, status: int, title: str, **headers: str) -> None:
        super().__init__(title)
        self.status, self.title, self.headers = status, title, headers

    def response(self) -> web.Response:
        told = {"type": "about:blank", "status": self.status, "title": self.title}
        return web.Response(
            status=self.status, body=json.dumps(told), content_type="application/problem+json", headers=self.headers
        )


class Shelf:
    """Threads and items in SQLite; a place in a list is a number that counts up."""

    def __init__(self, path: str) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript(
            "create table if not exists threads (n integer primary key, id text, owner text, body text, gone int);"
            "create table if not exists items (n integer primary key, id text, thread text, body text);"
            "create table if not exists tasks (n integer primary key, owner text, title text, done int);"
        )

    def add_thread(self, owner: str) -> JSON:
        thread = {
            "id": f"Gespräch/{uuid.uuid4()}",
            "title": None,
            "created_at": now(),
            "status": {"type": "active"},
            "allowed_image_domains": None,
            "metadata": {},
        }
        self.db.execute(
            "insert into threads (id, owner, body, gone) values (?,?,?,0)", (thread["id"], owner, json.dumps(thread))
        )
        return thread

    def thread(self, owner: str, id: JSON) -> JSON:
        row = self.db.execute("select body, gone from threads where id=? and owner=?", (str(id), owner)).fetchone()
        if row is None:
            raise Problem(404, "Dieses Gespräch gibt es nicht.")
        if row[1]:
            raise Problem(410, "Dieses Gespräch wurde gelöscht.")
        return json.loads(row[0])

    def keep_thread(self, thread: JSON) -> None:
        self.db.execute("update threads set body=? where id=?", (json.dumps(thread), thread["id"]))

    def put(self, item: JSON) -> None:
        if self.db.execute("update items set body=? where id=?", (json.dumps(item), item["id"])).rowcount == 0:
            self.db.execute(
                "insert into items (id, thread, body) values (?,?,?)", (item["id"], item["thread_id"], json.dumps(item))
            )

    def items(self, thread_id: str) -> list[JSON]:
        rows = self.db.execute("select body from items where thread=? order by n", (thread_id,))
        return [json.loads(body) for (body,) in rows]

    def page(self, table: str, where: str, values: tuple[JSON, ...], asked: JSON, order: str) -> JSON:
        limit, order, after = asked.get("limit"), asked.get("order") or order, asked.get("after")
        if limit is not None and (type(limit) is not int or limit < 1):
            raise Problem(422, "limit ist eine Zahl ab 1.")
        if order not in ("asc", "desc"):
            raise Problem(422, "order ist asc oder desc.")
        size = min(limit or PAGE, PAGE)
        if after is not None:
            where, values = f"{where} and n {'>' if order == 'asc' else '<'} ?", (*values, _place(after))
        found = self.db.execute(
            f"select n, body from {table} where {where} order by n {order} limit ?",  # noqa: S608 - words of our own
            (*values, size + 1),
        ).fetchall()
        more, found = len(found) > size, found[:size]
        cursor = base64.urlsafe_b64encode(f"v1:{found[-1][0]}".encode()).decode().rstrip("=") if more else None
        return {"data": [json.loads(body) for _, body in found], "has_more": more, "after": cursor}


def _place(after: JSON) -> int:
    try:
        version, _, place = base64.urlsafe_b64decode(str(after) + "==").decode().partition(":")
        if version != "v1":
            raise ValueError(version)
        return int(place)
    except ValueError:
        raise Problem(400, "Diesen Cursor hat niemand vergeben.") from None
