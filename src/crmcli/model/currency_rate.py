"""Rate: what one unit of a currency is worth in the base currency, from a day on."""

from typing import ClassVar

from sqlalchemy import Index

from crmcli.model.columns import date, decimal, text
from crmcli.model.record import COUNTED, Described, Input, Stored, stored


class CurrencyRateBase(Input):
    """What a rate is made of."""

    about: ClassVar[Described] = Described(
        "currency_rate", "rate", "", "Rate", "rates", "r.currency || '/' || r.on_date",
        ("currency", "rate", "on_date"),
    )  # fmt: skip

    currency: str = text("Currency", required=True)
    rate: str = decimal("Rate", kind="rate", required=True, option=True)
    on_date: str = date("From", required=True, option=True, aliases=("on",))


@stored
class CurrencyRate(CurrencyRateBase, Stored, table=True):
    """The stored rate."""

    __tablename__ = "currency_rate"
    __table_args__ = (Index("ix_currency_rate_currency", "currency", "on_date"), COUNTED)
