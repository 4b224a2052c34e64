"""Saving views: a name stands for one view, so that saving it again replaces what it holds."""

from collections.abc import Mapping
from typing import Any

from crmcli.domain.naming import view_key
from crmcli.domain.text import fold_key
from crmcli.services.results import Context, Result
from crmcli.services.writer import Writer, write


def save_view(context: Context, name: str, values: Mapping[str, Any]) -> Result:
    """Create the view of a name or replace what it holds; values by field key, without the name.

    ``hot it``, ``hot-it`` and ``hot_it`` are one view, called as it was saved first.
    """

    def work(writer: Writer) -> None:
        keys = writer.all("SELECT id, key FROM saved_view WHERE deleted_at IS NULL ORDER BY id")
        known = next((row["id"] for row in keys if fold_key(row["key"]) == fold_key(name)), None)
        if known is None:
            writer.create("view", {**values, "key": view_key(name), "name": name})
        else:
            writer.update("view", known, dict(values))

    return write(context, work)
