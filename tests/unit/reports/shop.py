"""A shop: customers of a store in memory, what they bought, and a short way to the figures of that."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

from crmcli.domain.zones import to_utc
from tests.unit.queries.conftest import ZONE

if TYPE_CHECKING:
    from tests.unit.reports.conftest import Reporting


class Shop:
    """A world of customers and what they bought."""

    def __init__(self, reporting: "Reporting") -> None:
        self.reporting = reporting
        self.world = reporting.world

    def customer(self, name: str = "Acme", **values: Any) -> int:
        return self.world.add("organization", name=name, **values)

    def buy(self, customer: int | None, day: str, euro: float | None = 50, **values: Any) -> int:
        """Add a deal won at noon of a day; a customer of None is nobody."""
        minor = None if euro is None else round(euro * 100)
        at = to_utc(f"{day}T12:00", ZONE) if len(day) == 10 else day
        given = {"organization_id": customer, "amount_minor": minor, "closed_at": at, "created_at": at}
        return self.reporting.deal("won", **{**given, **values})

    def totals(self, name: str, period: str = "all", **asked: Any) -> dict[str, Any]:
        own = asked.pop("own", {})
        document: Any = self.reporting.run(name, period, own=own, **asked).document
        return {entry["key"]: entry for entry in document["totals"]}

    def value(self, key: str, name: str, period: str = "all", **asked: Any) -> Any:
        return self.totals(name, period, **asked)[key]["value"]

    def rows(self, name: str, key: str, period: str = "all", **asked: Any) -> list[dict[str, Any]]:
        own = asked.pop("own", {})
        found: Any = self.reporting.run(name, period, own=own, **asked).document[key]
        return list(found)


@pytest.fixture
def shop(reporting: "Reporting") -> Shop:
    """A shop without customers yet."""
    return Shop(reporting)


def days(month: str, count: int) -> Iterable[str]:
    return (f"{month}-{day + 1:02d}" for day in range(count))
