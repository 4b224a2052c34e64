"""E-mails and phones read by column, where each cell holds one that is plain: as nearly all do."""

from collections.abc import Callable, Sequence

from crmcli.domain.columns import OneEach
from crmcli.domain.emails import plain_forms
from crmcli.domain.phones import are_normal
from crmcli.importing.building import Reading

PointsReader = Callable[[Sequence[str]], OneEach | None]


def points_reader(reading: Reading) -> PointsReader | None:
    """Return what reads trimmed cells of a column of e-mails or phones, None for another column.

    It returns the value as typed, its normal form and its label; None where a cell may say more, or is wrong.
    """
    target = reading.column.target
    forms = _FORMS.get(target.kind)
    if forms is None or reading.words or reading.column.number:
        return None
    label = target.label or None

    def read(cells: Sequence[str]) -> OneEach | None:
        told = [cell for cell in cells if cell]
        found = forms(told)
        if found is None:
            return None
        if len(told) < len(cells):
            each = iter(found)
            found = [next(each) if cell else "" for cell in cells]
        return OneEach({"value": cells, "value_norm": found, "label": [label] * len(cells)})

    return read


def _phones(texts: list[str]) -> list[str] | None:
    return texts if are_normal(texts) else None


_FORMS: dict[str, Callable[[list[str]], list[str] | None]] = {"emails": plain_forms, "phones": _phones}
