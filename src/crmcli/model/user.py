"""User: who works with the store and owns records."""

from typing import ClassVar

from crmcli.model.columns import boolean, text
from crmcli.model.fragments import REFERENCES, count_of
from crmcli.model.record import COUNTED, Described, Input, Stored, stored


class UserBase(Input):
    """What a user is made of."""

    about: ClassVar[Described] = Described(
        "user", "user", "", "User", "users", "COALESCE(r.name, r.handle)",
        ("handle", "name", "email", "is_active", "open_deals"),
        (count_of("open_deals", "Open deals", "deal", "owner_id", "x.outcome = 'open'"),),
        (REFERENCES,),
    )  # fmt: skip

    handle: str = text("Handle", required=True, index=True)
    name: str | None = text("Name", option=True)
    email: str | None = text("E-mail", index=True, option=True)
    timezone: str | None = text("Time zone", option=True)
    locale: str | None = text("Locale", option=True)
    team: str | None = text("Team", index=True, option=True)
    is_active: int = boolean("Active", default=True)


@stored
class User(UserBase, Stored, table=True):
    """The stored user."""

    __tablename__ = "app_user"
    __table_args__ = COUNTED
