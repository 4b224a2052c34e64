"""Key figures for the rules on them: the front end lends the scheduler what the reports reckon."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal
    from sqlite3 import Connection


def measure(con: "Connection", key: str, period: str) -> "tuple[str, Decimal | None]":
    """Return the label of a key figure and its value in a period as ``crm report kpi`` prints it; None if undefined."""
    from decimal import Decimal

    from crmcli import clock
    from crmcli.cli.session import current
    from crmcli.domain.periods import parse_period
    from crmcli.queries.scope import make_scope, user_id
    from crmcli.reports.figures import figures
    from crmcli.reports.frame import Frame
    from crmcli.reports.presenting import value_of
    from crmcli.reports.registry import find_kpi
    from crmcli.reports.result import Options

    session = current()
    settings, kpi = session.settings, find_kpi(key)
    scope = make_scope(con, session.zone, session.locale, user_id(con, settings.user), settings.country)
    span = parse_period(period, clock.now(), session.zone)
    frame = Frame(con, Options(span, settings.currency, scope, calendar=settings.calendar))
    frame.settle(kpi.entity)
    value = value_of(figures(frame, key)[0], settings.currency)
    return kpi.label, None if value is None else Decimal(value)
