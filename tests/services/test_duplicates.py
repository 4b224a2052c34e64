"""Duplicates found: golden cases 8.a, 8.b, 8.c and 8.k, guards, scores, and pairs that are told apart."""

import csv
from contextlib import closing
from typing import Any

import pytest

from crmcli.errors import NotFoundError, UsageError
from crmcli.queries.duplicates import Candidate, ignored_rows, scan
from crmcli.services.conversion import ConvertOptions
from crmcli.services.distinctions import ignore, unignore
from crmcli.services.leads import convert
from crmcli.services.merging import merge
from crmcli.services.results import Wanted
from crmcli.services.writer import write
from crmcli.store.reader import open_reader
from tests.published import PUBLISHED, needs_published
from tests.services.world import Store


def found(store: Store, entity: str = "contact", least: int = 0) -> list[Candidate]:
    with closing(open_reader(store.path, "UTC")) as con:
        return scan(con, entity, least)


def pairs(store: Store, entity: str = "contact", least: int = 0) -> list[tuple[int, int, int, bool]]:
    return [(one.one, one.other, one.score, one.is_strong) for one in found(store, entity, least)]


def strong(store: Store, entity: str = "contact") -> list[tuple[int, int]]:
    return [(one.one, one.other) for one in found(store, entity) if one.is_strong]


def add(store: Store, entity: str, *records: dict[str, Any]) -> None:
    """Add records, duplicates too."""
    context = store.context(allow_duplicate=True)
    write(context, lambda writer: writer.save_many(entity, [Wanted(values) for values in records]))


def test_8a_an_email_in_two_spellings_makes_one_group(store: Store) -> None:
    add(store, "contact", {"last_name": "Rossi", "emails": ["A@X.it"]}, {"last_name": "Rossi", "emails": ["a@x.it "]})
    (candidate,) = found(store)
    assert candidate == Candidate(
        "contact", 1, 2, 100, True, ("e-mail a@x.it", "similar name (same domain)"), 1
    )  # fmt: skip


def test_8b_empty_values_never_match(store: Store) -> None:
    add(store, "contact", *({"first_name": f"Person{n}"} for n in range(10)))
    assert found(store) == []


def test_8c_a_role_address_makes_a_candidate_only(store: Store) -> None:
    mail = ["info@acme.it"]
    add(store, "contact", {"last_name": "Rossi", "emails": mail}, {"last_name": "Verdi", "emails": mail})
    (candidate,) = found(store)
    assert (candidate.is_strong, candidate.group, candidate.reasons) == (False, None, ("shared address info@acme.it",))


