"""What a user must satisfy: a handle of their own."""

from typing import TYPE_CHECKING

from crmcli.domain.emails import normalise
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Fold handle and e-mail; refuse a handle in use or with blanks."""
    record = draft.record
    if draft.intent == "delete":
        return
    record["handle"] = (record["handle"] or "").strip().casefold()
    if not record["handle"] or any(letter.isspace() for letter in record["handle"]):
        draft.refuse("handle", "is one word, such as anna")
    if record["email"]:
        try:
            record["email"] = normalise(record["email"])
        except ValueError as error:
            draft.refuse("email", str(error))
    twin = writer.one(
        "SELECT id FROM app_user WHERE handle = ? AND id IS NOT ? AND deleted_at IS NULL",
        record["handle"],
        record["id"],
    )
    if twin:
        draft.refuse("handle", f"there is a user {record['handle']} already")
