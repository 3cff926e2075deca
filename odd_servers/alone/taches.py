"""A list of chores over Flask, in French: a thread for each request, whole answers, a Markdown table of tasks."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
from flask import Flask, Response, request

JSON = Any
KEYS = {"cle-de-ann": "ann", "cle-de-ben": "ben"}
RULES = "Tu tiens la liste de tâches de la personne. Réponds en une phrase."
ROUNDS = 8
numbers = itertools.count(int(time.time()))
lock = threading.RLock()


def tool(name: str, says: str, required: list[str], **properties: JSON) -> JSON:
    parameters = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {"type": "function", "function": {"name": name, "description": says, "parameters": parameters}}


TASK = {
    "type": "object",
    "properties": {
        "titre": {"type": "string"},
        "details": {"type": "object", "properties": {"note": {"type": "string"}, "urgence": {"type": "integer"}}},
    },
    "required": ["titre"],
}
REF = {"type": "string", "description": "référence de la tâche"}
TOOLS = [
    tool("ajouter_tache", "Ajoute une tâche à la liste.", ["tache"], tache=TASK),
    tool("lister_taches", "Donne la liste des tâches ouvertes.", [], inclure_terminees={"type": "boolean"}),
    tool("modifier_tache", "Change le titre d'une tâche.", ["ref", "titre"], ref=REF, titre={"type": "string"}),
    tool("terminer_tache", "Marque une tâche comme faite.", ["ref"], ref=REF),
    tool("terminer_toutes_les_taches", "Marque tout comme fait.", ["confirmer"], confirmer={"type": "boolean"}),
    tool("supprimer_toutes_les_taches", "Supprime tout.", ["confirmer"], confirmer={"type": "boolean"}),
    tool("supprimer_tache", "Supprime une tâche.", ["ref"], ref=REF),
]


class Refus(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class Panne(Exception):
    def __init__(self, encore: bool) -> None:
        super().__init__("panne")
        self.encore = encore


class Fil:
    def __init__(self, owner: str, title: str) -> None:
        self.id, self.owner, self.title = str(next(numbers)), owner, title
        self.created_at = datetime.now().isoformat()
        self.items: list[JSON] = []
        self.turn = threading.Lock()

    def meta(self) -> JSON:
        return {
            "id": self.id,
            "title": self.title,
            "created_at": self.created_at,
            "status": {"type": "active"},
            "metadata": {},
        }


fils: dict[str, Fil] = {}
taches: dict[str, list[JSON]] = {}


def page(rows: list[JSON], params: JSON, default: str) -> JSON:
    limit, order, after = params.get("limit"), params.get("order") or default, params.get("after")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit <= 0):
        raise Refus(400, "limite")
    if order not in ("asc", "desc"):
        raise Refus(400, "ordre")
    rows = rows[:] if order == "asc" else rows[::-1]
    if after is not None:
        places = [n for n, row in enumerate(rows) if row["id"] == after]
        if not places:
            raise Refus(404, "curseur")
        rows = rows[places[0] + 1 :]
    size = min(limit or 25, 50)
    found: JSON = {"data": rows[:size], "has_more": len(rows) > size}
    if found["has_more"]:
        found["after"] = rows[size - 1]["id"]
    return found


def fil_of(owner: str, params: JSON) -> Fil:
    fil = fils.get(str(params.get("thread_id")))
    if fil is None or fil.owner != owner:
        raise Refus(404, "fil")
    return fil


def answer(owner: str, kind: str, params: JSON) -> JSON:
    empty = {"data": [], "has_more": False}
    match kind:
        case "threads.list":
            mine = [{**fil.meta(), "items": empty} for fil in fils.values() if fil.owner == owner]
            return page(mine, params, "desc")
        case "threads.get_by_id":
            fil = fil_of(owner, params)
            return {**fil.meta(), "items": page(fil.items, {"limit": 50}, "asc")}
        case "items.list":
            return page(fil_of(owner, params).items, params, "desc")
        case "threads.update":
            fil = fil_of(owner, params)
            if not isinstance(params.get("title"), str):
                raise Refus(400, "titre")
            fil.title = params["title"]
            return {**fil.meta(), "items": empty}
        case "threads.delete":
            with lock:
                del fils[fil_of(owner, params).id]
            return {}
        case "items.feedback":
            fil_of(owner, params)
            if params.get("kind") not in ("positive", "negative") or not isinstance(params.get("item_ids"), list):
                raise Refus(400, "avis")
            return {}
    raise Refus(400, "type")


def message_of(params: JSON) -> JSON:
    told = params.get("input") if isinstance(params.get("input"), dict) else {}
    content = told.get("content")
    good = isinstance(content, list) and all(
        isinstance(p, dict) and p.get("type") in ("input_text", "input_tag") and isinstance(p.get("text"), str)
        for p in content
    )
    if not good or told.get("attachments"):
        raise Refus(400, "message")
    options = told.get("inference_options") or {}
    if not isinstance(options, dict) or options.get("model"):
        raise Refus(400, "modele")
    kept: dict[str, JSON] = {"content": content, "attachments": [], "inference_options": {}}
    return {**kept, "quoted_text": told["quoted_text"]} if told.get("quoted_text") else kept


def words(item: JSON) -> str:
    text = " ".join(part["text"] for part in item["content"])
    return f"[{item['quoted_text']}] {text}" if item.get("quoted_text") else text


def new_item(fil: Fil, kind: str, **more: JSON) -> JSON:
    return {
        "type": kind,
        "id": str(next(numbers)),
        "thread_id": fil.id,
        "created_at": datetime.now().isoformat(),
        **more,
    }


def turn(owner: str, fil: Fil, message: JSON, after: str | None) -> Iterator[JSON]:
    with fil.turn:
        if message is not None:
            item = new_item(fil, "user_message", **message)
            fil.items.append(item)
            yield {"type": "thread.item.done", "item": item}
        else:
            at = next(n for n, item in enumerate(fil.items) if item["id"] == after)
            gone, fil.items[at + 1 :] = fil.items[at + 1 :], []
            for item in gone:
                yield {"type": "thread.item.removed", "item_id": item["id"]}
        try:
            yield from respond(owner, fil)
        except Panne as panne:
            yield {
                "type": "error",
                "code": "stream.error",
                "message": "Le modèle ne répond pas.",
                "allow_retry": panne.encore,
            }


def respond(owner: str, fil: Fil) -> Iterator[JSON]:
    told: list[JSON] = [{"role": "system", "content": RULES}]
    for item in fil.items:
        if item["type"] in ("user_message", "assistant_message"):
            told.append({"role": item["type"].split("_")[0], "content": words(item)})
    for _ in range(ROUNDS):
        made = asked(told)
        text, calls = made.get("content") or "", made.get("tool_calls") or []
        if text:
            item = new_item(
                fil, "assistant_message", content=[{"type": "output_text", "text": text, "annotations": []}]
            )
            fil.items.append(item)
            yield {"type": "thread.item.done", "item": item}
        if not calls:
            if not text:
                raise Panne(True)
            return
        for call in calls:
            call["id"] = call.get("id") or f"appel-{uuid.uuid4()}"
        told.append({"role": "assistant", "tool_calls": calls, **({"content": text} if text else {})})
        for call in calls:
            yield {"type": "progress_update", "icon": "bolt", "text": f"{call['function']['name']} …"}
            told.append({"role": "tool", "tool_call_id": call["id"], "content": use(owner, call["function"])})
    raise Panne(False)


model = httpx.Client(timeout=httpx.Timeout(15, connect=3), trust_env=False)


def asked(told: list[JSON]) -> JSON:
    url = os.environ["GEMINI_BASE_URL"].rstrip("/") + "/chat/completions"
    body = {"model": os.environ["GEMINI_MODEL"], "messages": told, "tools": TOOLS, "temperature": 0.3}
    for pause in (0.1, 0.3, None):
        try:
            made = model.post(url, json=body, headers={"authorization": f"Bearer {os.environ['GEMINI_API_KEY']}"})
        except httpx.HTTPError:
            made = None
        if made is not None and made.status_code not in (429, 500, 502, 503, 504):
            break
        if pause is None:
            raise Panne(True)
        time.sleep(pause)
    if made is None or made.status_code != 200:
        raise Panne(False)
    try:
        choice = made.json()["choices"][0]
        if choice["finish_reason"] not in ("stop", "tool_calls", "length") or "message" not in choice:
            raise Panne(True)
        said = choice["message"]
        for call in said.get("tool_calls") or []:
            if not isinstance(call["function"]["name"], str):
                raise Panne(True)
        if not isinstance(said.get("content") or "", str):
            raise Panne(True)
        if choice["finish_reason"] == "length" and said.get("content"):
            said["content"] += "\n\n(réponse tronquée)"
        return said
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise Panne(True) from None


def use(owner: str, function: JSON) -> str:
    mine = taches.setdefault(owner, [])
    try:
        told = json.loads(function.get("arguments") or "{}")
        if not isinstance(told, dict) or not isinstance(told.get("tache", {}).get("titre", ""), str):
            return "Appel incompris."
        with lock:
            match function["name"]:
                case "ajouter_tache":
                    tache = {"ref": uuid.uuid4().hex[:8], "faite": False, **told["tache"]}
                    mine.append(tache)
                    return f"La tâche « {tache['titre']} » est ajoutée (réf. `{tache['ref']}`)."
                case "lister_taches":
                    rows = [t for t in mine if told.get("inclure_terminees") or not t["faite"]]
                    lines = [f"| {t['titre']} | {'oui' if t['faite'] else 'non'} | `{t['ref']}` |" for t in rows]
                    return (
                        "\n".join(["| Tâche | Faite | Réf. |", "|---|---|---|", *lines]) if lines else "Rien à faire."
                    )
            if function["name"].endswith("_toutes_les_taches"):
                if told.get("confirmer") is not True:
                    return "Demande d'abord, puis rappelle avec confirmer=true. Rien n'a été fait."
                for tache in mine:
                    tache["faite"] = True
                if function["name"].startswith("supprimer"):
                    mine.clear()
                return "C'est fait pour toutes les tâches."
            tache = next(t for t in mine if t["ref"] == told["ref"])
            match function["name"]:
                case "modifier_tache":
                    tache["titre"] = str(told["titre"])
                case "terminer_tache":
                    tache["faite"] = True
                case "supprimer_tache":
                    mine.remove(tache)
                case _:
                    return "Cet outil n'existe pas."
            return f"C'est fait pour « {tache['titre']} »."
    except StopIteration:
        return "Aucune tâche n'a cette référence."
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return f"Appel incompris : {type(error).__name__}"


app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1_000_000


@app.post("/v1/chatkit")
def post() -> Response:
    try:
        owner = KEYS.get(request.headers.get("X-Api-Key", ""))
        if owner is None:
            raise Refus(403, "cle")
        try:
            asked_for = json.loads(request.get_data())
            kind, params = asked_for["type"], asked_for.get("params") or {}
            json.dumps(asked_for, ensure_ascii=False).encode()
            if not isinstance(params, dict):
                raise ValueError
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Refus(400, "json") from None
        if kind == "threads.create":
            message = message_of(params)
            fil = Fil(owner, (words(message) or "Nouveau fil")[:40])
            fils[fil.id] = fil
            first = {"type": "thread.created", "thread": {**fil.meta(), "items": {"data": [], "has_more": False}}}
            return stream(itertools.chain([first], turn(owner, fil, message, None)))
        if kind == "threads.add_user_message":
            fil = fil_of(owner, params)
            return stream(turn(owner, fil, message_of(params), None))
        if kind == "threads.retry_after_item":
            fil = fil_of(owner, params)
            if not any(i["id"] == params.get("item_id") and i["type"] == "user_message" for i in fil.items):
                raise Refus(404, "message")
            return stream(turn(owner, fil, None, params["item_id"]))
        body = json.dumps(answer(owner, kind, params)).encode()
        made = Response(body, mimetype="application/json")
        if "gzip" in request.headers.get("Accept-Encoding", "") and len(body) > 500:
            made = Response(
                gzip.compress(body, 1),
                mimetype="application/json",
                headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"},
            )
        return made
    except Refus as refus:
        return Response(json.dumps({"erreur": refus.code}), refus.status, mimetype="application/json")


def stream(events: Iterator[JSON]) -> Response:
    return Response((f"data: {json.dumps(event)}\n\n" for event in events), mimetype="text/event-stream")


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), threaded=True)
