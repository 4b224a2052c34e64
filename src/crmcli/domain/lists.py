"""Several texts in one cell of a table: joined so that they come apart again as they were.

Plain lists are separated as people and other programs write them; where a text holds a separator of its own the cell is
a JSON list.
"""

import re
from collections.abc import Sequence

NOTHING = "-"  # a place of a list that holds no text
_SEPARATOR = re.compile(r" ::: |[;,\n]+")


def join(texts: Sequence[str], glue: str = ", ") -> str:
    """Return the cell that holds these texts, trimmed and not blank; ``split`` gives them back."""
    if any(_SEPARATOR.search(text) or text.startswith("[") for text in texts):
        import json

        return json.dumps(texts, ensure_ascii=False)
    return glue.join(texts)


def split(cell: str) -> list[str]:
    """Return the texts of a trimmed cell: of a JSON list of texts, else of its lines, else between separators."""
    if not (";" in cell or "," in cell or "\n" in cell or " ::: " in cell or cell.startswith("[")):
        return [cell]  # nearly always, and told faster so than by a pattern
    if cell.startswith("[") and cell.endswith("]"):
        import json

        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return [value for one in found if (value := one.strip())]
    found = cell.split("\n") if "\n" in cell else _SEPARATOR.split(cell)
    return [value for part in found if (value := part.strip())]
