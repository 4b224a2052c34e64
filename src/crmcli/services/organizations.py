"""What only organizations need beyond the verbs that every record has."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def open_deals_of(writer: "Writer", organization_ids: Sequence[int]) -> list[int]:
    """Return the open deals of organizations, which are deleted only together with them."""
    rows = writer.all(
        "SELECT id FROM deal WHERE outcome = 'open' AND deleted_at IS NULL"
        " AND organization_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        json.dumps(list(organization_ids)),
    )
    return [row["id"] for row in rows]
