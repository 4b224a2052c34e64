"""Follow-ups: who is due and why then, what is put off, what is spread, and that the day is right whatever happens."""

from datetime import date

import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def people(workspace: Workspace) -> Workspace:  # today is Wednesday, 18 March 2026, 12:00 in Rome
    def make() -> None:
        workspace.ok("org", "add", "Acme")
        workspace.ok("contact", "add", "Anna Rossi", "--org", "O1", "--email", "anna@example.com")
        workspace.ok("contact", "add", "Bruno Neri")
        workspace.ok("lead", "add", "Carla Verdi")

    return workspace.once(make)


def day_of(workspace: Workspace, ref: str) -> str | None:
    found: str | None = workspace.json("show", ref)["next_contact_on"]
    return found


def configure(workspace: Workspace, text: str) -> None:
    with (workspace.home / "config" / "config.toml").open("a", encoding="utf-8") as file:
        file.write(text)


@pytest.mark.parametrize(
    ("every", "stored", "day"),
    [
        ("2w", "2w", "2026-04-01"),
        ("10 days", "10d", "2026-03-28"),
        ("month", "1m", "2026-04-18"),
        ("every 3 months", "3m", "2026-06-18"),
        ("quarterly", "3m", "2026-06-18"),
        ("2 settimane", "2w", "2026-04-01"),
        ("1y", "1y", "2027-03-18"),
    ],
)
def test_a_cadence_counts_from_when_the_record_came(people: Workspace, every: str, stored: str, day: str) -> None:
    assert people.ok("follow", "C1", "--every", every) == "C1"
    record = people.json("show", "C1")
    assert (record["follow_every"], record["next_contact_on"]) == (stored, day)


@pytest.mark.parametrize("words", [["C1", "--every", "soon"], ["C1", "--every", "0d"], ["C1", "--every", "2h"], ["C1"]])
def test_what_is_no_cadence_is_refused(people: Workspace, words: list[str]) -> None:
    people.refused(2, "follow", *words)


def test_options_may_come_first_and_the_verb_may_be_named(people: Workspace) -> None:
    people.ok("follow", "--every", "2w", "C1")
    people.ok("follow", "set", "O1", "L1", "--every", "1m")
    assert [day_of(people, ref) for ref in ("C1", "O1", "L1")] == ["2026-04-01", "2026-04-18", "2026-04-18"]
    assert "set" in people.ok("follow", "-h")


def test_only_people_organizations_and_leads_are_followed(people: Workspace) -> None:
    people.ok("task", "add", "Call")
    assert "T1 is neither a contact" in people.refused(2, "follow", "T1", "--every", "2w")


def test_a_contact_begins_the_time_anew_and_a_note_to_oneself_does_not(people: Workspace) -> None:
    people.ok("follow", "C1", "O1", "--every", "2w")
    people.ok("log", "note", "She likes sailing", "--with", "C1")
    assert people.json("show", "C1")["last_contacted_at"] is None
    people.ok("log", "call", "About the offer", "--with", "C1", "--when", "2026-03-10 10:00")
    assert (day_of(people, "C1"), day_of(people, "O1")) == ("2026-03-24", "2026-03-24"), "her employer was reached too"
    people.ok("log", "meeting", "Visit", "--with", "C1")
    assert day_of(people, "C1") == "2026-04-01"
    people.ok("log", "rm", "A3", "--yes")
    assert day_of(people, "C1") == "2026-03-24"


def test_the_day_is_right_after_undo_import_and_merge(people: Workspace) -> None:
    people.ok("follow", "C1", "C2", "--every", "2w")
    people.ok("log", "call", "Hello", "--with", "C1", "--when", "2026-03-17 10:00")
    assert day_of(people, "C1") == "2026-03-31"
    people.ok("undo", "--yes")
    assert day_of(people, "C1") == "2026-04-01"
    file = people.home / "calls.csv"
    file.write_text("kind,when,subject,contact_email\ncall,2026-03-02T09:00:00Z,Old,anna@example.com\n")
    people.ok("import", "log", str(file))
    assert day_of(people, "C1") == "2026-03-16"
    people.ok("import", "undo", "1", "--yes")
    assert day_of(people, "C1") == "2026-04-01"
    people.ok("log", "call", "With him", "--with", "C2", "--when", "2026-03-12 10:00")
    people.ok("contact", "merge", "C1", "C2", "--yes")
    assert day_of(people, "C1") == "2026-03-26"
    people.ok("undo", "--yes")
    assert (day_of(people, "C1"), day_of(people, "C2")) == ("2026-04-01", "2026-03-26")
    assert people.crm("check").code == 0


