"""Whole conversations that are right, by exchange: what every check must let pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import Call, Reply, Transcript
from tests.suites.broken import FAULTS as FAULTS
from tests.suites.broken import fault as fault
from tests.suites.broken import fault_passing as fault_passing
from tests.suites.broken import fault_retried as fault_retried
from tests.suites.build import (
    ERROR,
    PROGRESS,
    Data,
    added,
    answer,
    ask,
    asked,
    called,
    calling,
    create,
    delta,
    get,
    read,
    refusal,
    result,
    said,
    say,
    sent,
    steps,
    thread,
    transcript,
    user,
)
from tests.suites.conversations_threads import item_pages, page, rename_and_delete, retry, thread_pages
from tests.suites.timed import held_answer as held_answer
from tests.suites.timed import quiet_tool as quiet_tool
from tests.suites.timed import quiet_turns as quiet_turns

Q = ("My cat is called Quillfeather and she weighs 4.2 kg.", "What is the name of my cat?", "And her weight?")
A = ("Noted, a healthy cat.", "Her name is Quillfeather.", "She weighs 4.2 kg.")
NAMES = {
    "create": "create_task",
    "read": "list_tasks",
    "update": "update_task",
    "delete": "delete_task",
    "complete": "complete_task",
    "bulk-complete": "complete_all_tasks",
    "bulk-delete": "delete_all_tasks",
}
TOOLS = [{"type": "function", "function": {"name": name, "parameters": {}}} for name in NAMES.values()]


def _messages(n: int) -> list[Data]:
    rows: list[Data] = []
    for k in range(n):
        rows.append({"role": "user", "content": asked(Q[k], f"turn-{k + 1}")})
        rows.append({"role": "assistant", "content": A[k]})
    return rows[:-1]


def _items(n: int) -> list[Data]:
    rows: list[Data] = []
    for k in range(n):
        rows += [user(f"u-turn-{k + 1}", asked(Q[k], f"turn-{k + 1}")), said(f"a{k + 1}", A[k])]
    return rows


def three_turns() -> Transcript:
    """Three turns, a reload after each, one turn in another thread."""
    replies: list[Reply] = []
    for k in range(3):
        make = create if k == 0 else say
        replies += [make(f"turn-{k + 1}", Q[k], answer(f"a{k + 1}", A[k])), get(f"reload-{k + 1}", _items(k + 1))]
    replies.append(create("other-1", "Name a colour.", answer("o1", "Green.", "thr_2"), "thr_2"))
    calls = [called(f"turn-{k + 1}", _messages(k + 1), n=k) for k in range(3)]
    return transcript("three_turns", replies, calls, answers=list(A), questions=list(Q))


WORDS = "Crème 日本 👩‍👩‍👧‍👦 שלום end."
LONG = "Sentence. " * 50 + "end."


def other_scripts() -> Transcript:
    """Other scripts and a long text, both reloaded."""
    items = [
        user("u-scripts", asked(WORDS, "scripts")),
        said("a1", WORDS),
        user("u-long", asked("Now.", "long")),
        said("a2", LONG),
    ]
    replies = [
        create("scripts", WORDS, answer("a1", WORDS)),
        say("long", "Now.", answer("a2", LONG)),
        get("reload", items),
    ]
    heard = called("scripts", [{"role": "user", "content": asked(WORDS, "scripts")}])
    return transcript("other_scripts", replies, [heard], question=WORDS, answers=[WORDS, LONG])


def two_threads() -> Transcript:
    """Two threads, each told of its own."""
    replies = [
        create("first", "The word is marzipan.", answer("a1", "Understood.")),
        create("second", "Which word?", answer("a2", "None.", "thr_2"), "thr_2"),
    ]
    calls = [called("second", [{"role": "user", "content": asked("Which word?", "second")}])]
    return transcript("two_threads", replies, calls, secret="marzipan")  # a word, no password


TITLE = "Water the ferns 1a2b3c"


def task(title: str = TITLE, *, completed: bool = False) -> Data:
    """A task as a tool tells it."""
    return {"id": f"task-{title}", "title": title, "completed": completed}


def _tool_turn(label: str, id: str, text: str, make: Any = say) -> Reply:
    made: Reply = make(label, f"Please {label}.", [PROGRESS, *answer(id, text)])
    return made


def tool(role: str, after: list[Data], **notes: Any) -> Transcript:
    """A task made in turn one and changed by a role's tool in turn two."""
    first = steps(
        "create", "Please create.", ("create_task", {"title": TITLE}, task()), ("list_tasks", {}, [task()]), tools=TOOLS
    )
    second = steps(
        role,
        f"Please {role}.",
        (NAMES[role], {"id": task()["id"]}, {"ok": True}),
        ("list_tasks", {}, after),
        n=3,
        tools=TOOLS,
    )
    replies = [
        _tool_turn("create", "a1", f"I have added “{TITLE}”.", create),
        _tool_turn(role, "a2", f"Done: {role}."),
    ]
    known = {"names": NAMES, "title": TITLE, "answer": f"I have added “{TITLE}”.", "role": role, "task_id": "t1"}
    return transcript(f"tool_{role}", replies, [*first, *second], **{**known, **notes})


