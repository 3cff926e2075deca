"""What `explain` tells the owner of a naive server is done to it, one edit a fix: the check that failed passes."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from chatkit_conformance.judged_run.run import JudgedRun
from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.running.settings import Settings, target_of

NAIVE = Path(__file__).parents[2] / "examples" / "naive"

Edit = tuple[str, str]

RESPOND = "await simple_to_agent_input(items.data)"
IMPORTS: Edit = ("import os\n", "import os\nimport agents\nimport openai\nfrom chatkit import types\n")

PLAIN_TEXT = (
    (RESPOND, "await PlainText().to_agent_input(items.data)"),
    (
        "class TaskChat(",
        """from chatkit.agents import ThreadItemConverter


class PlainText(ThreadItemConverter):
    async def assistant_message_to_input(self, item):
        return {"type": "message", "role": "assistant", "content": "".join(part.text for part in item.content)}


class TaskChat(""",
    ),
)
"""Past answers go to the model as plain text."""

OWN_IDS = (
    (
        "            yield event\n",
        """            if isinstance(event, types.ThreadItemAddedEvent):
                own[event.item.id] = self.store.generate_item_id("message", thread, context)
            if isinstance(event, types.ThreadItemUpdatedEvent):
                event.item_id = own.get(event.item_id, event.item_id)
            if isinstance(event, types.ThreadItemAddedEvent | types.ThreadItemDoneEvent):
                event.item.id = own.get(event.item.id, event.item.id)
            yield event
""",
    ),
    (
        "        async for event in stream_agent_response",
        "        own = {}\n        async for event in stream_agent_response",
    ),
)
"""Each item has an id from the store from its `added` to its `done`."""

CAUGHT = (
    (
        "    result = await chat.process(await request.body(), {})\n",
        """    try:
        body, context = await request.body(), {"user": _user_of(request)}
        told = json.loads(body)
        if isinstance(told, dict) and isinstance(told.get("params"), dict) and "thread_id" in told["params"]:
            await chat.store.load_thread(told["params"]["thread_id"], context)
        result = await chat.process(body, context)
    except jwt.PyJWTError:
        return Response('{"error": "sign in first"}', 401, media_type="application/json")
    except ValueError:
        return Response('{"error": "this is no request"}', 400, media_type="application/json")
    except NotFoundError:
        return Response('{"error": "there is no such thread"}', 404, media_type="application/json")
""",
    ),
    ("import os\n", "import json\nimport os\n"),
)
"""A request that cannot be read, and one about a thread that is not there, are refused with 4xx."""

SIGNED_IN = (
    (
        '@app.post("/chatkit")',
        """def _user_of(request):
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    required = {"require": ["exp", "sub"]}
    return jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"], options=required)["sub"]


@app.post("/chatkit")""",
    ),
    ("import uvicorn\n", "import jwt\nimport uvicorn\n"),
)
"""The token is checked before anything else; what is wrong with it is refused by CAUGHT."""

OWNED = (
    (
        "        if thread_id not in self.threads:\n",
        '        if thread_id not in self.threads or self.owners[thread_id] != context["user"]:\n',
    ),
    (
        "        self.threads[thread.id] = thread\n",
        '        self.owners.setdefault(thread.id, context["user"])\n        self.threads[thread.id] = thread\n',
    ),
    (
        "        return paginate(list(self.threads.values()), after, limit, order)\n",
        '        mine = [row for row in self.threads.values() if self.owners[row.id] == context["user"]]\n'
        "        return paginate(mine, after, limit, order)\n",
    ),
    (
        "        self.threads: dict[str, ThreadMetadata] = {}\n",
        "        self.threads: dict[str, ThreadMetadata] = {}\n        self.owners: dict[str, str] = {}\n",
    ),
)
"""Each thread has an owner, and nobody else finds it."""

BARE_HEADERS = (
    (
        'api_key=os.environ["GEMINI_API_KEY"],\n',
        'api_key=os.environ["GEMINI_API_KEY"],\n    default_headers='
        '{"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()},\n',
    ),
)
FIXES: dict[str, tuple[Edit, ...]] = {
    "persistence.second-turn-works": PLAIN_TEXT,
    "persistence.third-turn-works": PLAIN_TEXT,
    "stream.ids-unique": OWN_IDS,
    "errors.bad-json": CAUGHT,
    "errors.unknown-type": CAUGHT,
    "errors.missing-params": CAUGHT,
    "errors.wrong-params": CAUGHT,
    "errors.unknown-thread-read": CAUGHT,
    "errors.unknown-thread-update": CAUGHT,
    "errors.unknown-thread-stream": CAUGHT,
    "gemini.no-openai-headers": BARE_HEADERS,
    "security.no-token-refused": SIGNED_IN,
    "security.no-token-refused-everywhere": SIGNED_IN,
    "security.no-token-cannot-write": SIGNED_IN,
    "security.forged-token-refused": SIGNED_IN,
    "security.unsigned-token-refused": SIGNED_IN,
    "security.expired-token-refused": SIGNED_IN,
    "security.empty-key-token-refused": SIGNED_IN,
    "security.token-not-yet-valid-refused": SIGNED_IN,
    "security.key-in-token-not-trusted": SIGNED_IN,
    "security.other-user-cannot-read": OWNED,
    "security.other-user-cannot-read-items": OWNED,
    "security.other-user-cannot-rename": OWNED,
    "security.other-user-cannot-delete": OWNED,
    "security.other-user-threads-not-listed": OWNED,
    "tools.visible": (),
}
"""Check -> what its fix is in the naive server's source. Of `tools.visible`: see `_shown`."""


HELD = ("three_turns", "bad_requests", "tool_create", "no_credentials", "bad_tokens", "strangers")
"""Conversations that these checks are judged on here."""


def _shown(source: str) -> str:
    """The source in which each tool streams what it does."""
    tool = re.compile(r"@function_tool\ndef (\w+)\((.*?)\) -> (.*?):\n(    \"\"\".*?\"\"\"\n)")
    told = r'    await ctx.context.stream(types.ProgressUpdateEvent(text="Running \1"))\n'
    head = r'@function_tool\nasync def \1(ctx: agents.RunContextWrapper["AgentContext[Context]"], \2) -> \3:\n\4'
    return tool.sub(head + told, source)


def _mended() -> str:
    source = (NAIVE / "server.py").read_text("utf-8")
    for old, new in (IMPORTS, *dict.fromkeys(edit for edits in FIXES.values() for edit in edits)):
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return _shown(source)


def _judged(folder: Path) -> dict[str, str]:
    """Outcome of each of these checks on the server in this folder."""
    wanted = [check for check in checks() if check.id in FIXES]
    target = target_of(file=str(folder / "chatkit-target.toml"), command=(sys.executable, "server.py"))
    run = JudgedRun(Settings(target=target, exchange=HELD, only=frozenset(FIXES)))
    run.hold(wanted)
    try:
        run.wait_until_ready()
        return {check.id: run.judge(check).outcome for check in wanted}
    finally:
        run.close(write=False)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], dict[str, str]]:
    """What is judged of the naive server, and of the mended one."""
    folder = tmp_path_factory.mktemp("mended")
    shutil.copy(NAIVE / "chatkit-target.toml", folder)
    (folder / "server.py").write_text(_mended(), "utf-8")
    return _judged(NAIVE), _judged(folder)


@pytest.mark.parametrize("id", FIXES)
@pytest.mark.slow
def test_a_fix_mends_what_its_check_found(id: str, outcomes: tuple[dict[str, str], dict[str, str]]) -> None:
    """The check fails on the naive server, and passes where its fix was done."""
    before, after = outcomes
    assert before[id] in ("failed", "warned")
    assert after[id] == "passed"
