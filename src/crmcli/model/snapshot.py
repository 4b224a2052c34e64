"""What the forecast was on a day: kept as it was reckoned then, outside the journal, and never changed."""

from sqlmodel import Field, SQLModel

from crmcli.model.columns import boolean, date, decimal, enum, integer, ref, text
from crmcli.model.record import STRICT, stored


@stored
class ForecastSnapshot(SQLModel, table=True):
    """The deals of a day that are alike: expected (or closed) in the same month, of one category, owner and rate.

    ``amount`` and ``weighted``, the sum of amount x probability, are exact, in ``currency``. ``valued`` counts the
    deals that have an amount. Overdue ones keep the month in which they were expected.
    """

    __tablename__ = "forecast_snapshot"
    __table_args__ = STRICT
    id: int | None = Field(default=None, primary_key=True)
    day: str = date("Day", required=True, index=True)
    month: str | None = text("Month")
    category: str = enum("Category", "forecast_category", required=True)
    is_overdue: int = boolean("Overdue")
    pipeline_id: int | None = ref("Pipeline", "pipeline", index=False, constrained=False)
    owner_id: int | None = ref("Owner", "user", index=False, constrained=False)
    currency: str = text("Currency", required=True)
    rate: str | None = decimal("Rate", kind="rate")
    deals: int = integer("Deals", required=True)
    valued: int = integer("Deals with an amount", required=True)
    amount: str = decimal("Amount", required=True)
    weighted: str = decimal("Weighted", required=True)
