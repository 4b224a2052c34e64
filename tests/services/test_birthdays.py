"""The next birthday of a contact, by the local calendar."""

import pytest

from tests.services.world import Store


@pytest.mark.parametrize(
    ("born", "today", "expected"),
    [
        ("1980-03-18", "2026-03-18", "2026-03-18"),
        ("1980-03-17", "2026-03-18", "2027-03-17"),
        ("--12-31", "2026-03-18", "2026-12-31"),
        ("--02-29", "2027-02-28", "2027-03-01"),
        ("--02-29", "2027-03-01", "2027-03-01"),
        ("--02-29", "2027-03-02", "2028-02-29"),
        (None, "2026-03-18", None),
    ],
)
def test_the_next_birthday(
    store: Store, monkeypatch: pytest.MonkeyPatch, born: str | None, today: str, expected: str | None
) -> None:
    contact = store.add("contact", full_name="Bea Verdi", birthdate=born)
    monkeypatch.setenv("CRMCLI_NOW", f"{today}T00:30:00+01:00")
    assert store.shown("contact", contact)["next_birthday"] == expected
