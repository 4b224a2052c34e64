"""Rows of files made here become drafts; goldens of the import mappings are named by their letter."""

from decimal import Decimal
from typing import Any

import pytest

from crmcli.errors import RefusedError, UsageError
from crmcli.importing.building import Key
from crmcli.importing.finish import Link
from crmcli.importing.options import Options
from crmcli.importing.rows import Draft, Rejected, Skipped, read_rows

from .conftest import ROME, Preparer, drafts, rejected

DEALS = "Deal ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,Closed Lost Reason\n"
CONTACTS = "Contact ID,First Name,Last Name,Email,Lifecycle Stage,Lead Status,Lead Source,Create Date\n"


def only(prepared: Preparer, text: str, entity: str, options: Options = ROME) -> Draft:
    [draft] = drafts(prepared(text, entity, options))
    return draft


def test_a_contact_of_hubspot(prepared: Preparer) -> None:
    header = CONTACTS.strip() + ",Phone Number,Mobile Phone Number,Contact Owner,Associated Company Domain,Shoe Size\n"
    row = "C-1,Anna,Rossi,Anna@Example.com,Lead,In Progress,Paid Search,2026-03-01,02 123,333 4,"
    row += "bob@example.com,www.Acme.example.org,38\n"
    built = prepared(header + row, "contact")
    [draft] = drafts(built)
    assert draft.external == ("hubspot", "C-1")
    assert draft.created_at == "2026-02-28T23:00:00Z"
    assert draft.values == {
        "first_name": "Anna",
        "last_name": "Rossi",
        "emails": [{"value": "Anna@Example.com", "label": None}],
        "phones": [{"value": "02 123", "label": None}, {"value": "333 4", "label": "mobile"}],
        "lifecycle_stage": "lead",
        "custom": {"lead_status": "In Progress"},
        "source": "ads",
        "source_detail": "Paid Search",
    }
    assert draft.links == {
        "organization": (Link("organization", (Key("domain", "acme.example.org"),)),),
        "owner": (Link("user", (Key("email", "bob@example.com"),)),),
    }
    assert built.mapping.ignored == ("Shoe Size",)


def test_a_contact_of_hubspot_may_be_read_as_a_lead(prepared: Preparer) -> None:
    header = CONTACTS.strip() + ",Contact Owner,Associated Company\n"
    row = "C-1,Anna,Rossi,anna@example.com,Lead,Bad Timing,Paid Search,2026-03-01,bob@example.com,Acme\n"
    built = prepared(header + row, "lead")
    [draft] = drafts(built)
    assert (built.mapping.kind.title, draft.external) == ("hubspot contacts as leads", ("hubspot", "C-1"))
    assert (draft.values["company_name"], draft.values["status"]) == ("Acme", "nurturing")
    assert "owner" in draft.links


@pytest.mark.parametrize(
    ("stage", "reason", "expected"),
    [
        ("Contract sent", "", {"outcome": "open", "expected_close": "2026-03-20"}),
        ("closedwon", "Price", {"outcome": "won", "closed_at": "2026-03-19T23:00:00Z"}),
        ("Closed Lost", "Competitor", {"outcome": "lost", "lost_reason": "competition", "lost_note": "Competitor"}),
        ("Closed Lost", "", {"outcome": "lost"}),
        ("Closed Lost", "Their cat", {"outcome": "lost", "lost_reason": "other", "lost_note": "Their cat"}),
    ],
)
def test_a_deal_is_open_or_closed_by_its_stage(
    prepared: Preparer, stage: str, reason: str, expected: dict[str, Any]
) -> None:
    row = f"D-1,Roof,{stage},Sales Pipeline,1000.50,2026-03-20,2026-01-10,{reason}\n"
    draft = only(prepared, DEALS + row, "deal")
    closing = {} if expected["outcome"] == "open" else {"closed_at": "2026-03-19T23:00:00Z"}
    assert draft.values == {"name": "Roof", "amount": Decimal("1000.50"), **closing, **expected}
    assert draft.links["pipeline"] == (Link("pipeline", (Key("name", "Sales Pipeline"),)),)
    assert draft.links["stage"] == (Link("stage", (Key("name", stage),)),)


