"""Consent: one identity per person, the ledger of what was granted and withdrawn."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a store of the third schema to this version."""