def tool_create() -> Transcript:
    """A task made and listed, a plain turn, a reload."""
    t = tool("update", [task()])
    after = say("after", "Thank you.", answer("a3", "You are welcome."))
    items = [user("u-create", asked("Please create.", "create")), said("a1", f"I have added “{TITLE}”.")]
    items += [user("u-after", asked("Thank you.", "after")), said("a3", "You are welcome.")]
    later = called("after", [{"role": "user", "content": asked("Thank you.", "after")}], n=3, tools=TOOLS)
    return transcript("tool_create", [t.replies[0], after, get("reload", items)], [*t.calls[:3], later], **t.notes)


def tool_update() -> Transcript:
    """A task given another title."""
    return tool("update", [task(f"{TITLE} before noon")], new_title=f"{TITLE} before noon")


def tool_complete() -> Transcript:
    """A task completed."""
    return tool("complete", [task(completed=True)])


def tool_delete() -> Transcript:
    """A task deleted."""
    return tool("delete", [task("Another")])


BULK = ["Sweep the yard 1", "Oil the hinges 2"]


def bulk_tools(
    *, refused_complete: Any = None, completed: Any = None, refused_delete: Any = None, deleted: Any = None
) -> Transcript:
    """Two tasks, completed and deleted in bulk; each argument is a list told instead of the right one."""
    open_, closed = [task(title) for title in BULK], [task(title, completed=True) for title in BULK]
    refusal_ = {"error": "Set confirm to true."}
    calls = steps(
        "create",
        "Add.",
        *(("create_task", {"title": x}, task(x)) for x in BULK),
        ("list_tasks", {}, open_),
        tools=TOOLS,
    )
    for role, no, yes in (
        ("bulk-complete", refused_complete or open_, completed or closed),
        ("bulk-delete", closed if refused_delete is None else refused_delete, deleted or []),
    ):
        rows = [(NAMES[role], {"confirm": False}, refusal_), ("list_tasks", {}, no)]
        rows += [(NAMES[role], {"confirm": True}, {"ok": 2}), ("list_tasks", {}, yes)]
        calls += steps(role, "Go.", *rows, n=len(calls), tools=TOOLS)
    replies = [_tool_turn("create", "a1", "Both.", create), _tool_turn("bulk-complete", "a2", "Done: bulk-complete.")]
    return transcript(
        "bulk_tools", [*replies, _tool_turn("bulk-delete", "a3", "Done.")], calls, names=NAMES, titles=BULK
    )


def _two(label: str, titles: list[str], n: int, listed: list[str], swapped: bool) -> list[Call]:
    question = {"role": "user", "content": asked("Please.", label)}
    both = calling(*((f"k{i}", "create_task", {"title": x}) for i, x in enumerate(titles)))
    results = [result(f"k{1 - i if swapped else i}", task(x)) for i, x in enumerate(titles)]
    after = [question, both, *results]
    last = [*after, calling(("k9", "list_tasks", {})), result("k9", [task(x) for x in listed])]
    return [called(label, rows, n=n + i, position=i) for i, rows in enumerate(([question], after, last))]