@needs_published
def test_8k_the_messy_contacts(store: Store) -> None:
    with (PUBLISHED / "messy-contacts" / "contacts_messy.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = [{key.strip(): value.strip() for key, value in row.items()} for row in csv.DictReader(lines)]
    assert len(rows) == 40
    addresses = [row["Email"] for row in rows if row["Email"]]
    assert (len(addresses), len({address.casefold() for address in addresses})) == (39, 36)
    people = [(row["Full Name"] or "Nobody", [row["Email"]] if "@" in row["Email"] else []) for row in rows]
    add(store, "contact", *({"full_name": name, "emails": mails} for name, mails in people))
    by_mail = [one for one in found(store) if one.is_strong]
    assert len(by_mail) == 3
    assert all(one.reasons[0].startswith("e-mail") for one in by_mail)


def test_strong_keys_lead_from_one_to_the_next(store: Store) -> None:
    add(
        store, "contact",
        {"last_name": "Rossi", "emails": ["anna@example.com"]},
        {"last_name": "Rossi", "emails": ["anna@example.com"], "phones": ["+39 02 1234567"]},
        {"last_name": "Rossi", "phones": ["02 1234567"], "socials": ["https://www.linkedin.com/in/anna/"]},
        {"last_name": "Rossi", "socials": [{"value": "anna", "label": "linkedin"}]},
    )  # fmt: skip
    assert {(one.one, one.other, one.group) for one in found(store) if one.is_strong} == {
        (1, 2, 1),
        (2, 3, 1),
        (3, 4, 1),
    }


def test_a_switchboard_is_nobody_s_number(store: Store) -> None:
    shared = ["+39 02 1234567"]
    names = ("Anna Rossi", "Bea Verdi", "Carla Bianchi", "Dario Neri", "A. Rossi")
    add(store, "contact", *({"full_name": name, "phones": shared} for name in names))
    (candidate,) = found(store)
    assert (candidate.one, candidate.other, candidate.is_strong) == (1, 5, False)
    assert candidate.reasons == ("similar name (shared phone)",)


def test_names_that_differ_make_a_shared_number_less_likely(store: Store) -> None:
    add(store, "contact", {"full_name": "Anna Rossi", "phones": ["+39 333 1234567"]},
        {"full_name": "Bruno Neri", "phones": ["+39 333 1234567"]})  # fmt: skip
    (candidate,) = found(store)
    assert (candidate.score, candidate.reasons[-1]) == (67, "names differ")


def test_similar_names_count_within_an_organization_a_domain_and_a_city(store: Store) -> None:
    store.add("organization", name="Acme")
    add(
        store, "contact",
        {"full_name": "Anna Rossi", "organization": 1}, {"full_name": "Anna Rossi", "organization": 1},
        {"full_name": "Bea Verdi", "emails": ["bea@acme.example"]},
        {"full_name": "Bea Verdi", "emails": ["b.verdi@acme.example"]},
        {"full_name": "Carla Neri", "city": "Forlì"}, {"full_name": "Carla Neri", "city": "FORLI"},
        {"full_name": "Dario Blu", "emails": ["dario@gmail.com"]},
        {"full_name": "Dario Blu", "emails": ["d.blu@gmail.com"]},
        {"full_name": "Elio Viola"}, {"full_name": "Elio Viola"},
    )  # fmt: skip
    assert pairs(store) == [(1, 2, 94, False), (3, 4, 92, False), (5, 6, 80, False)]


def test_a_common_name_says_nothing_in_a_city(store: Store) -> None:
    add(store, "contact", *({"full_name": "Mario Rossi", "city": "Milano"} for _ in range(4)))
    assert found(store) == []


def test_organizations_by_domain_vat_number_and_name(store: Store) -> None:
    add(
        store, "organization",
        {"name": "Acme S.p.A.", "domain": "acme.example"}, {"name": "Acme spa", "website": "https://www.acme.example/it"},
        {"name": "Forlì Impianti", "vat_id": "IT 0123 4567890"},
        {"name": "Forli Impianti Srl", "vat_id": "01234567890"},
        {"name": "Müller GmbH", "billing_city": "Bonn"}, {"name": "Muller & Co. KG", "billing_city": "bonn"},
        {"name": "Gmail user", "domain": "gmail.com"}, {"name": "Another", "domain": "gmail.com"},
    )  # fmt: skip
    assert strong(store, "organization") == [(3, 4), (1, 2)]
    assert [one for one in pairs(store, "organization") if not one[3]] == [(5, 6, 88, False)]


def test_leads_by_company_and_name_without_converted_ones(store: Store) -> None:
    add(
        store, "lead",
        {"full_name": "Anna Rossi", "company_name": "Acme Srl"}, {"full_name": "A. Rossi", "company_name": "ACME"},
        {"company_name": "Beta"}, {"company_name": "Beta spa"},
        {"full_name": "Anna Rossi", "company_name": "Acme"},
    )  # fmt: skip
    convert(store.context(), 5, ConvertOptions())
    assert [one[:2] for one in pairs(store, "lead")] == [(3, 4), (1, 2)]


def test_deleted_and_merged_records_are_left_out(store: Store) -> None:
    add(store, "contact", *({"last_name": "Rossi", "emails": ["a@example.com"]} for _ in range(3)))
    merge(store.context(), "contact", 1, [2])
    write(store.context(), lambda writer: writer.delete("contact", 3))
    assert found(store) == []


def test_pairs_told_apart_are_remembered_until_undone(store: Store) -> None:
    add(store, "contact", *({"last_name": "Rossi", "emails": ["a@example.com"]} for _ in range(3)))
    result = ignore(store.context(), "contact", 2, 1)
    assert strong(store) == [(1, 3)]
    assert ignore(store.context(), "contact", 1, 2).counts == {}
    ignore(store.context(), "contact", 1, 3)
    assert strong(store) == [(2, 3)]
    store.undo(result)
    assert strong(store) == [(1, 2), (2, 3)]


def test_ignored_pairs_are_listed_and_forgotten(store: Store) -> None:
    add(store, "contact", *({"last_name": "Rossi", "emails": ["a@example.com"]} for _ in range(2)))
    ignore(store.context(), "contact", 2, 1)
    with closing(open_reader(store.path, "UTC")) as con:
        assert list(ignored_rows(con, "contact")) == [
            {"ref": "C1", "name": "Rossi", "other_ref": "C2", "other_name": "Rossi"}
        ]
    unignore(store.context(), "contact", 1, 2)
    assert len(found(store)) == 1
    with pytest.raises(NotFoundError):
        unignore(store.context(), "contact", 1, 2)
    with pytest.raises(UsageError):
        ignore(store.context(), "contact", 1, 1)
    with pytest.raises(UsageError):
        ignore(store.context(), "deal", 1, 2)


def test_what_was_told_apart_from_a_merged_record_is_apart_from_the_survivor(store: Store) -> None:
    add(store, "contact", *({"last_name": "Rossi", "emails": ["a@example.com"]} for _ in range(3)))
    ignore(store.context(), "contact", 3, 2)
    merge(store.context(), "contact", 1, [2])
    assert found(store) == []
