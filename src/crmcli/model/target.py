"""Target: what is to be reached in a period, by everybody, a team or one person."""

from typing import ClassVar

from crmcli.model.columns import decimal, enum, ref, text
from crmcli.model.record import COUNTED, Described, Input, Stored, stored

TITLE = (
    "r.metric || '/' || r.period || COALESCE('/' || (SELECT u.handle FROM app_user u WHERE u.id = r.owner_id), '')"
    " || COALESCE('/team:' || r.team, '')"
)


class TargetBase(Input):
    """What a target is made of: ``metric`` is a key figure, ``value`` what it is to be, money in ``currency``."""

    about: ClassVar[Described] = Described(
        "target", "target", "", "Target", "targets", TITLE,
        ("metric", "period", "owner", "team", "value", "currency"),
    )  # fmt: skip

    metric: str = enum("Metric", "target_metric", required=True, index=True)
    period: str = text("Period", required=True, option=True)
    value: str = decimal("Value", required=True, option=True)
    currency: str | None = text("Currency", option=True)
    owner_id: int | None = ref("Owner", "user", "app_user", index=False, option=True)
    team: str | None = text("Team", option=True)


@stored
class Target(TargetBase, Stored, table=True):
    """The stored target."""

    __tablename__ = "target"
    __table_args__ = COUNTED
