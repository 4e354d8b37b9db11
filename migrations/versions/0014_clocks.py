"""When a record was written, as far as the clocks tell: the best moment, its bounds, the skew, and what they rest on."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TABLES = ("visits", "checkins")
_COLUMNS = {
    "capture_at": sa.DateTime(timezone=True),
    "capture_earliest": sa.DateTime(timezone=True),
    "capture_latest": sa.DateTime(timezone=True),
    "capture_skew_s": sa.Double(),
    "capture_basis": sa.String(length=40),
}


def upgrade() -> None:
    for table in _TABLES:
        for name, kind in _COLUMNS.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for table in _TABLES:
        for name in _COLUMNS:
            op.drop_column(table, name)
