"""What the forecast was on a day: kept as it was reckoned then, outside the journal, and never changed."""

from sqlmodel import Field, SQLModel

from crmcli.model.columns import date, enum, integer, money, ref, text
from crmcli.model.record import STRICT, stored


@stored
class ForecastSnapshot(SQLModel, table=True):
    """The deals of a day that are alike: expected (or closed) in the same month, of one category, owner and rate.

    ``weighted`` is the sum of amount x probability, in basis points of minor units, so that nothing is rounded.
    ``valued`` counts the deals that have an amount.
    """

    __tablename__ = "forecast_snapshot"
    __table_args__ = STRICT
    id: int | None = Field(default=None, primary_key=True)
    day: str = date("Day", required=True, index=True)
    month: str | None = text("Month")
    category: str = enum("Category", "forecast_category", required=True)
    pipeline_id: int | None = ref("Pipeline", "pipeline", index=False, constrained=False)
    owner_id: int | None = ref("Owner", "user", index=False, constrained=False)
    currency: str = text("Currency", required=True)
    exchange_rate: str | None = text("Exchange rate")
    deals: int = integer("Deals", required=True)
    valued: int = integer("Deals with an amount", required=True)
    amount_minor: int = money("Amount", required=True)
    weighted: int = money("Weighted", required=True)
