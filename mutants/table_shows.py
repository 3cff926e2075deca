"""The mutants of the showcase, and those that break what is shown beside plain answers or what reaches the model."""

from __future__ import annotations

from . import inside, model_lies
from . import show_lies as lie
from . import widget_lies as widgets
from .answer_lies import on, on_items
from .both_sides import with_wire
from .mutant import Mutant, Upstream, Wire
from .showcase.server import install
from .stream_lies import drop, edit, kind
from .turn_lies import after_tool, dead_end, dies

DONE = "thread.item.done"
READ = "threads.get_by_id threads.list"


def _of_showcase(name: str, says: str, wire: Wire, *named: str) -> Mutant:
    """A mutant of the showcase whose wire lies."""
    return Mutant(name=name, lie=says, change=with_wire(install, wire), named=named, target="showcase.toml")


SHOWS = (
    _of_showcase(
        "client-call-completed",
        "A client tool's call is told as completed before the browser has answered.",
        Wire(event=edit(lie.is_item("client_tool_call"), lie.completed)),
        "client-tools.call-shown",
    ),
    Mutant(
        name="waiting-goes-on",
        lie="Where a turn should wait for the user, the model is asked on.",
        change=lie.unstopped,
        target="showcase.toml",
        named=("client-tools.call-ends-turn", "client-tools.questions-end-turn"),
    ),
    _of_showcase(
        "client-call-unstored",
        "A client tool's call is not shown by a reload.",
        Wire(answer=on_items(lie.without_type("client_tool_call"))),
        "client-tools.call-pending-after-reload",
        "client-tools.output-kept",
    ),
    _of_showcase(
        "waiting-ends-dead",
        "A turn that waited is not answered when the answer has come.",
        Wire(event=lie.dead_when_going_on),
        "client-tools.output-continues",
        "client-tools.answers-continue",
        "client-tools.questions-skipped",
    ),
    Mutant(
        name="answers-untold",
        lie="What the browser or the user answered is not told to the model.",
        change=lie.deaf,
        target="showcase.toml",
        named=("client-tools.output-reaches-model", "client-tools.answers-reach-model", "client-tools.answer-told"),
    ),
    Mutant(
        name="waiting-for-anybody",
        lie="Any user can answer what another was asked.",
        change=inside.both(install, inside.merge_users),
        target="showcase.toml",
        named=("client-tools.other-user-cannot-send-output", "client-tools.other-user-cannot-answer"),
    ),
    _of_showcase(
        "turn-after-waiting-dead",
        "The turn after one that waited is never answered.",
        Wire(event=dies(lie.AFTER_WAITING), end=dead_end),
        "client-tools.turn-after-works",
        "client-tools.turn-after-questions-works",
    ),
    Mutant(
        name="pending-call-sent",
        lie="A call that nobody answered is sent to the model without a result.",
        change=lie.unpaired,
        target="showcase.toml",
        named=("client-tools.ignored-call-works", "client-tools.ignored-call-not-sent-unpaired"),
    ),
    _of_showcase(
        "questions-share-id",
        "All questions of a form have one id.",
        Wire(event=edit(lie.is_item("structured_input"), lie.one_question_id)),
        "client-tools.questions-shown",
    ),
    _of_showcase(
        "answers-unrecorded",
        "The answered form is not sent.",
        Wire(event=drop(lie.is_item("structured_input", "thread.item.replaced"))),
        "client-tools.answers-recorded",
    ),
    _of_showcase(
        "stray-answer-breaks",
        "An answer to a question that was not asked breaks the connection.",
        Wire(event=lie.breaks_on_strays),
        "client-tools.unexpected-answers-harmless",
    ),
    _of_showcase(
        "answers-all-kept",
        "A question that takes one value keeps all.",
        Wire(answer=on_items(lie.many_answers)),
        "client-tools.single-answer-kept",
    ),
    _of_showcase(
        "lock-untold", "A lock is not told of.", Wire(event=drop(lie.is_lock)), "protocol.locked-thread-announced"
    ),
    _of_showcase(
        "lock-forgotten",
        "A locked thread is active when it is read.",
        Wire(answer=on(READ, lie.unlocked)),
        "protocol.locked-thread-reloaded",
    ),
    _of_showcase(
        "delta-for-nobody",
        "A widget's text delta names a component that is not there.",
        Wire(event=edit(lambda e: kind(e) == "widget.streaming_text.value_delta", lie.other_component)),
        "widgets.delta-finds-component",
    ),
    _of_showcase(
        "widget-finished-empty",
        "A widget is finished without what was written in it.",
        Wire(event=edit(lie.is_item("widget", DONE), lie.emptied_card)),
        "widgets.updates-equal-finished",
    ),
    _of_showcase(
        "annotations-from-one",
        "Annotations are counted from 1.",
        Wire(event=edit(lambda e: kind(e).endswith("annotation_added"), lie.later_annotation)),
        "stream.annotations-equal-finished",
    ),
    _of_showcase(
        "annotations-unstored",
        "A reload shows messages without their annotations.",
        Wire(answer=on_items(lie.no_annotations)),
        "stream.annotations-reloaded",
    ),
    _of_showcase(
        "image-finished-as-other",
        "An image is finished as another one than was shown.",
        Wire(event=edit(lie.is_item("generated_image", DONE), lie.other_image)),
        "stream.image-reloaded",
    ),
    _of_showcase(
        "image-finished-as-first",
        "An image is finished as what was shown of it first.",
        Wire(event=lie.first_image),
        "stream.image-equals-finished",
    ),
    Mutant(
        name="widget-is-a-word",
        lie="A finished widget is a word.",
        change=Wire(event=edit(lie.is_item("widget", DONE), lie.no_widget)),
        named=("widgets.finished-valid",),
    ),
    Mutant(
        name="button-misspelt",
        lie="Buttons of widgets are called `Buton`.",
        change=widgets.everywhere(widgets.misspelt),
        named=("widgets.known-to-client",),
    ),
    Mutant(
        name="text-in-unknown-field",
        lie="Texts of widgets have a field that nobody knows.",
        change=widgets.everywhere(widgets.other_field),
        named=("widgets.known-to-client",),
    ),
    Mutant(
        name="text-of-no-weight",
        lie="Texts of widgets have a weight that there is not.",
        change=widgets.everywhere(widgets.other_value),
        named=("widgets.known-to-client",),
    ),
    Mutant(
        name="widget-words-escaped",
        lie="Texts of widgets are written as HTML.",
        change=widgets.everywhere(widgets.escaped),
        named=("widgets.words-unescaped",),
    ),
    Mutant(
        name="widget-stored-empty",
        lie="A reload shows widgets without their children.",
        change=Wire(answer=on_items(lie.bare_widgets)),
        named=("widgets.shown-after-reload", "widgets.action-shown-after-reload"),
    ),
    Mutant(
        name="turn-after-widget-dead",
        lie="The turn after one with a widget is never answered.",
        change=Wire(event=dies(after_tool), end=dead_end),
        named=("widgets.turn-after-works",),
    ),
    Mutant(
        name="actions-fail",
        lie="An action of the server's own widget ends in an error.",
        change=Wire(event=lie.unwanted_action, end=lie.fails),
        named=("widgets.action-answered",),
    ),
    Mutant(
        name="payload-taken-for-granted",
        lie="An action without a payload is answered with 500.",
        change=Wire(status=lie.crash_without_payload),
        named=("widgets.payload-may-be-missing",),
    ),
    Mutant(
        name="thread-made-by-action",
        lie="An action in a thread that is not there makes it.",
        change=inside.make_when_read,
        named=("widgets.action-creates-no-thread",),
    ),
    Mutant(
        name="workflow-finished-otherwise",
        lie="A workflow is finished with another task than was shown.",
        change=Wire(event=edit(lie.is_item("workflow", DONE), lie.other_task)),
        named=("stream.workflow-equals-finished", "stream.workflow-reloaded"),
    ),
    Mutant(
        name="history-window",
        lie="The model is sent the last six messages only.",
        change=Upstream(request=lie.window),
        named=("gemini.history-user-messages", "gemini.history-answers"),
    ),
    Mutant(
        name="history-lost-after-tools",
        lie="The model is not told of the turns before.",
        change=Upstream(request=model_lies.no_history),
        named=("gemini.history-user-messages",),
    ),
    Mutant(
        name="questions-in-ascii",
        lie="The user's words reach the model in English letters only.",
        change=Upstream(request=lie.ascii_questions),
        named=("gemini.user-text-unchanged",),
        also=("gemini.history-user-messages",),
    ),
    Mutant(
        name="quotation-lost",
        lie="What the user quotes does not reach the model.",
        change=Upstream(request=lie.unquoted),
        named=("gemini.quotation-reaches-model",),
    ),
    Mutant(
        name="any-model-asked",
        lie="The model that is asked is not one of Gemini's.",
        change=Upstream(request=model_lies.other_model),
        named=("gemini.non-gemini-model-not-requested",),
    ),
    Mutant(
        name="roles-of-old",
        lie="Tool results are sent in the role `function`.",
        change=Upstream(request=lie.old_roles),
        named=("gemini.roles-known",),
    ),
)
