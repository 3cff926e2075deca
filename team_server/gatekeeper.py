"""What is refused before a stream begins, besides what the reference server refuses: a decision about nothing."""

from __future__ import annotations

from chatkit.types import ChatKitReq, ThreadsCustomActionReq, ThreadsSyncCustomActionReq, WidgetItem

from reference_server.context import RequestContext
from reference_server.gatekeeper import Gatekeeper
from reference_server.refusal import Refusal
from team_server import approval


class TeamGatekeeper(Gatekeeper):
    """Knows the buttons of approvals."""

    async def check(self, request: ChatKitReq, context: RequestContext) -> None:
        """Raises NotFoundError, Refusal or ThreadLocked when the request cannot be carried out."""
        if not isinstance(request, ThreadsCustomActionReq | ThreadsSyncCustomActionReq):
            await super().check(request, context)
        elif request.params.action.type in approval.DECISIONS:
            await self._decision(request, context)
        else:
            await super().check(request, context)

    async def _decision(
        self, request: ThreadsCustomActionReq | ThreadsSyncCustomActionReq, context: RequestContext
    ) -> None:
        params = request.params
        await self.open_thread(params, context)
        if isinstance(request, ThreadsSyncCustomActionReq) or not params.item_id:
            raise Refusal(422, "invalid_action", "a decision is an action of its card, answered with a stream")
        item = await self._store.load_item(params.thread_id, params.item_id, context)
        if not isinstance(item, WidgetItem):
            raise Refusal(422, "not_a_widget", f"item {params.item_id!r} is a {item.type}, not a widget")
        await approval.check(params.action, self._store.database, context.user_id)
