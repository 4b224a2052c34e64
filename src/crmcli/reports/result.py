"""What a report is asked with and what it gives back: plain data, which the front ends draw or write.

How a figure is computed belongs to ``figures``; how a sheet looks on a screen belongs to ``output``.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.domain.periods import Period
from crmcli.queries.columns import Shown

if TYPE_CHECKING:
    from crmcli.conditions.scope import Scope
    from crmcli.config.customers import CustomerRules
    from crmcli.config.dashboard import Panel
    from crmcli.config.key_fields import KeyFields
    from crmcli.config.service_levels import Level
    from crmcli.domain.calendar import BusinessCalendar


class Options(NamedTuple):
    """What a report is about.

    ``currency`` is the base currency (ISO 4217), and with ``is_alone`` only deals in it count. ``scope`` holds the
    surroundings of ``where``, whose zone is that of the period. ``until`` is the stored instant, excluded, up to which
    things are known; None means now. ``explain`` is the key of the one figure to take apart. ``rows`` bounds the lists
    of records, never a figure. ``calendar`` holds the business hours; without one every hour counts. ``entity`` is the
    one kind of record that a report on several is to be about, and ``key_fields`` are those that records should not
    lack, where they are not the usual ones. ``compare`` is the period whose figures stand beside, and ``top`` bounds
    the groups, greatest first. ``own`` is what only the one report is asked. ``panels`` make the dashboard, where they
    are not the usual ones, and ``levels`` are the service levels against which tickets are measured. ``customers`` are
    the rules by which customers are judged, where they are not the usual ones. ``run_own`` runs a report of the user's
    own by name, and ``own_of`` reads what a table of the settings asks one report alone.
    """

    period: Period
    currency: str
    scope: "Scope"
    by: str | None = None
    where: str | None = None
    until: str | None = None
    explain: str | None = None
    rows: int | None = None
    calendar: "BusinessCalendar | None" = None
    entity: str | None = None
    key_fields: "KeyFields | None" = None
    compare: Period | None = None
    top: int | None = None
    own: Mapping[str, Any] = MappingProxyType({})
    panels: "tuple[Panel, ...]" = ()
    levels: "Sequence[Level]" = ()
    customers: "CustomerRules | None" = None
    run_own: "Callable[[str, Options], ReportResult] | None" = None
    own_of: Callable[[str, Mapping[str, Any]], Mapping[str, Any]] | None = None
    is_alone: bool = False


class Chart(NamedTuple):
    """How a sheet is drawn: ``kind`` is bars, line, funnel or heat; ``label`` and ``values`` are keys of its columns.

    Of a heat map each value is a column of cells, and each row a row of them. So many of the last rows as ``totals``
    says are sums of the others, and not drawn.
    """

    kind: str
    label: str
    values: tuple[str, ...]
    totals: int = 0


class Sheet(NamedTuple):
    """Rows of presented values by key. ``total`` counts all rows there are when these are only the first ones.

    Figures of different units stand in one column: such a row names in ``unit`` how its numbers are to be read.
    ``identity`` is the column that tells a row from the others, with those of ``within`` that it has, and ``measures``
    are those whose values are worth setting against those of another period; without them a sheet is not compared.
    """

    title: str
    columns: tuple[Shown, ...]
    rows: Sequence[Mapping[str, object]]
    noun: str
    total: int | None = None
    identity: str | None = None
    measures: tuple[str, ...] = ()
    chart: Chart | None = None
    within: tuple[str, ...] = ("group",)

    @property
    def drawn(self) -> "Sheet":
        """The sheet with the rows of its chart."""
        totals = self.chart.totals if self.chart else 0
        return self._replace(rows=self.rows[: len(self.rows) - totals])


class ReportResult(NamedTuple):
    """A finished report. ``sheets`` stand in the order people read them; programs get ``main`` or the document.

    ``facts`` (label and text) stand above the sheets. ``matched`` counts the records behind it, for the exit code.
    """

    title: str
    period: Period
    currency: str
    sheets: tuple[Sheet, ...]
    main: Sheet
    document: dict[str, object]
    matched: int
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def known_until(text: str, zone: str) -> tuple[str, str]:
    """Return the stored instant, excluded, up to which things are known as of a moment, and the second before it.

    A date means its end in the zone, a moment that very second, in the zone too where it names no offset. ValueError
    when the text is neither.
    """
    from datetime import date, datetime, timedelta

    from crmcli.clock import stored
    from crmcli.domain.zones import local_day_edges, zone_of

    second = timedelta(seconds=1)
    try:
        end = datetime.fromisoformat(local_day_edges(date.fromisoformat(text).isoformat(), zone)[1])
    except ValueError:
        moment = datetime.fromisoformat(text)
        end = (moment if moment.tzinfo else moment.replace(tzinfo=zone_of(zone))) + second
    return stored(end), stored(end - second)


def as_of(until: str, zone: str) -> str:
    """Return the day at whose end, or the local moment at which, things were known that are known up to an instant."""
    from datetime import datetime, timedelta

    from crmcli.clock import stored
    from crmcli.domain.zones import wall_shown

    shown = wall_shown(stored(datetime.fromisoformat(until) - timedelta(seconds=1)), zone)
    return shown.removesuffix(" 23:59:59")
