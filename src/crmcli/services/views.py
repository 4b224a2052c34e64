"""Saving views: a name stands for one view, so that saving it again replaces what it holds."""

from collections.abc import Mapping
from typing import Any

from crmcli.domain.text import slug
from crmcli.services.results import Context, Result
from crmcli.services.writer import Writer, write


def save_view(context: Context, name: str, values: Mapping[str, Any]) -> Result:
    """Create the view of a name or replace what it holds; values by field key, without the name."""

    def work(writer: Writer) -> None:
        known = writer.one("SELECT id FROM saved_view WHERE key = ? AND deleted_at IS NULL", slug(name))
        if known:
            writer.update("view", known["id"], dict(values))
        else:
            writer.create("view", {**values, "key": slug(name), "name": name})

    return write(context, work)
