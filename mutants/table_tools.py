"""The mutants whose tools go wrong one by one."""

from __future__ import annotations

from chatkit_conformance.stream.event_kinds import shows_tool

from . import inside
from . import tool_lies as lie
from .both_sides import with_wire
from .mutant import Event, Mutant, Upstream, Wire
from .stream_lies import drop

ROLES = ("create", "read", "update", "complete", "delete", "bulk-complete", "bulk-delete")
BULK = "complete_all_tasks delete_all_tasks"
ONE = "update_task complete_task delete_task"


def _error(event: Event) -> bool:
    return event.get("type") == "error"


SILENT = Wire(event=drop(_error))

TOOLS = (
    Mutant(
        name="each-tool-hidden",
        lie="No tool is shown while it runs.",
        change=Wire(event=drop(shows_tool)),
        named=(*(f"tools.{role}-visible" for role in ROLES), "tools.shown-in-every-turn"),
    ),
    Mutant(
        name="each-result-empty",
        lie="No tool tells the model anything.",
        change=inside.tool("*", inside.speechless),
        named=(
            "tools.create-result-returned",
            "tools.read-result-returned",
            "tools.bulk-complete-result-returned",
            "tools.bulk-delete-result-returned",
        ),
    ),
    Mutant(
        name="one-result-empty",
        lie="Tools of one task tell the model nothing, but for the one that creates it.",
        change=inside.tool(ONE, inside.speechless),
        named=(
            "tools.update-result-returned",
            "tools.complete-result-returned",
            "tools.delete-result-returned",
            "tools.results-told",
        ),
    ),
    Mutant(
        name="wrong-arguments-silent",
        lie="A call whose arguments are cut off ends the turn without a word.",
        change=with_wire(inside.tool("*", lie.crash_when(lie.not_json)), SILENT),
        named=tuple(f"tools.{role}-wrong-arguments" for role in ROLES),
    ),
    Mutant(
        name="unknown-tool-silent",
        lie="A call of a tool that was never declared ends the turn without a word.",
        change=with_wire(inside.refuse_unknown_tools, SILENT),
        named=("tools.unknown-tool-handled",),
    ),
    Mutant(
        name="unknown-id-silent",
        lie="A call for a task that is not there ends the turn without a word.",
        change=with_wire(inside.tool(ONE, lie.crash_when(lambda text: "999999999" in text)), SILENT),
        named=("tools.update-unknown-id", "tools.complete-unknown-id", "tools.delete-unknown-id"),
    ),
    Mutant(
        name="long-arguments-silent",
        lie="A call with a long text ends the turn without a word.",
        change=with_wire(inside.tool("create_task", lie.crash_when(lambda text: len(text) > 2000)), SILENT),
        named=("tools.create-long-text",),
    ),
    Mutant(
        name="long-changes-silent",
        lie="A change to a long text ends the turn without a word.",
        change=with_wire(inside.tool("update_task", lie.crash_when(lambda text: len(text) > 2000)), SILENT),
        named=("tools.update-long-text",),
    ),
    Mutant(
        name="create-in-ascii",
        lie="The create tool knows English letters only.",
        change=inside.tool("create_task", lie.changed(lie.in_ascii)),
        named=("tools.create-other-scripts",),
    ),
    Mutant(
        name="update-in-ascii",
        lie="The update tool knows English letters only.",
        change=inside.tool("update_task", lie.changed(lie.in_ascii)),
        named=("tools.update-other-scripts",),
    ),
    Mutant(
        name="create-runs-twice",
        lie="Each call of the create tool makes two tasks.",
        change=inside.tool("create_task", lie.twice),
        named=("tools.executes-once",),
    ),
    Mutant(
        name="three-calls-only",
        lie="Of many calls in one answer only three are heard.",
        change=Upstream(chunk=lie.three_calls_only),
        named=("tools.five-calls-at-once",),
    ),
    Mutant(
        name="equal-calls-once",
        lie="Of two equal calls in one answer only one is heard.",
        change=Upstream(chunk=lie.equal_calls_once),
        named=("tools.equal-calls-answered",),
    ),
    Mutant(
        name="confirm-by-default",
        lie="A bulk call without an argument counts as confirmed.",
        change=inside.tool(BULK, lie.changed(lie.confirmed_by_default)),
        named=("tools.bulk-complete-without-arguments", "tools.bulk-delete-without-arguments"),
    ),
    Mutant(
        name="calls-retold",
        lie="Calls go back to the model with other arguments than it gave.",
        change=Upstream(request=lie.other_arguments),
        named=("gemini.calls-replayed-as-made",),
    ),
    Mutant(
        name="empty-ids-fatal",
        lie="A call whose id is empty ends the turn.",
        change=lie.keep_empty_ids,
        named=("gemini.empty-ids-run",),
    ),
    Mutant(
        name="empty-ids-back",
        lie="Ids that the server made up go back as empty ones.",
        change=Upstream(request=lie.empty_ids_back),
        named=("gemini.empty-ids-paired",),
    ),
)