@pytest.mark.parametrize(
    ("won", "closed", "outcome"), [("true", "true", "won"), ("false", "true", "lost"), ("false", "false", "open")]
)
def test_salesforce_decides_by_truth_and_not_by_label(prepared: Preparer, won: str, closed: str, outcome: str) -> None:
    text = f"ID,NAME,STAGENAME,ISWON,ISCLOSED,CLOSEDATE,OWNERID\n006A,Roof,Closed Won,{won},{closed},2026-03-20,005B\n"
    draft = only(prepared, text, "deal")
    assert draft.values["outcome"] == outcome
    assert ("expected_close" in draft.values) == (outcome == "open")
    assert draft.links["owner"] == (Link("user", (Key("external_id", "005B"),)),)


def test_ids_of_salesforce_are_compared_on_fifteen_characters(prepared: Preparer) -> None:
    text = "Id,Name,BillingStreet,ParentId,MasterRecordId,IsDeleted\n001x0000002xLD0AAM,A,,001x0000002xLDaBBB,,false\n"
    draft = only(prepared, text, "organization")
    assert draft.external == ("salesforce", "001x0000002xLD0")
    assert draft.links["parent"] == (Link("organization", (Key("external_id", "001x0000002xLDa"),)),)


def test_deleted_rows_are_left_out_and_merged_ones_name_their_master(prepared: Preparer) -> None:
    text = "Id,Name,BillingStreet,MasterRecordId,IsDeleted\n001A,Gone,,,true\n001B,Loser,,001x0000002xLD0AAM,false\n"
    skipped, merged = read_rows(prepared(text, "organization"))
    assert skipped == Skipped(2, "deleted where it comes from")
    assert isinstance(merged, Draft)
    assert merged.master == "001x0000002xLD0"


def test_activities_go_where_their_type_says(prepared: Preparer) -> None:
    text = (
        "Activity ID,Activity Type,Activity Date,Activity Owner,Notes/Description,Call/Meeting Title/Subject,"
        "Call Outcome,Meeting Outcome,Task Status,Task Due Date,Associated Contact Email\n"
        "A1,Call,2026-03-02,bob@example.com,Said yes,Offer,Left Voicemail,,,,anna@example.com\n"
        "A2,Note,2026-03-02,bob@example.com,Likes blue,,,,,,anna@example.com\n"
        "A3,Meeting,2026-03-02,bob@example.com,Plan,Kick-off,,No Show,,,anna@example.com\n"
        "A4,Task,2026-03-02,bob@example.com,Send it,,,,Deferred,2026-03-09,anna@example.com\n"
        "A5,Task,2026-03-02,bob@example.com,Done it,,,,Completed,,anna@example.com\n"
        "A6,Séance,2026-03-02,bob@example.com,,,,,,,anna@example.com\n"
    )
    built = prepared(text, "interaction")
    call, note, meeting, task, done, other = read_rows(built)
    assert isinstance(call, Draft)
    assert call.values == {
        "kind": "call",
        "direction": "out",
        "outcome": "voicemail",
        "subject": "Offer",
        "body": "Said yes",
        "occurred_at": "2026-03-01T23:00:00Z",
    }
    assert isinstance(note, Draft)
    assert note.values == {"kind": "note", "body": "Likes blue", "occurred_at": "2026-03-01T23:00:00Z"}
    assert isinstance(meeting, Draft)
    assert (meeting.entity, meeting.values["status"], meeting.values["start_at"]) == ("event", "not_held", "2026-03-02")
    assert isinstance(task, Draft)
    assert task.entity == "task"
    assert task.values == {
        "subject": "Send it",
        "description": "Send it",
        "status": "waiting",
        "due_at": "2026-03-09",
    }
    assert isinstance(done, Draft)
    assert done.values["completed_at"] == done.created_at
    assert isinstance(other, Rejected)
    assert other.reason.startswith("Activity Type: 'Séance' is none of")
    contact = Link("contact", (Key("email", "anna@example.com"),))
    assert all(row.links["contact"] == (contact,) for row in (call, note, meeting, task))


