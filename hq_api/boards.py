"""竞赛榜 of units: made and frozen by headquarters, seen and appealed against by units."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.boards import (
    AppealDecisionIn,
    BoardAppealIn,
    BoardAppealOut,
    BoardEntryIn,
    BoardIn,
    BoardKnownQuery,
    BoardOut,
    BoardQuery,
    RestatementIn,
    WholeBoardOut,
)
from service.boards import appeals, commands, entries, queries
from service.boards.models import Appeal, Board
from service.boards.rules import read, written
from service.boards.words import low_words, total_words
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import office
from service.http.lists import list_of
from service.http.problems import said
from service.http.schemas import page_request
from service.http.work import work
from service.kernel.pages import Page

blueprint = Blueprint("boards", __name__, guard=office, description="竞赛榜 / Boards")


@blueprint.route("/boards")
class Boards(MethodView):
    """All issues of all boards."""

    @blueprint.arguments(BoardQuery(), location="query")
    @blueprint.response(200, list_of(BoardOut)())
    def get(self, query: dict[str, Any]) -> Page[Board]:
        """List boards, the latest first; a unit sees those that are posted or published."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(queries.boards(work().session, work().signed_in, query["what"], page))

    @blueprint.arguments(BoardIn())
    @blueprint.response(201, WholeBoardOut())
    def post(self, new: commands.NewBoard) -> dict[str, Any]:
        """Begin a board: its rules are set before its figures are known."""
        return _shown(commands.make_board(work().session, work().signed_in, new))


@blueprint.route("/boards/<uuid:board_id>")
class OneBoard(MethodView):
    """One issue of a board."""

    @blueprint.arguments(BoardKnownQuery(), location="query")
    @blueprint.response(200, WholeBoardOut())
    def get(self, asked: dict[str, datetime | None], board_id: UUID) -> dict[str, Any]:
        """Show a board: rules, rows with every input, appeals; of a draft, the rows are as they would be now.

        With `known_at` a draft's rows are computed by what was known then; frozen rows stay what they are.
        """
        return _shown(queries.board(work().session, work().signed_in, board_id), asked["known_at"])


@blueprint.route("/boards/<uuid:board_id>/entries")
class BoardEntries(MethodView):
    """What is set by hand."""

    @blueprint.arguments(BoardEntryIn())
    @blueprint.response(201, WholeBoardOut())
    def post(self, new: entries.NewEntry, board_id: UUID) -> dict[str, Any]:
        """Set points, a figure, or standing aside for a unit of a draft, with its reason."""
        entries.enter(work().session, work().signed_in, board_id, new)
        return _shown(queries.board(work().session, work().signed_in, board_id))


@blueprint.route("/boards/<uuid:board_id>/entries/<uuid:entry_id>")
class OneBoardEntry(MethodView):
    """One thing set by hand."""

    @blueprint.response(204)
    def delete(self, board_id: UUID, entry_id: UUID) -> None:
        """Take an entry of a draft back."""
        entries.take_back(work().session, work().signed_in, board_id, entry_id)


@blueprint.route("/boards/<uuid:board_id>/freezing")
class BoardFreezing(MethodView):
    """The end of a draft."""

    @blueprint.arguments(BoardKnownQuery(), location="query")
    @blueprint.response(200, WholeBoardOut())
    def post(self, asked: dict[str, datetime | None], board_id: UUID) -> dict[str, Any]:
        """Compute the board and keep it with its inputs; its period must be over. With `known_at`, as known then."""
        return _shown(commands.freeze(work().session, work().signed_in, board_id, asked["known_at"]))


@blueprint.route("/boards/<uuid:board_id>/posting")
class BoardPosting(MethodView):
    """The publicity period."""

    @blueprint.response(200, WholeBoardOut())
    def post(self, board_id: UUID) -> dict[str, Any]:
        """Post a frozen board: units see it and may appeal until `posted_until`."""
        return _shown(commands.post(work().session, work().signed_in, board_id))


@blueprint.route("/boards/<uuid:board_id>/publication")
class BoardPublication(MethodView):
    """The publication."""

    @blueprint.response(200, WholeBoardOut())
    def post(self, board_id: UUID) -> dict[str, Any]:
        """Publish a posted board whose period of appeals is over and whose appeals are decided."""
        return _shown(commands.publish(work().session, work().signed_in, board_id))


@blueprint.route("/boards/<uuid:board_id>/restatement")
class BoardRestatement(MethodView):
    """A board put right."""

    @blueprint.arguments(RestatementIn())
    @blueprint.response(201, WholeBoardOut())
    def post(self, told: dict[str, str], board_id: UUID) -> dict[str, Any]:
        """Begin the board that replaces this one, with the same rules and entries, and why."""
        return _shown(commands.restate(work().session, work().signed_in, board_id, told["correction"]))


@blueprint.route("/boards/<uuid:board_id>/appeals")
class BoardAppeals(MethodView):
    """Appeals."""

    @blueprint.arguments(BoardAppealIn())
    @blueprint.response(201, BoardAppealOut())
    def post(self, told: dict[str, str], board_id: UUID) -> Appeal:
        """Appeal for my unit against its row, within the publicity period."""
        return appeals.appeal(work().session, work().signed_in, board_id, told["text"])


@blueprint.route("/boards/appeals/<uuid:appeal_id>/decision")
class AppealDecision(MethodView):
    """The decision of an appeal."""

    @blueprint.arguments(AppealDecisionIn())
    @blueprint.response(200, BoardAppealOut())
    def post(self, told: dict[str, Any], appeal_id: UUID) -> Appeal:
        """Decide an appeal with a reason; what is upheld is put right by a restatement."""
        return appeals.decide_appeal(work().session, work().signed_in, appeal_id, **told)


def _shown(board: Board, known_at: datetime | None = None) -> dict[str, Any]:
    session, actor = work().session, work().signed_in
    line = {name: getattr(board, name) for name in BoardOut().fields}
    rules = read(board.rules)
    whole = {
        **line,
        "rules": written(rules) | {"total_words": said(total_words(rules))},
        "rows": queries.rows_of(session, actor, board, known_at),
        "appeals": queries.appeals(session, actor, board.id),
    }
    if not actor.sees_every_unit:
        return whole
    return whole | {
        "low_twice": queries.low_twice(session, board),
        "low_words": said(low_words(rules)),
    }
