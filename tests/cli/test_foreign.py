"""Foreign calendars in the agenda: files, folders and addresses, shown and never written."""

import socket
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.cli.workspace import Workspace
from tests.unit.integrations.servers import behaving

EVENT = "BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{title}\r\n{more}\r\nEND:VEVENT\r\n"


def calendar(*events: str) -> str:
    return "".join(["BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", *events, "END:VCALENDAR\r\n"])


def event(title: str, *more: str, uid: str = "") -> str:
    return EVENT.format(uid=uid or title, title=title, more="\r\n".join(more))


@pytest.fixture
def shown(workspace: Workspace, tmp_path: Path) -> Path:
    """A foreign calendar that is configured: today is Wednesday, 18 March 2026, 12:00 in Rome."""
    path = tmp_path / "other.ics"
    path.write_text(calendar())
    configure(workspace, f'path = "{path}"')
    return path


def configure(workspace: Workspace, *lines: str) -> None:
    text = "\n".join(["[[calendar.foreign]]", 'name = "Club"', *lines, ""])
    (workspace.home / "config" / "config.toml").write_text(text)


def told(workspace: Workspace, *words: str) -> list[tuple[str, str | None, str | None, str]]:
    rows = workspace.json("agenda", *words)
    return [(row["day"][5:], row["time"], row["until"], row["title"]) for row in rows]


def test_events_days_series_and_zones(workspace: Workspace, shown: Path) -> None:
    shown.write_text(
        calendar(
            event("Lunch", "DTSTART;TZID=Europe/Rome:20260318T130000", "DTEND;TZID=Europe/Rome:20260318T140000"),
            event("Zulu", "DTSTART:20260318T160000Z", "DURATION:PT30M"),
            event("Floating", "DTSTART:20260318T190000", "DTEND:20260318T193000"),
            event("Trip", "DTSTART;VALUE=DATE:20260317", "DTEND;VALUE=DATE:20260320"),
            event("Run", "DTSTART;TZID=America/New_York:20260302T070000", "RRULE:FREQ=WEEKLY;BYDAY=WE,TH",
                  "EXDATE;TZID=America/New_York:20260319T070000"),
            event("Off", "DTSTART:20260318T100000Z", "STATUS:CANCELLED"),
            event("Else", "DTSTART:20260320T100000Z"),
        )
    )  # fmt: skip
    assert told(workspace, "2026-03-18..2026-03-19") == [
        ("03-18", None, None, "Trip"),
        ("03-18", "12:00", "12:00", "Run"),  # the clocks of New York have gone forward already
        ("03-18", "13:00", "14:00", "Lunch"),
        ("03-18", "17:00", "17:30", "Zulu"),
        ("03-18", "19:00", "19:30", "Floating"),
        ("03-19", None, None, "Trip"),
    ]
    row = workspace.json("agenda")[0]
    assert (row["kind"], row["ref"], row["about"]) == ("foreign", None, "Club")
    assert "Lunch" in workspace.ok("calendar", "-o", "json")


def test_further_dates_are_shown(workspace: Workspace, shown: Path) -> None:
    shown.write_text(
        calendar(
            event("Alone", "DTSTART;TZID=Europe/Rome:20260318T100000", "RDATE;TZID=Europe/Rome:20260319T110000"),
            event("Rule", "DTSTART:20260318T140000Z", "RRULE:FREQ=WEEKLY", "RDATE:20260320T140000Z"),
        )
    )
    assert [row[::3] for row in told(workspace, "2026-03-18..2026-03-22")] == [
        ("03-18", "Alone"), ("03-18", "Rule"), ("03-19", "Alone"), ("03-20", "Rule"),
    ]  # fmt: skip


def test_a_moved_instance_stands_where_it_was_moved(workspace: Workspace, shown: Path) -> None:
    shown.write_text(
        calendar(
            event("Weekly", "DTSTART;TZID=Europe/Rome:20260311T100000", "RRULE:FREQ=WEEKLY", uid="s"),
            event("Moved", "RECURRENCE-ID;TZID=Europe/Rome:20260318T100000",
                  "DTSTART;TZID=Europe/Rome:20260319T110000", uid="s"),
        )
    )  # fmt: skip
    assert [row[::3] for row in told(workspace, "2026-03-18..2026-03-25")] == [
        ("03-19", "Moved"), ("03-25", "Weekly"),
    ]  # fmt: skip