def _items_of_two() -> list[Data]:
    thread_ = "one-per-delta"
    return [user(f"u-{thread_}", asked("Please.", thread_), thread_), said(f"a-{thread_}", "Both.", thread_)]


def two_calls(*, lost: str = "", swapped: bool = False) -> Transcript:
    """Two calls at once, in both layouts; `lost` names the layout of which one task is not in the list."""
    notes: Data = {}
    calls: list[Call] = []
    replies: list[Reply] = []
    for layout, titles in (("one-delta", ["Saw 1", "Gate 2"]), ("one-per-delta", ["Saw 3", "Gate 4"])):
        notes[layout] = titles
        calls += _two(layout, titles, len(calls), titles[: 1 if lost == layout else 2], swapped)
        replies.append(create(layout, "Please.", [PROGRESS, *answer(f"a-{layout}", "Both.", layout)], layout))
    t = transcript("two_calls", [*replies, get("reload", _items_of_two(), "one-per-delta")], calls, names=NAMES)
    return type(t)(exchange=t.exchange, replies=t.replies, calls=t.calls, notes={**t.notes, **notes})


STEPS = ["I will add that now.", "Let me look.", "It is on your list."]


def _with_words(messages: list[Data]) -> list[Data]:
    """The messages with what was said before each call."""
    words = iter(STEPS)
    return [{**m, "content": next(words)} if m.get("tool_calls") else m for m in messages]


def text_around_calls() -> Transcript:
    """Text, call, text, call, text."""
    calls = steps("steps", "Please add.", ("create_task", {"title": TITLE}, task()), ("list_tasks", {}, [task()]))
    calls = [replace(x, body={**x.body, "messages": _with_words(x.messages)}) for x in calls]
    made: tuple[tuple[str, Data], ...] = (("create_task", {"title": TITLE}), ("list_tasks", {}))
    calls[:2] = [replace(calls[n], sent=sent(STEPS[n], (f"c{n}", *made[n]))) for n in (0, 1)]
    calls[2] = replace(calls[2], sent=sent(STEPS[2]))
    said_ = [data for n, text in enumerate(STEPS) for data in answer(f"a{n}", text)]
    return transcript(
        "text_around_calls", [create("steps", "Please add.", said_)], calls, names=NAMES, words=STEPS, title=TITLE
    )


def text_beside_call() -> Transcript:
    """Words and a call in one chunk, and the answer."""
    calls = steps("beside", "Please add.", ("create_task", {"title": TITLE}, task()))
    calls = [replace(x, body={**x.body, "messages": _with_words(x.messages)}) for x in calls]
    calls[0] = replace(calls[0], sent=sent(STEPS[0], ("c0", "create_task", {"title": TITLE})))
    calls[1] = replace(calls[1], sent=sent(STEPS[2]))
    said_ = [data for n in (0, 2) for data in answer(f"a{n}", STEPS[n])]
    beside = create("beside", "Please add.", said_)
    return transcript("text_beside_call", [beside], calls, names={"create": "create_task"}, words=[STEPS[0], STEPS[2]])


def bad_arguments() -> Transcript:
    """Bad arguments whose error went back, and the turns after."""
    replies: list[Reply] = []
    calls: list[Call] = []
    for n, label in enumerate(("not-json", "no-title")):
        replies.append(create(label, "Please.", answer(f"a{n}", "That did not work.", f"thr_{n}"), f"thr_{n}"))
        replies.append(say(f"after-{label}", "There?", answer(f"b{n}", "Yes, I am here.", f"thr_{n}"), f"thr_{n}"))
        calls += steps(label, "Please.", ("create_task", {}, {"error": "title is missing"}), n=len(calls))
    return transcript("bad_arguments", replies, calls, names={"create": "create_task"})


BAD = (
    "not-json",
    "empty-body",
    "array",
    "no-type",
    "unknown-type",
    "no-params",
    "no-thread-id",
    "no-input",
    "wrong-content",
    "wrong-order",
    "unknown-get",
    "unknown-items",
    "unknown-update",
    "unknown-say",
    "unknown-retry",
)


