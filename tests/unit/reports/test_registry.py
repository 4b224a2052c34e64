"""The registry of key figures: whole definitions, nothing promised that cannot be computed, packs that add up."""

from typing import Any

import pytest

from crmcli.domain.kpis import MAIN, MONEY, TARGETED
from crmcli.errors import RefusedError, UsageError
from crmcli.reports.definitions.kpi import DEFINED
from crmcli.reports.definitions.waiting import KNOWN
from crmcli.reports.index import REPORTS
from crmcli.reports.packs import PACKS
from crmcli.reports.registry import KPIS, find_kpi, waiting
from crmcli.store.contents import TABLES
from tests.unit.reports.conftest import Reporting

KEYS = tuple(KPIS)


@pytest.mark.parametrize("key", KEYS)
def test_a_definition_is_whole(key: str) -> None:
    found = KPIS[key].defined()
    assert tuple(found) == DEFINED
    assert all(found[name] for name in DEFINED if name != "denominator")
    assert set(found["tables"]) <= TABLES  # type: ignore[call-overload]  # a list of names
    if KPIS[key].how in ("ratio", "mean", "velocity", "accuracy"):
        assert found["denominator"], "a quotient says what it is divided by"


@pytest.mark.parametrize("one", KNOWN, ids=lambda one: one.key)
def test_what_waits_lacks_a_table_or_is_computed_by_now(one: Any) -> None:
    if one in waiting():
        assert not set(one.tables) <= TABLES, "its data is there: compute it"
        with pytest.raises(RefusedError, match="it waits for"):
            find_kpi(one.key)
    else:
        assert one.key in KPIS or one.key.replace("_", "-") in REPORTS


@pytest.mark.parametrize("pack", PACKS)
def test_every_key_of_a_pack_is_computed_waits_or_is_a_report(pack: str, reporting: Reporting) -> None:
    late = {one.key for one in waiting()}
    for key in PACKS[pack]:
        assert key in KPIS or key in late or key.replace("_", "-") in REPORTS
    document: Any = reporting.run("kpi", own={"pack": pack}).document
    told = [entry["key"] for entry in document["kpis"]] + [one["key"] for one in document["waiting"]]
    assert told == [key for key in PACKS[pack] if key in KPIS] + [
        one.key for one in waiting() if one.key in PACKS[pack]
    ]


def test_the_list_names_all_of_them_once(reporting: Reporting) -> None:
    figures: Any = reporting.run("kpi", own={"listed": True}).document["figures"]
    assert [figure["key"] for figure in figures] == [*KPIS, *(one.key for one in waiting())]
    assert all(bool(figure["waits_for"]) == (figure["key"] not in KPIS) for figure in figures)


def test_a_wrong_pack_is_refused_with_the_right_ones(reporting: Reporting) -> None:
    with pytest.raises(UsageError, match="there is no pack 'sale'") as error:
        reporting.run("kpi", own={"pack": "sale"})
    assert error.value.hint == "did you mean sales?"


def test_what_has_targets_is_computed_and_adds_up() -> None:
    assert set(MAIN) <= set(KPIS)
    assert all(KPIS[key].how == ("sum" if key in MONEY else "count") for key in TARGETED)
    assert {key for key in TARGETED if KPIS[key].unit == "money"} == MONEY
