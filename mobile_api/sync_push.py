"""Phones empty their outbox: up to 100 ops at once, each with its own outcome."""

from typing import Any

from flask import request
from flask.views import MethodView

from mobile_api import batch_doors, checkins, trips, visits
from mobile_api.push_ops import read_ops
from mobile_api.schemas.sync_push import PushIn, PushOut, PushQuery, shown
from service.http.blueprint import Blueprint
from service.http.guards import signed_in_or_cut_off
from service.http.limits import body_bytes
from service.http.problems import language
from service.http.work import house, work
from service.submissions.batch import push, rehearse
from service.submissions.terms import Terms

blueprint = Blueprint("sync_push", __name__, guard=signed_in_or_cut_off, description="同步：上传 Sync: push")

DOORS = (visits, checkins, trips, batch_doors)
"""They have told how their ops are taken when this module has imported them."""
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": PushIn}}}}


@blueprint.route("/sync/push")
class Push(MethodView):
    """A batch."""

    @blueprint.doc(**_BODY)
    @blueprint.arguments(PushQuery(), location="query")
    @blueprint.response(200, PushOut())
    def post(self, query: dict[str, Any]) -> dict[str, Any]:
        """成批提交，逐项给出结果 / Push a batch: every op is applied or kept on its own, in one transaction."""
        settings, is_trial = house().settings, query["check_only"]
        ops = read_ops(body_bytes(request))
        terms = Terms(number_prefix=settings.number_prefix, language=language(), is_trial=is_trial)
        run = rehearse if is_trial else push
        outcomes = run(work().session, work().signed_in, ops, terms=terms, most_kept=settings.kept_per_person)
        return {"check_only": is_trial, "results": [shown(one) for one in outcomes]}