def test_it_takes_time_unless_it_says_otherwise(workspace: Workspace, shown: Path) -> None:
    times = ("DTSTART;TZID=Europe/Rome:20260318T130000", "DTEND;TZID=Europe/Rome:20260318T180000")
    shown.write_text(calendar(event("Workshop", *times)))
    assert workspace.json("agenda", "--free", "1h", "--within", "6h")[0]["until"] == "13:00"
    shown.write_text(calendar(event("Workshop", *times, "TRANSP:TRANSPARENT")))
    assert workspace.json("agenda", "--free", "1h", "--within", "6h")[0]["until"] == "18:00"


def test_a_folder_is_read_whole_and_nothing_is_written(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.ics").write_text(calendar(event(name, "DTSTART:20260318T100000Z")))
    configure(workspace, f'path = "{folder}"')
    before = workspace.state()
    assert [row[3] for row in told(workspace)] == ["a", "b"]
    assert workspace.state() == before and len(list(folder.iterdir())) == 2


def test_it_is_shown_to_its_owner_alone(workspace: Workspace, shown: Path) -> None:
    shown.write_text(calendar(event("Lunch", "DTSTART:20260318T100000Z")))
    workspace.ok("user", "add", "bruno")
    assert told(workspace, "--owner", "me") and not told(workspace, "--owner", "bruno")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no file"),
        (b"\xff\xfe\x00\xd8broken", "utf-16"),
        (b"PK\x03\x04", ""),
        (calendar(event("x", "DTSTART:20260318T100000Z", "RRULE:FREQ=SECONDLY")).encode(), ""),
        (calendar(*(event(f"e{n}", "DTSTART:19800101T100000Z", "RRULE:FREQ=HOURLY") for n in range(100))).encode(),
         "too much to look through"),
    ],
)  # fmt: skip
def test_a_broken_one_is_one_warning_and_no_failure(
    workspace: Workspace, shown: Path, content: bytes | None, says: str
) -> None:
    workspace.ok("task", "add", "Call", "--due", "2026-03-18")
    shown.unlink() if content is None else shown.write_bytes(content)
    done = workspace.crm("agenda", "-o", "json")
    assert done.code == 0 and "Call" in done.out
    assert says in done.err and done.err.count("\n") <= 1


