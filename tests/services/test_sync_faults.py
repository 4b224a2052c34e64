"""A store and a real CalDAV server in step whatever happens: deaths in the middle, races, losses, refusals, undo."""

import shutil
from typing import Any

import pytest

from crmcli.conditions.expression import Clause
from crmcli.errors import ConfigError, ExternalError, UsageError
from crmcli.integrations.dav import Collection
from crmcli.services.undo import take_back
from tests.services.dav_pair import ALL, MOVED, PATH, SERIES, Pair


class Killed(BaseException):
    """As if the process had died."""


@pytest.mark.parametrize("step", range(8))
def test_a_run_that_died_goes_on_without_doubling(pair: Pair, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from crmcli.services.records import remove

    for title in ("Changed", "Removed", "Kept"):
        pair.event(title)
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Theirs"))
    pair.sync()
    pair.event("New")
    pair.store.edit("event", 1, title="Changed here")
    remove(pair.store.context(), "event", [2])
    pair.server.edit(f"{PATH}x.ics", "SUMMARY:Theirs", "SUMMARY:Theirs too")
    asked = Collection._ask
    left = [step]

    def dies(self: Collection, *words: Any) -> Any:
        answer = asked(self, *words)  # the server has done it, and nobody hears of it
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return answer

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Collection, "_ask", dies)
        pair.sync()
        raise Killed  # it had come to its end before
    pair.sync()
    titles = {row["title"] for row in pair.store.rows("SELECT title FROM event WHERE deleted_at IS NULL")}
    assert titles == {"Changed here", "Kept", "New", "Theirs too"} and pair.store.count("event") == 4
    told = sorted(line for text in pair.texts() for line in text.splitlines() if line.startswith("SUMMARY"))
    assert told == ["SUMMARY:Changed here", "SUMMARY:Kept", "SUMMARY:New", "SUMMARY:Theirs too"]
    pair.settled()


def test_somebody_who_is_faster_is_not_overwritten(pair: Pair) -> None:
    pair.event("Demo", location="Rome")
    pair.sync()
    (name,) = pair.server.names(PATH)
    pair.store.edit("event", 1, title="Ours")

    def faster(method: str, path: str) -> None:
        if method == "PUT":
            pair.server.before = lambda *_: None
            pair.server.edit(f"{PATH}{name}", "LOCATION:Rome", "LOCATION:Milan")

    pair.server.before = faster
    assert pair.sync() == [("not taken", "Ours")]
    assert pair.sync() == [("changed here", "Demo"), ("changed there", "Ours")]
    assert "LOCATION:Milan" in pair.the_text() and "SUMMARY:Ours" in pair.the_text()
    pair.settled()


def test_only_changes_are_asked_for_and_a_forgotten_mark_is_no_loss(pair: Pair) -> None:
    for number in range(5):
        pair.event(f"Event {number}")
    pair.sync()
    pair.settled()
    asked = len(pair.server.asked)
    pair.sync()
    assert [method for method, _ in pair.server.asked[asked:]] == ["PROPFIND", "REPORT"]
    name = pair.server.names(PATH)[0]
    title = pair.server.text(f"{PATH}{name}").partition("SUMMARY:")[2].partition("\n")[0]
    pair.server.edit(f"{PATH}{name}", f"SUMMARY:{title}", "SUMMARY:New title")
    for cache in pair.folder.rglob("sync-token"):
        shutil.rmtree(cache)
    assert pair.sync() == [("changed here", "New title")]
    pair.settled()


def test_a_server_that_lost_everything_takes_nothing_along(pair: Pair) -> None:
    for number in range(5):
        pair.event(f"Event {number}")
    pair.sync()
    for name in pair.server.names(PATH):
        pair.server.ask("DELETE", f"{PATH}{name}")
    with pytest.raises(UsageError, match="5 items would be removed here"):
        pair.sync()
    assert pair.store.count("event") == 5
    assert len(pair.sync(most=5)) == 5 and pair.store.count("event") == 0


def test_undo_takes_back_what_came_and_the_next_run_brings_it_again(pair: Pair) -> None:
    before = pair.store.export()
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Theirs"))
    pair.sync()
    operation = pair.store.rows("SELECT MAX(id) AS id FROM operation")[0]["id"]
    take_back(pair.store.context(kind="undo"), operation)
    assert pair.store.export() == before
    assert pair.sync() == [("new here", "Theirs")]
    assert pair.server.names(PATH) == ["x.ics"]
    pair.settled()