def test_several_ids_are_several_links_and_the_first_is_the_main_one(prepared: Preparer) -> None:
    text = (
        "Deal Name,Deal Stage,Pipeline,Associated Contact IDs,Associated Contact Email\nRoof,New,P,7;8,a@example.com\n"
    )
    draft = only(prepared, text, "deal")
    assert draft.links["contact"] == (
        Link("contact", (Key("external_id", "7"), Key("email", "a@example.com"))),
        Link("contact", (Key("external_id", "8"),)),
    )


def test_italian_headers_are_understood(prepared: Preparer) -> None:
    text = "Nominativo;Azienda;E-mail;Cellulare;Città;Provenienza;Stato;Assegnato a\n"
    text += "Anna De Santis;Acme;anna@example.com;333 1;Forlì;fiera;caldo;Bob Neri\n"
    draft = only(prepared, text, "lead")
    assert draft.values == {
        "first_name": "Anna",
        "last_name": "De Santis",
        "company_name": "Acme",
        "emails": [{"value": "anna@example.com", "label": None}],
        "phones": [{"value": "333 1", "label": "mobile"}],
        "city": "Forlì",
        "source": "event",
        "source_detail": "fiera",
        "rating": "hot",
    }
    assert draft.links["owner"] == (Link("user", (Key("person", "Bob Neri"),)),)


def test_a_full_name_is_not_split_where_names_stand_apart(prepared: Preparer) -> None:
    built = prepared("Name,First Name,Last Name\nAnna Maria Rossi,Anna Maria,Rossi\n", "contact")
    assert drafts(built)[0].values == {"first_name": "Anna Maria", "last_name": "Rossi"}
    assert built.mapping.ignored == ("Name",)


def test_unknown_words_of_a_free_list_become_other_and_are_told(prepared: Preparer) -> None:
    draft = only(prepared, "Company Name,Lead Source,Type\nAcme,Carrier pigeon,Frenemy\n", "organization")
    assert draft.values == {"name": "Acme", "source": "other", "source_detail": "Carrier pigeon", "type": "other"}
    assert draft.warnings == ("Type: 'Frenemy' is kept as other",)


def test_an_unknown_status_rejects_the_row_unless_it_is_mapped(prepared: Preparer) -> None:
    text = "Last Name,Status\nRossi,Simmering\n"
    [reason] = rejected(prepared(text, "lead"))
    assert reason.startswith("Status: 'Simmering' is none of new, contacting")
    assert only(prepared, text, "lead", Options(stage_map={"simmering": "nurturing"})).values["status"] == "nurturing"


def test_converted_leads_without_their_records_are_qualified(prepared: Preparer) -> None:
    draft = only(prepared, "Last Name,Status\nRossi,Converted\n", "lead")
    assert draft.values["status"] == "qualified"
    assert len(draft.warnings) == 1


def test_converted_leads_keep_what_they_became(prepared: Preparer) -> None:
    text = "Lead ID,Company / Account,Last Name,Lead Status,Converted Contact ID\n"
    text += "00Q1,Acme,Rossi,Closed - Converted,003A\n"
    draft = only(prepared, text, "lead")
    assert draft.values["status"] == "converted"
    assert draft.links["converted_contact"] == (Link("contact", (Key("external_id", "003A"),)),)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Closed,2026-03-02", {"status": "closed", "closed_at": "2026-03-01T23:00:00Z"}),
        ("Solved,2026-03-02", {"status": "resolved", "resolved_at": "2026-03-01T23:00:00Z"}),
        ("Rejected,2026-03-02", {"status": "closed", "resolution_code": "rejected"}),
        (",2026-03-02", {"status": "closed", "resolved_at": "2026-03-01T23:00:00Z"}),
        ("Waiting on us,2026-03-02", {"status": "open"}),
    ],
)
def test_tickets_close_as_their_status_says(prepared: Preparer, row: str, expected: dict[str, str]) -> None:
    draft = only(prepared, f"Subject,Status,Close Date\nHelp,{row}\n", "ticket")
    assert expected.items() <= draft.values.items()
    assert ("closed_at" in draft.values) == (draft.values["status"] == "closed")