def test_a_converted_lead_hands_its_cadence_over(people: Workspace) -> None:
    people.ok("follow", "L1", "--every", "2w")
    people.ok("log", "call", "Hello", "--with", "L1", "--when", "2026-03-12 10:00")
    people.ok("lead", "convert", "L1", "--deal", "none")
    assert (day_of(people, "C3"), day_of(people, "L1")) == ("2026-03-26", None)


def test_snoozed_until_a_day_or_the_next_contact(people: Workspace) -> None:
    people.ok("follow", "C1", "--every", "2w")
    people.ok("snooze", "C1", "--until", "+2m")
    assert day_of(people, "C1") == "2026-05-18"
    people.ok("log", "note", "To myself", "--with", "C1")
    people.ok("log", "call", "Earlier", "--with", "C1", "--when", "2026-03-17 10:00")
    assert day_of(people, "C1") == "2026-05-18", "what was before the snooze does not end it"
    people.ok("log", "call", "She rang", "--with", "C1")
    assert day_of(people, "C1") == "2026-04-01"
    people.ok("snooze", "C1", "next monday")
    assert day_of(people, "C1") == "2026-03-23", "a snooze after a contact of the same second counts"
    people.ok("undo", "--yes")
    assert day_of(people, "C1") == "2026-04-01"
    people.ok("snooze", "C2", "--until", "2026-04-10")
    assert day_of(people, "C2") == "2026-04-10", "without a cadence there is one day"
    people.ok("log", "call", "He rang", "--with", "C2")
    assert day_of(people, "C2") is None


def test_one_snooze_for_people_and_for_tasks(people: Workspace) -> None:
    people.ok("task", "add", "Call", "--due", "2026-03-20")
    assert people.ok("snooze", "T1", "+3d") == "T1"
    assert people.json("show", "T1")["due_at"].startswith("2026-03-23")
    people.refused(2, "snooze", "T1", "C1", "--until", "+3d")
    people.refused(2, "snooze", "C1", "whenever")


def test_own_cadences_win_over_those_of_tag_stage_and_tier(people: Workspace) -> None:
    configure(people, '[follow]\ntags = { VIP = "1w" }\nstages = { customer = "1m" }\ntiers = { hot = "10d" }\n')
    people.ok("tag", "add", "C1", "O1", "vip")
    people.ok("contact", "edit", "C1", "--set", "rating=hot")
    people.ok("contact", "edit", "C2", "--set", "lifecycle_stage=customer")
    people.ok("lead", "edit", "L1", "--set", "rating=hot")
    assert [day_of(people, ref) for ref in ("C1", "C2", "L1", "O1")] == [
        *("2026-03-25", "2026-04-18", "2026-03-28", "2026-03-25"),
    ]
    people.ok("follow", "C1", "--every", "2m")
    people.ok("follow", "stop", "C2")
    assert (day_of(people, "C1"), day_of(people, "C2")) == ("2026-05-18", None)
    found = people.ok("contact", "list", "--where", "next_contact_on <= 2026-06-01", "-o", "ids")
    assert found == "C1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[follow]\ntag = { vip = "1w" }\n', "did you mean tags"),
        ('[follow]\ntags = { vip = "often" }\n', "is not a cadence"),
        ('[follow]\nstages = { client = "1w" }\n', "there is none of that name"),
        ("[follow]\ntags = { vip = 7 }\n", "must be a text"),
        ("follow = 1\n", "must be a table"),
    ],
)
def test_mistakes_in_the_configuration_are_told(people: Workspace, text: str, told: str) -> None:
    configure(people, text)
    assert told in people.crm("config", "check").err + people.crm("config", "check").out