def test_undo_of_a_change_is_a_change_that_is_sent(pair: Pair) -> None:
    pair.event("Demo", location="Rome")
    pair.sync()
    (name,) = pair.server.names(PATH)
    pair.server.edit(f"{PATH}{name}", "LOCATION:Rome", "LOCATION:Milan")
    pair.sync()
    operation = pair.store.rows("SELECT MAX(id) AS id FROM operation")[0]["id"]
    take_back(pair.store.context(kind="undo"), operation)
    assert pair.sync() == [("changed there", "Demo")]
    assert "LOCATION:Rome" in pair.the_text()


def test_a_dry_run_tells_everything_and_touches_nothing(pair: Pair) -> None:
    pair.event("Ours")
    pair.event("Changed")
    pair.sync()
    pair.event("New")
    pair.store.edit("event", 1, title="Ours two")
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Theirs"))
    here, there, asked = pair.store.export(), pair.texts(), len(pair.server.asked)
    told = [("changed there", "Ours two"), ("new here", "Theirs"), ("new there", "New")]
    assert pair.sync(dry_run=True) == told
    assert (pair.store.export(), pair.texts()) == (here, there)
    assert not {"PUT", "DELETE"} & {method for method, _ in pair.server.asked[asked:]}
    assert pair.sync() == told


def test_what_came_by_a_file_before_is_not_doubled(pair: Pair) -> None:
    pair.event("Theirs", start_at="2026-03-23T09:00:00Z", end_at="2026-03-23T10:00:00Z", ical_uid="x-1",
               rrule="FREQ=WEEKLY;COUNT=5", location="Bar")  # fmt: skip
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Theirs"))
    pair.sync()
    assert pair.store.count("event") == 1 and pair.server.names(PATH) == ["x.ics"]
    assert "LOCATION:Bar" in pair.the_text() and "X-COLOUR:red" in pair.the_text()
    pair.settled()


def test_a_bad_item_harms_no_other(pair: Pair) -> None:
    pair.server.put(
        f"{PATH}bad.ics",
        MOVED.format(uid="bad", title="Bad").replace("RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;"),
    )
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Good"))
    done = pair.report()
    assert sorted((one.action, one.title) for one in done.told)[0] == ("new here", "Good")
    (failed,) = (one for one in done.told if one.action == "not taken")
    assert "RANGE" in failed.detail
    assert pair.store.count("event") == 1 and pair.server.names(PATH) == ["bad.ics", "x.ics"]


def test_conditions_say_what_is_sent_and_other_accounts_keep_theirs(pair: Pair) -> None:
    pair.event("Public")
    pair.event("Private", visibility="private")
    pair.wanted = {"event": Clause("r.visibility = 'public'", {})}
    assert pair.sync() == [("new there", "Public")]
    pair.store.edit("event", 1, visibility="private")
    assert pair.sync() == [("changed there", "Public")], "what is there stays in step"
    other = pair.server.make("/anna/other/")
    pair.account, pair.wanted = pair.account._replace(name="book", url=other), {"event": ALL}
    assert pair.sync() == [("new there", "Private")]
    assert len(pair.server.names("/anna/other/")) == 1


def test_what_the_server_refuses_is_told_without_secrets(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.event("Demo")
    right = pair.account
    pair.account = right._replace(url=right.url.replace("/office/", "/"))
    with pytest.raises(ConfigError) as wrong:
        pair.sync()
    assert right.url in (wrong.value.hint or "")
    pair.account = right
    monkeypatch.setenv("CRMCLI_WORK_PASSWORD", "wr0ng-word")
    with pytest.raises(ExternalError) as refused:
        pair.sync()
    assert "wr0ng-word" not in str(refused.value) and "refuses user or password" in str(refused.value)
    assert pair.store.rows("SELECT * FROM sync_item") == []


def test_two_runs_at_once_are_one(pair: Pair) -> None:
    from crmcli.store.job_lock import job_lock

    pair.event("Demo")
    with job_lock(pair.store.path, "sync-work"):
        assert pair.report().is_running
    assert pair.server.names(PATH) == []