def test_a_missing_title_is_the_first_line_of_the_text(prepared: Preparer) -> None:
    draft = only(prepared, f'Description,Status\n"{"word " * 40}\nmore",New\n', "ticket")
    assert draft.values["subject"].startswith("word word")
    assert len(draft.values["subject"]) <= 80


def test_bands_of_employees_are_kept_and_numbers_are_numbers(prepared: Preparer) -> None:
    first, second, third = drafts(prepared('Company Name,Employees\nA,11 - 50\nB,1000+\nC,"1,200"\n', "organization"))
    assert [draft.values.get("employees_band") for draft in (first, second)] == ["11-50", "1000+"]
    assert third.values["employees"] == 1200


def test_a_currency_sign_names_the_currency_unless_a_column_does(prepared: Preparer) -> None:
    assert only(prepared, 'Name,Amount\nRoof,"$12,400.00"\n', "deal").values["currency"] == "USD"
    assert only(prepared, 'Name,Amount,Currency\nRoof,"$12,400.00",CAD\n', "deal").values["currency"] == "CAD"
    canada = ROME._replace(currency="CAD")
    assert only(prepared, "Name,Amount\nRoof,$12\n", "deal", canada).values["currency"] == "CAD"
    assert only(prepared, "Name,Amount\nRoof,US$12\n", "deal", canada).values["currency"] == "USD"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("$12,EUR,", "USD contradicts EUR: a record has one currency"),
        ("US$12,CAD,", "USD contradicts CAD: a record has one currency"),
        ("$12,,€1", "Amount: USD contradicts EUR: a record has one currency"),
        ("$12 EUR,,", "Amount: '$12 EUR' names two currencies"),
    ],
)
def test_a_row_has_one_currency(prepared: Preparer, row: str, told: str) -> None:
    header = "Name,Amount,Currency,MRR\n"
    maps = ROME._replace(maps={"MRR": "recurring_amount.month"})
    assert rejected(prepared(f"{header}Roof,{row}\n", "deal", maps)) == [told]


def test_blank_is_empty_and_not_zero(prepared: Preparer) -> None:
    assert only(prepared, "Name,Amount,Probability\nRoof, ,0\n", "deal").values == {
        "name": "Roof",
        "probability": Decimal(0),
    }


def test_the_names_of_our_own_fields_are_understood(prepared: Preparer) -> None:
    text = "ref,id,first_name,job_title,emails,do_not_call,created_at,Postal code\n"
    text += "C7,7,Anna,CTO,a@example.com,true,2026-03-01T10:00:00Z,47\n"
    built = prepared(text, "contact")
    [draft] = drafts(built)
    assert draft.values["do_not_call"] is True
    assert draft.values["postal_code"] == "47"
    assert draft.created_at == "2026-03-01T10:00:00Z"
    assert built.mapping.ignored == ("ref",)


def test_all_problems_of_a_row_are_told_with_their_columns(prepared: Preparer) -> None:
    text = "Last Name,Email,Do Not Call,Birthdate\nRossi,nobody,perhaps,31.02.1980\n"
    [reason] = rejected(prepared(text, "contact"))
    assert {part.partition(":")[0] for part in reason.split("; ")} == {"Email", "Birthdate", "Do Not Call"}


def test_map_overrides_and_ignores_columns(prepared: Preparer) -> None:
    text = "Name,Title,Handle\nAnna Rossi,Dr,x1\n"
    draft = only(prepared, text, "contact", Options(maps={"title": "salutation", "HANDLE": "external_id"}))
    assert draft.values["salutation"] == "Dr"
    assert draft.external == ("file", "x1")
    assert "salutation" not in only(prepared, text, "contact", Options(maps={"Title": "ignore"})).values


