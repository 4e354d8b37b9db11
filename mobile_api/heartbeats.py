"""Phones say what they still hold, and answer what they were asked to send again."""

from uuid import UUID

from flask.views import MethodView

from mobile_api.schemas.heartbeats import HeardOut, HeartbeatIn, RecallAnsweredOut, RecallOutcomeIn
from service.http.blueprint import Blueprint
from service.http.guards import signed_in
from service.http.work import house, work
from service.outboxes.heartbeats import Heard, Outbox, hear
from service.outboxes.recalls import RecallAnswered, RecallOutcome, answer_recall

blueprint = Blueprint(
    "heartbeats", __name__, guard=signed_in, description="手机状态 / What phones still hold"
)


@blueprint.route("/heartbeats")
class Heartbeats(MethodView):
    """A phone's word about its outbox."""

    @blueprint.arguments(HeartbeatIn())
    @blueprint.response(200, HeardOut())
    def post(self, outbox: Outbox) -> Heard:
        """报告手机上待发送的内容，并取得补传请求 / Say what is still on the phone; hear what is asked for again."""
        oldest = house().settings.oldest_app or None
        return hear(work().session, work().signed_in, outbox, oldest_app=oldest)


@blueprint.route("/recalls/<uuid:recall_id>/outcome")
class RecallOutcomes(MethodView):
    """What a phone made of a recall."""

    @blueprint.arguments(RecallOutcomeIn())
    @blueprint.response(200, RecallAnsweredOut())
    def post(self, outcome: RecallOutcome, recall_id: UUID) -> RecallAnswered:
        """回报补传结果 / Say what was sent again and what is no longer there; may be repeated and added to."""
        return answer_recall(work().session, work().signed_in, recall_id, outcome)