BAD = {
    "rule of seconds": event("Bad", "DTSTART:20260318T090000Z", "RRULE:FREQ=SECONDLY"),
    "rule out of the calendar": event(
        "Bad", "DTSTART;TZID=America/New_York:20260317T090000", "RRULE:FREQ=DAILY;UNTIL=00010101T000000Z"
    ),
    "rule that never happens": event("Bad", "DTSTART:20260318T090000Z", "RRULE:FREQ=HOURLY;BYMINUTE=1;BYSETPOS=5"),
    "year before the calendar": event("Bad", "DTSTART:00010101T090000"),
    "start before the calendar": event("Bad", "DTSTART:00010101T090000", "RRULE:FREQ=YEARLY"),
    "zone without a rule": event("Bad", "DTSTART;TZID=Nowhere/Land:20260318T090000", "RRULE:FREQ=NEVER"),
    "end that is none": event("Bad", "DTSTART:20260318T090000Z", "DTEND:soon"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_entry_is_left_out_alone_with_a_warning(workspace: Workspace, shown: Path, bad: str) -> None:
    good = ("DTSTART:20260318T140000Z", "RRULE:FREQ=WEEKLY")
    shown.write_text(calendar(event("First", *good), bad, event("Last", *good)))
    done = workspace.crm("agenda", "-o", "json")
    assert (done.code, [row[3] for row in told(workspace)]) == (0, ["First", "Last"])
    assert "calendar Club: 1 entry cannot be read: " in done.err


def test_a_bad_file_of_a_folder_is_left_out_alone_with_a_warning(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "a.ics").write_text(calendar(event("a", "DTSTART:20260318T100000Z")))
    (folder / "b.ics").write_bytes(b"\xff\xfe\x00\xd8broken")
    (folder / "c.ics").mkdir()
    (folder / "d.ics").write_text(calendar(event("d", "DTSTART:20260318T110000Z")))
    configure(workspace, f'path = "{folder}"')
    done = workspace.crm("agenda", "-o", "json")
    assert (done.code, [row[3] for row in told(workspace)]) == (0, ["a", "d"])
    assert "calendar Club: 2 entries cannot be read: b.ics: " in done.err


def test_titles_cannot_act_on_the_terminal(workspace: Workspace, shown: Path) -> None:
    shown.write_text(calendar(event("A\x1b[2J", "DTSTART:20260318T100000Z")))
    _, screen = workspace.at_terminal("agenda")
    assert "\x1b[2J" not in screen and "\\x1b[2J" in screen


def test_an_address_is_fetched_when_asked_and_by_tick_and_kept_for_later(workspace: Workspace, tmp_path: Path) -> None:
    text = calendar(event("Fetched", "DTSTART:20260318T100000Z"))
    asked: list[str] = []
    with serving_text(asked, text) as port:
        configure(workspace, f'url = "http://127.0.0.1:{port}/secret-token.ics"')
        done = workspace.crm("agenda")
        assert done.code == 0 and "was not fetched yet" in done.err and not asked
        assert "Fetched" in workspace.ok("calendar", "--fetch", "-o", "json") and len(asked) == 1
        assert workspace.crm("tick") == (0, "", "")
        assert len(asked) == 1, "its time has not come"
    assert [row[3] for row in told(workspace)] == ["Fetched"]
    done = workspace.crm("calendar", "--fetch", "-o", "json")
    assert done.code == 0 and "Fetched" in done.out
    assert "calendar Club was not fetched: 127.0.0.1: " in done.err and "secret-token" not in done.err


@pytest.mark.parametrize("answer", ["HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n",
                                    "HTTP/1.0 404 No\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n<html>", "nonsense\r\n\r\n",
                                    "HTTP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\nBEGIN:VCALENDAR"])  # fmt: skip
def test_what_is_no_calendar_is_not_kept(workspace: Workspace, answer: str) -> None:
    with behaving(lambda connected: connected.sendall(answer.encode())) as port:
        configure(workspace, f'url = "http://127.0.0.1:{port}/"')
        done = workspace.crm("calendar", "--fetch", "-o", "json")
    assert done.code == 0 and "was not fetched" in done.err
    assert not (workspace.home / "cache" / "calendars").exists()


@pytest.mark.parametrize(
    "lines",
    [["url = 'http://example.com/a.ics'"], ["url = 'ftp://x/'"], [], ["path = 'relative.ics'"], ["url = 'https://u:p@x/'"],
     ["path = '/x'", "url = 'https://x/'"], ["path = '/x'", "colour = 'red'"], ["url = 'https://x/'", "every = '1s'"]],
)  # fmt: skip
def test_mistakes_in_the_configuration_are_told(workspace: Workspace, lines: list[str]) -> None:
    configure(workspace, *lines)
    assert "calendar.foreign" in workspace.refused(2, "agenda")


def serving_text(asked: list[str], text: str) -> AbstractContextManager[int]:
    def talk(connected: socket.socket) -> None:
        asked.append(connected.recv(4096).decode())
        connected.sendall(f"HTTP/1.0 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())

    return behaving(talk)


@pytest.mark.parametrize("text", ["garbage", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nSUMMARY:cut off\nDTSTART:2026"])
def test_what_cannot_be_read_is_told_and_the_rest_is_shown(workspace: Workspace, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "calendars"
    folder.mkdir()
    (folder / "a.ics").write_text(text)
    (folder / "b.ics").write_text(calendar(event("Lesson", "DTSTART:20260318T150000", "DTEND:20260318T160000")))
    configure(workspace, f'path = "{folder}"')
    done = workspace.crm("agenda", "-o", "json")
    assert done.code == 0
    assert "calendar Club: 1 entry cannot be read: a.ics: " in done.err
    assert "Lesson" in done.out
