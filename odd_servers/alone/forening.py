"""A club's message board over Django and its ORM, in Swedish: rows' numbers are the ids, a path ends with a slash.

A token in the scheme of Django's REST framework, eight rows a page whatever is asked for, a line of CSV for each task,
and a thread of the server's own that listens to the model, so that a browser that left is noticed in every silence.
"""

from __future__ import annotations

import csv
import io
import json
import os
import queue
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import django
import httpx
from django.conf import settings

from .forening_model import Inget, collect, listen

JSON = Any
TOKENS = {"9c5fb1a4e0d04c7e": "ann", "e07a3d92bb164f51": "bo"}
RULES = "Du hjälper föreningen med att-göra-listan. Fatta dig kort."
PAGE = 8
TYPES = ("input_text", "input_tag")

file = Path(os.environ["DATABASE_URL"].partition(":///")[2]).with_suffix(".forening.sqlite3")
file.parent.mkdir(parents=True, exist_ok=True)
settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "OPTIONS": {"timeout": 20}}},
    DATA_UPLOAD_MAX_MEMORY_SIZE=1_000_000,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    TIME_ZONE="Europe/Stockholm",
)
django.setup()

from django.core.exceptions import RequestDataTooBig  # noqa: E402 - Django's parts want its settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: E402 - the same
from django.core.wsgi import get_wsgi_application  # noqa: E402 - the same
from django.db import connection, models  # noqa: E402 - the same
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse  # noqa: E402 - the same
from django.urls import path  # noqa: E402 - the same
from django.utils import timezone  # noqa: E402 - the same


class Topic(models.Model):  # type: ignore[misc]  # Django is not there where types are checked
    owner = models.CharField(max_length=50)
    title = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "forening"

    def json(self, items: JSON = None) -> JSON:
        page = items or {"data": [], "has_more": False, "after": None}
        at = timezone.localtime(self.at).isoformat()
        return {"id": f"{self.pk}", "title": self.title, "created_at": at, "metadata": {"club": 7}, "items": page}


class Post(models.Model):  # type: ignore[misc]  # Django is not there where types are checked
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE)
    kind = models.CharField(max_length=30)
    body = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "forening"

    def json(self) -> JSON:
        at = timezone.localtime(self.at).isoformat()
        return {"type": self.kind, "id": f"{self.pk}", "thread_id": f"{self.topic_id}", "created_at": at, **self.body}


class Chore(models.Model):  # type: ignore[misc]  # Django is not there where types are checked
    owner = models.CharField(max_length=50)
    title = models.TextField()
    done = models.BooleanField(default=False)

    class Meta:
        app_label = "forening"


class Nej(Exception):
    def __init__(self, status: int) -> None:
        self.status = status


def page(rows: JSON, params: JSON, usual: str) -> JSON:
    limit, order, after = params.get("limit"), params.get("order") or usual, params.get("after")
    if order not in ("asc", "desc") or (limit is not None and (type(limit) is not int or limit < 1)):
        raise Nej(400)
    if after is not None:
        if not str(after).isdecimal() or not rows.filter(pk=int(str(after)[:18])).exists():
            raise Nej(400)
        rows = rows.filter(pk__gt=int(after)) if order == "asc" else rows.filter(pk__lt=int(after))
    size = min(limit or PAGE, PAGE)
    (*found,) = rows.order_by("pk" if order == "asc" else "-pk")[: size + 1]
    more = len(found) > size
    data = [row.json() for row in found[:size]]
    return {"data": data, "has_more": more, "after": data[-1]["id"] if more else None}


def topic_of(owner: str, params: JSON) -> Topic:
    id = str(params.get("thread_id"))
    found: Topic | None = (
        Topic.objects.filter(pk=int(id[:18]), owner=owner).first() if id.isdecimal() and id.isascii() else None
    )
    if found is None or f"{found.pk}" != id:
        raise Nej(404)
    return found


def post_of(topic: Topic, id: JSON) -> Post:
    found: Post | None = topic.post_set.filter(pk=int(str(id)[:18])).first() if str(id).isdecimal() else None
    if found is None:
        raise Nej(404)
    return found


