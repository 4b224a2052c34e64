"""A store and a real CardDAV server kept in step: people, their points, pictures that are not ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmcli.config.calendars import Synced
from crmcli.services.merging import merge
from tests.services.dav_pair import ALL, Pair
from tests.services.dav_server import PASSWORD, USER, serving_dav
from tests.services.world import Store

BOOK = "/anna/book/"
PICTURE = "PHOTO;ENCODING=b;TYPE=JPEG:" + "/9j/4AAQSkZJRgABAQ" * 20 + "=="
ANNA = (
    "UID:card-7", "FN:Anna Rossi", "N:Rossi;Anna;;;", "EMAIL;TYPE=WORK:anna@example.com", "TEL;TYPE=CELL:+393331234567",
    "ORG:Acme", "TITLE:CTO", PICTURE, "X-PHONETIC-LAST-NAME:Rossi", "NICKNAME:Annina",
)  # fmt: skip


@pytest.fixture
def book(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    monkeypatch.setenv("CRMCLI_BOOK_PASSWORD", PASSWORD)
    with serving_dav(tmp_path) as server:
        pair = Pair(store, server, tmp_path)
        pair.account = Synced("contacts", "book", server.make(BOOK, book=True), USER)
        pair.wanted = {"contact": ALL}
        yield pair


def the_card(book: Pair) -> str:
    (name,) = book.server.names(BOOK)
    return book.server.text(f"{BOOK}{name}")


def test_a_card_becomes_a_person_with_a_company(book: Pair) -> None:
    book.server.put_card(f"{BOOK}anna.vcf", *ANNA)
    assert book.sync() == [("new here", "Anna Rossi")]
    shown = book.store.shown("contact", 1)
    assert [shown[key] for key in ("name", "organization", "job_title", "emails", "phones", "description")] == [
        "Anna Rossi", "Acme", "CTO", ["anna@example.com"], ["+393331234567"], None,
    ]  # fmt: skip
    book.settled()


def test_changes_go_both_ways_and_pictures_stay(book: Pair) -> None:
    book.server.put_card(f"{BOOK}anna.vcf", *ANNA)
    book.sync()
    book.store.edit("contact", 1, {"+emails": ["anna.rossi@example.org"], "job_title": "CEO"})
    assert book.sync() == [("changed there", "Anna Rossi")]
    card = the_card(book)
    for said in ("TITLE:CEO", "anna.rossi@example.org", "anna@example.com", "NICKNAME:Annina", "VERSION:3.0",
                 "X-PHONETIC-LAST-NAME:Rossi", "/9j/4AAQSkZJRgABAQ" * 20):  # fmt: skip
        assert said in card, card
    book.settled()
    book.server.edit(f"{BOOK}anna.vcf", "TITLE:CEO", "TITLE:Chair\nBDAY:1980-03-02")
    assert book.sync() == [("changed here", "Anna Rossi")]
    assert (book.store.row("contact", 1)["birthdate"], book.store.shown("contact", 1)["job_title"]) == (
        "1980-03-02",
        "Chair",
    )
    book.settled()


def test_an_address_taken_away_there_goes_here(book: Pair) -> None:
    book.server.put_card(f"{BOOK}anna.vcf", *ANNA, "EMAIL;TYPE=HOME:home@example.net")
    book.sync()
    assert len(book.store.shown("contact", 1)["emails"]) == 2
    card = the_card(book)
    (line,) = (line for line in card.splitlines() if "home@example.net" in line)
    book.server.edit(f"{BOOK}anna.vcf", f"{line}\n", "")
    assert book.sync() == [("changed here", "Anna Rossi")]
    assert book.store.shown("contact", 1)["emails"] == ["anna@example.com"]
    book.settled()


def test_a_new_person_is_a_card_that_any_server_takes(book: Pair) -> None:
    book.store.add("contact", first_name="Müller, Jörg", birthdate="--03-02", emails=["j@example.com"], tags=["vip"])
    assert book.sync() == [("new there", "Müller, Jörg")]
    card = the_card(book)
    assert "VERSION:3.0" in card and "\nN:" in card and "CATEGORIES:vip" in card and "j@example.com" in card
    book.settled()
    book.store.edit("contact", 1, job_title="Chef")
    assert book.sync() == [("changed there", "Müller, Jörg")]
    assert book.store.row("contact", 1)["birthdate"] == "--03-02"
    book.settled()


def test_a_person_known_by_e_mail_is_not_doubled_and_both_gain(book: Pair) -> None:
    book.store.add("contact", full_name="Anna Rossi", emails=["anna@example.com", "a@example.org"], city="Rome")
    book.server.put_card(f"{BOOK}anna.vcf", *ANNA)
    book.sync()
    shown = book.store.shown("contact", 1)
    assert book.store.count("contact") == 1 and book.server.names(BOOK) == ["anna.vcf"]
    assert (set(shown["emails"]), shown["city"], shown["phones"]) == (
        {"anna@example.com", "a@example.org"}, "Rome", ["+393331234567"],
    )  # fmt: skip
    assert all(word in the_card(book) for word in ("a@example.org", "Rome", "NICKNAME:Annina", "TITLE:CTO"))
    book.settled()


def test_a_merge_takes_the_card_of_the_other_along(book: Pair) -> None:
    book.store.add("contact", full_name="Anna Rossi", emails=["anna@example.com"])
    book.store.add("contact", full_name="A. Rossi", emails=["a@example.org"])
    book.sync()
    merge(book.store.context(), "contact", 1, [2])
    assert book.sync() == [("changed there", "Anna Rossi"), ("removed there", "A. Rossi")]
    assert "a@example.org" in the_card(book)
    book.settled()


def test_cards_of_companies_and_groups_stay_where_they_are(book: Pair) -> None:
    book.server.put_card(f"{BOOK}acme.vcf", "UID:acme", "FN:Acme", "N:;;;;", "ORG:Acme", "X-ABShowAs:COMPANY")
    book.server.put_card(f"{BOOK}friends.vcf", "UID:g", "FN:Friends", "N:Friends;;;;", "X-ADDRESSBOOKSERVER-KIND:group")
    assert book.sync() == [] and book.store.count("organization") == book.store.count("contact") == 0
    assert book.server.names(BOOK) == ["acme.vcf", "friends.vcf"]
    book.settled()


def test_names_that_both_sides_changed_are_one_conflict(book: Pair) -> None:
    book.server.put_card(f"{BOOK}anna.vcf", *ANNA)
    book.sync()
    book.store.edit("contact", 1, first_name="Annamaria")
    book.server.edit(f"{BOOK}anna.vcf", "N:Rossi;Anna;;;", "N:Bianchi;Anna;;;")
    (told,) = book.report().told
    assert (told.action, told.detail) == ("conflict", "last name: here 'Rossi', there 'Bianchi'")
    book.sync("remote")
    assert book.store.row("contact", 1)["last_name"] == "Bianchi"
    book.settled()
