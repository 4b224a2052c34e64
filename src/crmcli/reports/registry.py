"""The one registry of key figures: what each is made of, why it may be missing, and how it is defined in words.

The reports, ``--explain``, the JSON documents and the reference all read it; a figure that is not here does not exist.
"""

from typing import TYPE_CHECKING

from crmcli.domain.schema import did_you_mean
from crmcli.errors import RefusedError, UsageError
from crmcli.reports.definitions import (
    customers,
    flow,
    forecast,
    leads,
    life_cycle,
    pipeline,
    quality,
    sales,
    service,
    work,
)
from crmcli.reports.definitions.kpi import Kpi
from crmcli.reports.index import REPORTS, keys_of

if TYPE_CHECKING:
    from crmcli.reports.definitions.waiting import Waiting

_AREAS = (leads, sales, flow, work, service, pipeline, quality, forecast, customers, life_cycle)
KPIS: dict[str, Kpi] = {kpi.key: kpi for area in _AREAS for kpi in area.FIGURES}


def waiting() -> "tuple[Waiting, ...]":
    """Return the figures that are not computed yet, neither here nor by a report of their own."""
    from crmcli.reports.definitions.waiting import KNOWN

    return tuple(one for one in KNOWN if one.key not in KPIS and one.key.replace("_", "-") not in REPORTS)


def find_kpi(key: str) -> Kpi:
    """Return the figure with a key, or the first one of a report; UsageError with the nearest keys without any."""
    found = KPIS.get(key.replace("-", "_")) or _first_of(key.replace("_", "-"))
    late = next((one for one in waiting() if one.key == key.replace("-", "_")), None)
    if late is not None:
        raise RefusedError(
            f"{late.key} is not computed yet: it waits for {', '.join(late.tables)}",
            hint="crm report kpi --list",
            code="kpi.waiting",
        )
    if found is None:
        raise UsageError(
            f"there is no figure {key!r}",
            hint=did_you_mean(key, list(KPIS)) or "crm report show kpi",
            code="kpi.unknown",
        )
    return found


def _first_of(report: str) -> Kpi | None:
    """Return the figure that a report of this name shows first; None without one."""
    keys = keys_of(report) if report in REPORTS else ()
    return KPIS[keys[0]] if keys else None