def plain(owner: str, kind: str, params: JSON) -> JSON:
    if kind == "threads.list":
        return page(Topic.objects.filter(owner=owner), params, "desc")
    if kind not in ("threads.get_by_id", "items.list", "threads.update", "threads.delete", "items.feedback"):
        raise Nej(400)
    topic = topic_of(owner, params)
    if kind == "items.list":
        return page(topic.post_set, params, "desc")
    if kind == "threads.delete":
        topic.post_set.all().delete()
        topic.delete()
        return {}
    if kind == "threads.update":
        if not isinstance(params.get("title"), str):
            raise Nej(400)
        topic.title = params["title"]
        topic.save(update_fields=["title"])
    if kind == "items.feedback":
        if params.get("kind") not in ("positive", "negative") or not isinstance(params.get("item_ids"), list):
            raise Nej(400)
        for id in params["item_ids"]:
            post_of(topic, id)
        return {}
    return topic.json(page(topic.post_set, {}, "asc"))


def message_of(params: JSON) -> JSON:
    told = params.get("input")
    parts = told.get("content") if isinstance(told, dict) else None
    if not isinstance(parts, list) or told.get("attachments"):
        raise Nej(400)
    if not all(isinstance(p, dict) and p.get("type") in TYPES and isinstance(p.get("text"), str) for p in parts):
        raise Nej(400)
    options = told.get("inference_options") or {}
    if not isinstance(options, dict) or not str(options.get("model") or "gemini-").startswith("gemini-"):
        raise Nej(400)
    rest = {"inference_options": options, "quoted_text": told.get("quoted_text")}
    return {"content": parts, "attachments": [], **{name: value for name, value in rest.items() if value is not None}}


def words(body: JSON) -> str:
    quoted = f"[citat: {body['quoted_text']}] " if body.get("quoted_text") else ""
    return quoted + " ".join(part["text"] for part in body["content"])


turns: dict[int, threading.Lock] = {}


