"""The team of agents, and the mutants of it."""

from __future__ import annotations

from . import approval_lies as yes
from . import inside
from . import team_lies as lie
from .both_sides import with_gateway, with_wire
from .mutant import Mutant, Upstream, Wire
from .stream_lies import drop, edit
from .turn_lies import after_error, dead_end, dies

TARGET = "team.toml"

TEAM = (
    Mutant(
        name="team",
        lie="It has handoffs, guardrails, a session, approvals, an agent as a tool, answers in JSON.",
        change=lie.install,
        near_miss=True,
        target=TARGET,
    ),
    Mutant(
        name="handoff-without-calls",
        lie="An agent that is handed over to is not told of the calls before.",
        change=lie.with_team(lie.without_calls),
        near_miss=True,
        meets="[gt]*",
        target=TARGET,
    ),
    Mutant(
        name="handoff-history-nested",
        lie="An agent that is handed over to is told the conversation as one summary.",
        change=lie.nested_history,
        near_miss=True,
        meets="tools.*handoff*",
        target=TARGET,
    ),
    Mutant(
        name="handoff-in-name-only",
        lie="After a handoff the model is asked as before it.",
        change=lie.with_team(lie.in_name_only),
        named=("tools.handoff-changes-agent",),
        target=TARGET,
    ),
    Mutant(
        name="handoff-unheard",
        lie="What an agent says that was handed over to is not shown.",
        change=lie.with_team(lie.unheard),
        named=("tools.handoff-answered",),
        target=TARGET,
    ),
    Mutant(
        name="turn-after-handoff-dead",
        lie="The turn after one with a handoff is never answered.",
        change=with_wire(lie.install, Wire(event=dies(lie.after_call("transfer_to_gardener")), end=dead_end)),
        named=("tools.turn-after-handoff-works",),
        target=TARGET,
    ),
    Mutant(
        name="guards-asleep",
        lie="Guardrails let everything pass.",
        change=lie.asleep,
        named=(
            "errors.input-guardrail-told",
            "errors.output-guardrail-told",
            "errors.withheld-answer-removed",
        ),
        target=TARGET,
    ),
    Mutant(
        name="guards-silent",
        lie="What a guardrail stops ends without a word.",
        change=with_wire(lie.install, Wire(event=lie.error_dropped)),
        named=(
            "errors.input-guardrail-told",
            "errors.output-guardrail-told",
            "errors.unfit-answer-told",
            "errors.stopped-turn-told",
        ),
        target=TARGET,
    ),
    Mutant(
        name="guards-for-ever",
        lie="A thread in which a guardrail stopped a turn is never answered again.",
        change=with_wire(lie.install, Wire(event=dies(after_error), end=dead_end)),
        named=("errors.turn-after-input-guardrail-works", "errors.turn-after-output-guardrail-works"),
        target=TARGET,
    ),
    Mutant(
        name="withheld-answer-stored",
        lie="An answer that was withheld and removed is there again after a reload.",
        change=lie.undeleted,
        named=("persistence.reload-equals-stream",),
        target=TARGET,
    ),
    Mutant(
        name="withheld-answer-shown",
        lie="An answer that was withheld is not removed from the screen.",
        change=with_wire(lie.install, Wire(event=drop(lambda event: event.get("type") == "thread.item.removed"))),
        named=("persistence.reload-equals-stream", "errors.withheld-answer-removed"),
        target=TARGET,
    ),
    Mutant(
        name="session-remembers",
        lie="The session tells the model what was removed from the thread.",
        change=lie.with_session(lie.Remembering),
        named=("gemini.withheld-answer-not-sent", "persistence.retry-forgets-removed"),
        target=TARGET,
    ),
    Mutant(
        name="session-beside-history",
        lie="The model is told everything twice: by the session, and by the thread's items.",
        change=lie.with_session(lie.Twice),
        named=("gemini.history-once",),
        target=TARGET,
    ),
    Mutant(
        name="approval-yes-and-no",
        lie="The buttons of an approval say Yes and No.",
        change=yes.yes_and_no,
        near_miss=True,
        meets="tools.*",
        target=TARGET,
    ),
    Mutant(
        name="approval-unasked",
        lie="A tool that takes the user's yes runs without it.",
        change=yes.unasked,
        named=("tools.approval-waits",),
        target=TARGET,
    ),
    Mutant(
        name="approval-unclaimed",
        lie="Each press of a button decides anew.",
        change=yes.unclaimed,
        named=("tools.approved-call-runs-once", "tools.refused-call-not-run"),
        target=TARGET,
    ),
    Mutant(
        name="refusal-approves",
        lie="Who refuses a call lets it run.",
        change=yes.refusal_approves,
        named=("tools.refused-call-not-run",),
        target=TARGET,
    ),
    Mutant(
        name="approval-in-memory",
        lie="What waits for the user's yes is lost when the server is started again.",
        change=yes.in_memory,
        named=("tools.approval-outlives-restart",),
        target=TARGET,
    ),
    Mutant(
        name="approval-forgotten",
        lie="An approved call does not run.",
        change=yes.forgotten,
        named=("tools.approved-call-runs",),
        target=TARGET,
    ),
    Mutant(
        name="approval-of-anybody",
        lie="Any user can decide what another was asked.",
        change=inside.both(lie.install, inside.merge_users),
        named=("tools.other-user-cannot-approve",),
        target=TARGET,
    ),
    Mutant(
        name="approval-unshown",
        lie="A turn that waits for the user's yes shows nothing.",
        change=yes.unshown,
        named=("tools.approval-asked",),
        target=TARGET,
    ),
    Mutant(
        name="decision-unanswered",
        lie="Nothing is said after a decision.",
        change=with_wire(lie.install, Wire(event=yes.unanswered)),
        named=("tools.decision-answered",),
        target=TARGET,
    ),
    Mutant(
        name="turn-after-decision-dead",
        lie="The turn after a decision is never answered.",
        change=with_wire(lie.install, Wire(event=dies(yes.after_decision), end=dead_end)),
        named=("tools.turn-after-decision-works",),
        target=TARGET,
    ),
    Mutant(
        name="nested-agent-mute",
        lie="What an agent answers that is a tool does not come back.",
        change=lie.with_team(lie.mute_translator),
        named=("tools.nested-agent-result",),
        target=TARGET,
    ),
    Mutant(
        name="nested-agent-last",
        lie="A turn ends with the result of a tool.",
        change=lie.with_team(lie.ends_with_tools),
        named=("tools.nested-agent-answered", "tools.answer-follows", "tools.turn-goes-on"),
        target=TARGET,
    ),
    Mutant(
        name="turn-after-other-agents-dead",
        lie="The turn after one in which another agent worked is never answered.",
        change=with_wire(lie.install, Wire(event=dies(lie.after_call("trans")), end=dead_end)),
        named=("tools.turn-after-nested-agent-works", "tools.turn-after-structured-answer-works"),
        target=TARGET,
    ),
    Mutant(
        name="plan-in-json",
        lie="An answer in JSON is shown as it comes.",
        change=lie.with_team(lie.planner_speaks),
        named=("tools.structured-answer-readable",),
        target=TARGET,
    ),
    Mutant(
        name="plan-unshown",
        lie="What an answer in JSON says is not shown.",
        change=lie.plan_unshown,
        named=("tools.structured-answer-shown",),
        target=TARGET,
    ),
    Mutant(
        name="plan-without-schema",
        lie="The model is not told the schema of an answer in JSON.",
        change=with_gateway(lie.install, Upstream(request=lie.without_schema)),
        named=("gemini.answer-schema-sent",),
        target=TARGET,
    ),
    Mutant(
        name="plan-with-tools",
        lie="A request has both tools and a schema of the answer, which Gemini 2.5 refuses.",
        change=lie.with_team(lie.planner_with_tools),
        named=("gemini.requests-valid",),
        dialect="gemini-2.5",
        target=TARGET,
    ),
    Mutant(
        name="thoughts-not-kept",
        lie="The model's thoughts are shown, and gone after a reload.",
        change=lie.thoughts_undone,
        named=("stream.reasoning-shown", "stream.reasoning-kept"),
        target=TARGET,
    ),
    Mutant(
        name="thoughts-as-steps",
        lie="The model's thoughts are shown as what was done.",
        change=with_wire(lie.install, Wire(event=edit(lie.is_thought, lie.thoughts_as_steps))),
        named=("stream.reasoning-shown",),
        target=TARGET,
    ),
)