@pytest.mark.parametrize("maps", [{"Nmae": "last_name"}, {"Name": "last_nam"}])
def test_a_map_of_nothing_names_the_nearest(prepared: Preparer, maps: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        prepared("Name\nRossi\n", "contact", Options(maps=maps))
    assert "did you mean" in str(caught.value.hint)


def test_a_file_without_any_known_column_is_refused(prepared: Preparer) -> None:
    with pytest.raises(UsageError, match="none of the columns is known: Foo, Bar"):
        prepared("Foo,Bar\n1,2\n", "contact")


def test_golden_a_the_header_stands_below_the_notes(prepared: Preparer) -> None:
    text = 'Notes:\n"A sentence, quoted,\nover two lines."\n\n'
    text += "First Name,Last Name,Email Address\nAnna,Rossi,\nBob,Neri,bob@example.com\n"
    built = prepared(text, "contact")
    assert built.header_line == 5
    assert [draft.values["first_name"] for draft in drafts(built)] == ["Anna", "Bob"]


def test_golden_g_an_ambiguous_date_column_needs_a_format(prepared: Preparer) -> None:
    text = "Name,Close Date\nRoof,03/04/2026\nWall,05/06/2026\n"
    with pytest.raises(UsageError, match="Close Date") as caught:
        prepared(text, "deal")
    assert caught.value.exit_code == 2
    closes = [draft.values["expected_close"] for draft in drafts(prepared(text, "deal", Options(date_format="d/m/y")))]
    assert closes == ["2026-04-03", "2026-06-05"]


def test_golden_h_two_columns_of_one_name_are_both_readable(prepared: Preparer) -> None:
    maps = {"Related to": "contact.email", "Related to#2": "deal.name"}
    draft = only(prepared, "Subject,Related to,Related to\nCall,a@example.com,Roof\n", "task", Options(maps=maps))
    assert draft.links["contact"][0].keys == (Key("email", "a@example.com"),)
    assert draft.links["deal"][0].keys == (Key("name", "Roof"),)


def test_golden_i_encodings_make_no_difference(prepared: Preparer) -> None:
    text = "Last Name,Città\nNiccolò,Forlì\n"
    copies = [text.encode(encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252")]
    assert len({str(drafts(prepared(copy, "contact"))) for copy in copies}) == 1


def test_golden_m_an_ambiguous_number_column_needs_a_format(prepared: Preparer) -> None:
    text = 'Name,Amount\nRoof,"1,234"\nWall,"5,678"\n'
    with pytest.raises(UsageError, match="Amount") as caught:
        prepared(text, "deal")
    assert caught.value.exit_code == 2
    for number_format, expected in (("en", "1234"), ("it", "1.234")):
        built = prepared(text, "deal", Options(number_format=number_format))
        assert drafts(built)[0].values["amount"] == Decimal(expected)


@pytest.mark.parametrize("options", [Options(date_format="soon"), Options(number_format="fr")])
def test_unknown_formats_are_refused(prepared: Preparer, options: Options) -> None:
    with pytest.raises(UsageError):
        prepared("Name\nRoof\n", "deal", options)


def test_the_hash_knows_the_content_and_its_meaning(prepared: Preparer) -> None:
    def row_hash(row: str, options: Options = ROME) -> str:
        return only(prepared, f"Name,Close Date,Unknown\n{row}\n", "deal", options).row_hash

    plain = row_hash("Roof,2026-03-04,1")
    assert plain == row_hash("Roof,2026-03-04,2")
    assert plain != row_hash("Roof,2026-03-05,1")
    assert plain != row_hash("Roof,2026-03-04,1", Options(zone="Asia/Tokyo"))


def test_reading_goes_on_after_a_line(prepared: Preparer) -> None:
    built = prepared("Last Name\nA\nB\nC\n", "contact")
    assert [row.line for row in read_rows(built, after=2)] == [3, 4]
    assert built.decisions.rows == 3


def test_rows_that_are_too_long_are_rejected_and_short_ones_filled(prepared: Preparer) -> None:
    built = prepared("First Name,Last Name\nAnna\nBob,Neri,surplus\n", "contact")
    first, second = read_rows(built)
    assert isinstance(first, Draft)
    assert isinstance(second, Rejected)
    assert second.cells == ["Bob", "Neri", "surplus"]
    assert any("fewer cells" in notice for notice in built.notices)


def test_an_empty_file_is_refused(prepared: Preparer) -> None:
    with pytest.raises(RefusedError, match=r"table\.csv is empty"):
        prepared(" \n", "contact")
