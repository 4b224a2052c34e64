"""What a report is asked, and how one of the user's own is found."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.cli.session import current
from crmcli.domain.schema import did_you_mean
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.config.own_reports import OwnReport

Own = Mapping[str, Any]  # what only one report is asked; "entity" is the kind of record it is to be about


class Asked(NamedTuple):
    """What every report is asked, and in ``own`` what only this one is."""

    period: str | None = None
    compare: str | None = None
    by: str | None = None
    where: str | None = None
    top: int | None = None
    explain: str | None = None
    own: Own = MappingProxyType({})


def basis(cohort: str, known: tuple[str, ...]) -> str:
    """Return a basis of a report as it is known; UsageError for another word."""
    if cohort not in known:
        raise UsageError(f"there is no basis {cohort!r}", hint=did_you_mean(cohort, [*known]) or " or ".join(known))
    return cohort


def own_report(name: str) -> "OwnReport | None":
    """Return the report of the user's own that is called so, None when there is none; ConfigError when it is wrong."""
    from crmcli.config.own_reports import find_own
    from crmcli.reports.index import TAKEN

    return find_own(current().paths.reports, name, TAKEN)