def turn(topic: Topic, message: JSON, again: Post | None) -> Iterator[JSON]:
    with turns.setdefault(topic.pk, threading.Lock()):
        if again is None:
            asked = Post.objects.create(topic=topic, kind="user_message", body=message)
            yield {"type": "thread.item.done", "item": asked.json()}
        else:
            for later in topic.post_set.filter(pk__gt=again.pk).order_by("pk"):
                yield {"type": "thread.item.removed", "item_id": f"{later.pk}"}
                later.delete()
        try:
            yield from respond(topic)
        except (Inget, httpx.HTTPError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            print("modellen svarade inte:", type(error).__name__, str(error)[:100], flush=True)
            retry = error.args[0] if isinstance(error, Inget) else True
            yield {"type": "error", "code": "custom", "message": "Det gick inte just nu.", "allow_retry": retry}


def respond(topic: Topic) -> Iterator[JSON]:
    told: list[JSON] = [{"role": "system", "content": RULES}]
    wanted = os.environ["GEMINI_MODEL"]
    for post in topic.post_set.order_by("pk"):
        if post.kind in ("user_message", "assistant_message") and words(post.body):
            told.append({"role": post.kind.partition("_")[0], "content": words(post.body)})
            wanted = post.body.get("inference_options", {}).get("model") or os.environ["GEMINI_MODEL"]
    for _ in range(8):
        calls: list[JSON] = []
        text = yield from spoken(topic, {"model": wanted, "messages": told, "tools": TOOLS, "stream": True}, calls)
        if not calls:
            return
        told.append({"role": "assistant", "content": text or None, "tool_calls": calls})
        for call in calls:
            result = use(topic.owner, call["function"])
            told.append({"role": "tool", "tool_call_id": call["id"], "content": result})
            task = {"type": "custom", "title": call["function"]["name"], "status_indicator": "complete"}
            step = Post.objects.create(topic=topic, kind="task", body={"task": task})
            yield {"type": "thread.item.done", "item": step.json()}
    raise Inget(False, "för många varv")


def spoken(topic: Topic, body: JSON, calls: list[JSON]) -> Generator[JSON, None, str]:
    """The model's words as they come; None stands for a silence, in which the browser may be found to have left."""
    post, text = Post(topic=topic, kind="assistant_message"), ""
    heard: queue.Queue[JSON] = queue.Queue()
    left = threading.Event()
    threading.Thread(target=listen, args=(body, heard, left), daemon=True).start()
    try:
        while True:
            try:
                delta = heard.get(timeout=0.3)
            except queue.Empty:
                yield None
                continue
            if delta is None:
                break
            if isinstance(delta, Exception):
                raise delta
            if new := delta.get("content"):
                if not text:
                    post.body = {"content": []}
                    post.save()
                    yield {"type": "thread.item.added", "item": post.json()}
                text += new
                update = {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": new}
                yield {"type": "thread.item.updated", "item_id": f"{post.pk}", "update": update}
            for piece in delta.get("tool_calls") or ():
                collect(calls, piece)
        if not text.strip() and not calls:
            raise Inget(True, "inga ord")
    finally:
        left.set()
        if text:
            post.body = {"content": [{"type": "output_text", "text": text, "annotations": []}]}
            Post.objects.filter(pk=post.pk).update(body=post.body)
    if text:
        yield {"type": "thread.item.done", "item": post.json()}
    return text


def tool(name: str, says: str, **properties: str) -> JSON:
    schema = {key: {"type": kind} for key, kind in properties.items()}
    parameters = {"type": "object", "properties": schema, "required": list(schema)}
    return {"type": "function", "function": {"name": name, "description": says, "parameters": parameters}}


TOOLS = [
    tool("lagg_till_uppgift", "Lägger till en uppgift.", rubrik="string"),
    tool("lista_uppgifter", "Ger alla uppgifter som CSV."),
    tool("andra_uppgift", "Ändrar rubriken.", uppgift_id="string", rubrik="string"),
    tool("klarmarkera_uppgift", "Markerar en uppgift som klar.", uppgift_id="string"),
    tool("ta_bort_uppgift", "Tar bort en uppgift.", uppgift_id="string"),
]


def use(owner: str, function: JSON) -> str:
    mine, name = Chore.objects.filter(owner=owner), function["name"]
    try:
        told = json.loads(function["arguments"] or "{}")
        if name == "lista_uppgifter":
            return csv_of(mine.order_by("pk"))
        if name == "lagg_till_uppgift":
            return csv_of([Chore.objects.create(owner=owner, title=str(told["rubrik"]))])
        chore = mine.filter(pk=int(told["uppgift_id"])).first()
        if chore is None:
            return "fel;ingen sådan uppgift"
        if name == "ta_bort_uppgift":
            chore.delete()
            return "ok;borttagen"
        if name == "andra_uppgift":
            chore.title = str(told["rubrik"])
        elif name == "klarmarkera_uppgift":
            chore.done = True
        else:
            return "fel;okänt verktyg"
        chore.save()
        return csv_of([chore])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        return f"fel;{type(error).__name__}"


def csv_of(chores: JSON) -> str:
    made = io.StringIO()
    rows = csv.writer(made, delimiter=";")
    rows.writerow(["uppgift_id", "rubrik", "klar"])
    rows.writerows([chore.pk, chore.title, "ja" if chore.done else "nej"] for chore in chores)
    return made.getvalue()


def answered(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    owner = TOKENS.get(token) if scheme == "Token" else None
    if owner is None:
        raise Nej(401)
    try:
        asked = json.loads(request.body)
        json.dumps(asked, ensure_ascii=False).encode()
        kind, params = asked["type"], asked.get("params") or {}
        if not isinstance(kind, str) or not isinstance(params, dict):
            raise TypeError
    except RequestDataTooBig:
        raise Nej(413) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Nej(400) from None
    if kind == "threads.create":
        message = message_of(params)
        topic = Topic.objects.create(owner=owner, title=words(message)[:60] or "Ny tråd")
        created = {"type": "thread.created", "thread": topic.json()}
        return stream([created], turn(topic, message, None))
    if kind == "threads.add_user_message":
        return stream([], turn(topic_of(owner, params), message_of(params), None))
    if kind == "threads.retry_after_item":
        topic = topic_of(owner, params)
        asked_again = post_of(topic, params.get("item_id"))
        if asked_again.kind != "user_message":
            raise Nej(404)
        return stream([], turn(topic, None, asked_again))
    return JsonResponse(plain(owner, kind, params), json_dumps_params={"indent": 1})


def stream(first: list[JSON], events: Iterator[JSON]) -> StreamingHttpResponse:
    def frames() -> Iterator[str]:
        try:
            for event in first:
                yield f"data:{json.dumps(event)}\n\n"
            for event in events:
                yield ":\n\n" if event is None else f"data:{json.dumps(event)}\n\n"
        finally:
            events.close()  # type: ignore[attr-defined]  # a generator's
            connection.close()

    return StreamingHttpResponse(frames(), content_type="text/event-stream")


def view(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    try:
        return answered(request)
    except Nej as nej:
        headers = {"WWW-Authenticate": "Token"} if nej.status == 401 else {}
        return JsonResponse({"detail": "Nej."}, status=nej.status, headers=headers)


settings.ROOT_URLCONF = (path("forening/chatkit/", view),)


def main() -> None:
    with connection.schema_editor() as editor:
        for table in (Topic, Post, Chore):
            if table._meta.db_table not in connection.introspection.table_names():
                editor.create_model(table)
    connection.close()
    server = ThreadedWSGIServer(("127.0.0.1", int(os.environ["PORT"])), WSGIRequestHandler)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    server.serve_forever()


if __name__ == "__main__":
    main()
