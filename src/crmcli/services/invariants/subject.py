"""What the identity of a person must satisfy: nothing, it only has records and a ledger."""

from typing import TYPE_CHECKING

from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Have nothing to say."""
