from decimal import Decimal

import pytest

from crmcli.domain.schema import Field
from crmcli.queries.present import is_plain, present


@pytest.mark.parametrize(
    ("kind", "stored", "currency", "shown"),
    [
        ("money", 1234567, "EUR", Decimal("12345.67")),
        ("money", 500, "JPY", Decimal(500)),
        ("money", 1500, "KWD", Decimal("1.500")),
        ("money", 9_007_199_254_740_993, "EUR", Decimal("90071992547409.93")),
        ("money", 1050, None, Decimal("10.50")),
        ("percent", 4000, None, Decimal(40)),
        ("percent", 3333, None, Decimal("33.33")),
        ("decimal", "0.10", None, Decimal("0.10")),
        ("bool", 0, None, False),
        ("bool", 1, None, True),
        ("json", '{"a": [1.10, null]}', None, {"a": [Decimal("1.10"), None]}),
        ("json", ["x"], None, ["x"]),
        ("instant", "2026-03-18T11:00:00Z", None, "2026-03-18T11:00:00Z"),
        ("text", "x", None, "x"),
        ("money", None, "EUR", None),
        ("bool", None, None, None),
    ],
)
def test_presented_form(kind: str, stored: object, currency: str | None, shown: object) -> None:
    presented = present(Field("f", kind, "F"), stored, currency)
    assert presented == shown
    assert type(presented) is type(shown)


def test_plain_fields_are_shown_as_they_are_stored() -> None:
    assert is_plain(Field("f", "date", "F"))
    assert not is_plain(Field("f", "percent", "F"))
