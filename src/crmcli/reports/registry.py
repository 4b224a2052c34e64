"""The one registry of key figures: what each is made of, why it may be missing, and how it is defined in words.

The reports, ``--explain``, the JSON documents and the reference all read it; a figure that is not here does not exist.
"""

from crmcli.domain.schema import did_you_mean
from crmcli.errors import UsageError
from crmcli.reports.definitions import leads, pipeline, quality, sales, service, work
from crmcli.reports.definitions.kpi import Kpi

_AREAS = (leads, sales, work, service, pipeline, quality)
KPIS: dict[str, Kpi] = {kpi.key: kpi for area in _AREAS for kpi in area.FIGURES}


def find_kpi(key: str) -> Kpi:
    """Return the figure with a key; UsageError with the nearest keys when there is none."""
    found = KPIS.get(key.replace("-", "_"))
    if found is None:
        raise UsageError(
            f"there is no figure {key!r}",
            hint=did_you_mean(key, list(KPIS)) or "crm report show kpi",
            code="kpi.unknown",
        )
    return found
