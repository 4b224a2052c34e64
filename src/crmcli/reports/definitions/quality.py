"""Key figures of how the data is kept."""

from crmcli.catalogue import ENTITIES
from crmcli.reports.definitions.kpi import Kpi, count, ratio
from crmcli.reports.quality_sets import (
    DEALS_TENDED,
    DEALS_UNTOUCHED,
    DUPLICATES,
    UNTOUCHED_DAYS,
    USERS,
    USERS_WRITING,
)
from crmcli.reports.terms import Term

_AREA = "Data quality"


def _duplicates(entity: str) -> tuple[Kpi, Kpi]:
    records, groups = DUPLICATES[entity]
    plural = ENTITIES[entity].plural
    keys = "a strong key: e-mail, phone, profile, VAT number or domain"
    return (
        count(
            f"duplicate_{plural}", f"Duplicate {plural}", records,
            f"{plural.capitalize()} that share {keys} with another one, as crm dedupe scan finds them.", _AREA,
        ),
        count(
            f"duplicate_{entity}_groups", f"Groups of duplicate {plural}", groups,
            f"Groups of {plural} that {keys} holds together; each is counted by its first record.", _AREA,
        ),
    )  # fmt: skip


FIGURES = (
    Kpi(
        "adoption", "Adoption", "ratio", "ratio", Term(USERS_WRITING),
        "Active users who wrote in the period / active users. What rules and imports write does not count.", _AREA,
        "no active users", (Term(USERS),),
    ),
    ratio(
        "stale_share", "Deals nobody touches", Term(DEALS_UNTOUCHED), Term(DEALS_TENDED),
        f"Open deals without any change for {UNTOUCHED_DAYS} days / open deals, whatever the period.", _AREA,
        "no open deals",
    ),
    *(kpi for entity in DUPLICATES for kpi in _duplicates(entity)),
)  # fmt: skip
