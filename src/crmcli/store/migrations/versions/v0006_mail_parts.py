"""What a mail carries along beside its text: the history it quotes, and its signature."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a store of the fifth schema to this version."""
    for name in ("quoted", "signature"):
        op.add_column("interaction", sa.Column(name, sa.Text(), nullable=True))