def bad_requests() -> Transcript:
    """Bad requests, each refused, and a good one."""
    replies = [refusal(label, 400) for label in BAD]
    replies += [refusal("still-unknown"), ask("list", "threads.list", {}, page([]))]
    replies.append(create("next", "There?", answer("a1", "Yes, I am here.")))
    return transcript("bad_requests", replies, nowhere="thr_nowhere")


def strangers() -> Transcript:
    """A private thread that user b did not get at."""
    secret = create("secret", "The safe's number is 7-31-19.", answer("a1", "I will keep it."))
    replies = [secret, read("before")]
    replies += [refusal(label) for label in ("b-get", "b-items")]
    replies += [ask("b-list", "threads.list", {}, page([thread("thr_b")]))]
    say_ = refusal("b-say", type="threads.add_user_message", thread_id="thr_1", input=_input("b-say"))
    rename = refusal("b-rename", type="threads.update", thread_id="thr_1", title="Taken over")
    replies += [say_, rename, refusal("b-retry"), read("after"), refusal("b-delete"), read("after-delete")]
    made = [replace(r, user="b") if r.label.startswith("b-") else r for r in replies]
    return transcript("strangers", made, private="7-31-19", thread="thr_1", title=None)


def _input(label: str) -> Data:
    return {"content": [{"type": "input_text", "text": asked("What is it?", label)}]}


def no_credentials() -> Transcript:
    """Nobody got in; the good token did."""
    labels = ("nobody-lists", "nobody-writes", "forged-token", "unsigned-token", "expired-token")
    good = ask("good-token", "threads.list", {"limit": 1}, page([]))
    refused = (replace(refusal(label, 401), user="", raw=True) for label in labels)
    return transcript("no_credentials", [*refused, good])


def client_leaves() -> Transcript:
    """A browser that left, a model's call that was given up, a thread that goes on."""
    left = [user("u-left", asked("Talk.", "left")), said("a1", "These words were seen, ")]
    back = [user("u-next", asked("I am back.", "next")), said("a2", "Welcome back.")]
    replies = [
        create("left", "Talk.", [added(said("a1", "")), delta("a1", "These words were seen, ")], ended="left"),
        get("reload", left),
        say("next", "I am back.", answer("a2", "Welcome back.")),
        get("reload-next", [*left, *back]),
    ]
    calls = [called("left", at=4.0, finished_at=None, gone_at=5.3)]
    return transcript("client_leaves", replies, calls, said="These words were seen, ", left_at=5.0)


def whole_run(**notes: Any) -> Transcript:
    """A run that spoke with Gemini alone."""
    facts = {"egress_watched": True, "egress": [], "leaks": [], "clashes": []}
    facts["turned_away"] = {"in_vain": 0, "told_s": 1.0}
    return transcript("whole_run", [], [called("turn-1")], **{**facts, **notes})


def unknown_tool() -> Transcript:
    """An undeclared tool that was told of."""
    calls = [
        called("fault", tools=TOOLS, sent=sent("", ("k1", "launch", {}))),
        called("next", [{"role": "user", "content": asked("?", "next")}], n=1, tools=TOOLS),
    ]
    replies = [create("fault", "Launch.", [ERROR]), say("next", "?", answer("a2", "Yes, I am here."))]
    return transcript("unknown_tool", replies, calls)


def sound() -> list[Transcript]:
    """Every conversation that is right."""
    made = [
        three_turns(),
        held_answer(),
        other_scripts(),
        two_threads(),
        tool_create(),
        tool_update(),
        tool_complete(),
        tool_delete(),
        bulk_tools(),
        two_calls(),
        text_around_calls(),
        text_beside_call(),
        bad_arguments(),
        unknown_tool(),
        item_pages(),
        thread_pages(),
        rename_and_delete(),
        retry(),
        bad_requests(),
        strangers(),
        no_credentials(),
        client_leaves(),
        quiet_turns(),
        quiet_tool(),
        whole_run(),
    ]
    return [*made, *(fault(f"fault_{name}") for name in FAULTS), fault_retried(), fault_passing()]
