"""The model's thoughts, shown as a workflow while they come, and the answer after them."""

from __future__ import annotations

from chatkit.types import (
    CustomSummary,
    ThoughtTask,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    Workflow,
    WorkflowItem,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)

from reference_server.answering import Speech
from reference_server.turn import Turn, now

ASK_FOR_THOUGHTS = {"extra_body": {"google": {"thinking_config": {"include_thoughts": True}}}}
"""What a request to Gemini says so that it tells its thoughts."""


class ThoughtfulSpeech(Speech):
    """Speech that shows the thoughts before the words."""

    def __init__(self, turn: Turn) -> None:
        super().__init__(turn)
        self._shown: WorkflowItem | None = None

    def thinking(self, text: str) -> None:
        """The next words of a thought; the first begins the workflow."""
        if self._shown is None:
            self._shown = WorkflowItem(
                id=self._turn.new_id("workflow"),
                thread_id=self._turn.thread.id,
                created_at=now(),
                workflow=Workflow(type="reasoning", tasks=[]),
            )
            self._begun.append(self._shown.id)
            self._turn.show(ThreadItemAddedEvent(item=self._shown.model_copy(deep=True)))
        before = self._thought()
        task = ThoughtTask(content=(before.content if before else "") + text, status_indicator="loading")
        update: WorkflowTaskAdded | WorkflowTaskUpdated = (
            WorkflowTaskUpdated(task_index=0, task=task) if before else WorkflowTaskAdded(task_index=0, task=task)
        )
        self._shown.workflow.tasks = [task.model_copy()]
        self._turn.show(ThreadItemUpdatedEvent(item_id=self._shown.id, update=update))

    def write(self, text: str) -> None:
        """The thought is over where words begin."""
        self._close()
        super().write(text)

    def calling(self, tool: str) -> None:
        """The thought is over where a tool is called."""
        self._close()
        super().calling(tool)

    def end(self) -> None:
        """The answer is complete."""
        self._close()
        super().end()

    def take_back(self) -> None:
        """Remove the thoughts, too."""
        self._shown = None
        super().take_back()

    def _thought(self) -> ThoughtTask | None:
        tasks = self._shown.workflow.tasks if self._shown else []
        return tasks[0] if tasks and isinstance(tasks[0], ThoughtTask) else None

    def _close(self) -> None:
        shown, thought = self._shown, self._thought()
        self._shown = None
        if shown is None or thought is None:
            return
        whole = thought.model_copy(update={"status_indicator": "complete"})
        self._turn.show(ThreadItemUpdatedEvent(item_id=shown.id, update=WorkflowTaskUpdated(task_index=0, task=whole)))
        ended = Workflow(type="reasoning", tasks=[whole.model_copy()], summary=CustomSummary(title="Thought"))
        self._turn.show(ThreadItemDoneEvent(item=shown.model_copy(update={"workflow": ended})))