def test_due_are_the_most_pressing_first(people: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    people.ok("follow", "C1", "--every", "2w")
    people.ok("follow", "C2", "--every", "10d")
    for day in range(1, 11):
        people.ok("log", "call", f"Call {day}", "--with", "C1", "--when", f"2026-03-{day:02} 10:00")
    assert people.crm("follow", "due")[:2] == (0, ""), "nothing is said when nobody is due"
    assert people.crm("follow", "due", "--exit-code").code == 1
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-29T12:00:00+02:00")  # C1 is 5 days late, C2 a day
    rows = people.json("follow", "due")
    told = [(row["ref"], row["due"], row["overdue_days"], row["strength"], row["priority"]) for row in rows]
    assert told == [("C1", "2026-03-24", 5, "strong", 24), ("C2", "2026-03-28", 1, "weak", 4)]
    assert (rows[0]["last_note"], rows[0]["about"], rows[1]["last_note"]) == ("Call 10", "Acme", None)
    assert people.ok("follow", "due", "-o", "ids").splitlines() == ["C1", "C2"]


def test_within_owner_and_bans(people: Workspace) -> None:
    people.ok("user", "add", "bruno")
    people.ok("follow", "C1", "C2", "L1", "--every", "2w")
    people.ok("contact", "edit", "C2", "--set", "owner=bruno")
    assert people.ok("follow", "due", "--within", "2w", "-o", "ids").splitlines() == ["C1", "C2", "L1"]
    assert people.ok("follow", "due", "--within", "2w", "--owner", "bruno", "-o", "ids") == "C2"
    people.ok("contact", "edit", "C2", "--set", "do_not_call=yes", "--set", "do_not_email=yes")
    people.ok("lead", "lose", "L1", "--reason", "price")
    assert people.ok("follow", "due", "--within", "2w", "-o", "ids") == "C1"


def test_the_agenda_has_follow_ups_and_the_late_ones_first(people: Workspace) -> None:
    people.ok("snooze", "C1", "--until", "today")
    people.ok("contact", "edit", "C2", "--set", "next_contact_on=2026-03-10")
    people.ok("snooze", "L1", "--until", "tomorrow")
    told = [(row["day"], row["title"], row["overdue"]) for row in people.json("agenda")]
    assert told == [("2026-03-10", "Bruno Neri", True), ("2026-03-18", "Anna Rossi", False)]
    assert [row["title"] for row in people.json("agenda", "tomorrow")] == ["Carla Verdi"]


@pytest.fixture
def crowd(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Forty people who came a year ago and were to be contacted every month."""

    def make() -> None:
        monkeypatch.setenv("CRMCLI_NOW", "2025-03-18T12:00:00+01:00")
        file = workspace.home / "people.csv"
        lines = [f"Person {number},person{number}@example.com,1m" for number in range(40)]
        file.write_text("\n".join(["full_name,email,follow_every", *lines, ""]))
        workspace.ok("import", "contact", str(file))
        monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T12:00:00+01:00")

    return workspace.once(make)


def test_overdue_follow_ups_are_spread_over_working_days(crowd: Workspace) -> None:
    crowd.refused(2, "follow", "spread")
    before = crowd.state()
    planned = crowd.ok("follow", "spread", "--over", "2w", "--dry-run", "-o", "jsonl")
    assert crowd.state() == before
    assert crowd.ok("follow", "spread", "--over", "2w", "--yes", "-o", "jsonl") == planned
    days = [date.fromisoformat(row["next_contact_on"]) for row in crowd.json("contact", "list")]
    counts = {day: days.count(day) for day in sorted(set(days))}
    assert [*counts] == [date(2026, 3, day) for day in (18, 19, 20, 23, 24, 25, 26, 27, 30, 31)]
    assert set(counts.values()) == {4}
    assert crowd.ok("follow", "spread", "--over", "2w", "--yes") == "", "nobody is late any more"
    crowd.ok("undo", "--yes")
    assert {row["next_contact_on"] for row in crowd.json("contact", "list")} == {"2025-04-18"}


def test_spreading_may_leave_alone_who_was_contacted_and_whom_others_own(crowd: Workspace) -> None:
    crowd.ok("log", "call", "Hello", "--with", "C1", "--when", "2025-06-01 10:00")
    crowd.ok("user", "add", "bruno")
    crowd.ok("contact", "edit", "C2", "--set", "owner=bruno")
    rows = crowd.json("follow", "spread", "--first", "--dry-run")
    assert len(rows) == 39
    assert [(row["ref"], row["next"]) for row in rows if row["owner"] == "bruno"] == [("C2", "2026-03-18")]
    assert [row["ref"] for row in crowd.json("follow", "spread", "--owner", "bruno", "--yes")] == ["C2"]


def test_holidays_are_no_working_days(crowd: Workspace) -> None:
    configure(crowd, '[calendar]\nzone = "Europe/Rome"\nwednesday = ["09:00-13:00"]\nholidays = ["2026-03-18"]\n')
    rows = crowd.json("follow", "spread", "--over", "10d", "--dry-run")
    assert {row["next"] for row in rows} == {"2026-03-25"}
    assert "no working day" in crowd.refused(2, "follow", "spread", "--over", "3d", "--yes")
