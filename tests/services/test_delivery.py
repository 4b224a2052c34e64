"""Delivery: by the command within its time, by the scheduler, by many at once, after crashes and by trust alone."""

import json
import multiprocessing
import shutil
import time
from contextlib import closing
from pathlib import Path

import pytest

from crmcli.domain.deliveries import UNKNOWN
from crmcli.errors import RefusedError
from crmcli.integrations.sent import DONE, Sent
from crmcli.services.automation.trust import REHEARSED
from crmcli.services.delivery.deliver import deliver_due
from crmcli.services.delivery.retrying import retry
from crmcli.services.delivery.rows import Rows
from crmcli.services.results import manner_of
from crmcli.services.undo import take_back
from crmcli.store.unit_of_work import UnitOfWork
from tests.services.ruled import Ruled, rule
from tests.services.sending import (
    PAST_LEASE,
    add_and_deliver,
    allowing,
    deliver,
    hook,
    program,
    statuses,
)
from tests.unit.integrations.servers import Server, behaving, serving


def posting_to(ruled: Ruled, server: Server | int, more: str = "") -> Ruled:
    port = server if isinstance(server, int) else server.port
    return allowing(ruled).trusted(hook("tell", f"http://localhost:{port}/", more=more))


def test_the_command_delivers_after_its_commit(ruled: Ruled) -> None:
    with serving() as server:
        seen: list[int] = []
        server.before_answer = lambda: seen.append(ruled.store.count("lead"))
        posting_to(ruled, server)
        assert add_and_deliver(ruled).counts == {"done": 1}
    assert seen == [1], "what is told outside is stored"
    assert server.keys == [ruled.outbox()[0]["key"]]
    assert ruled.outbox()[0]["done_at"]


def test_no_transaction_is_open_while_it_talks(ruled: Ruled) -> None:
    with serving() as server:
        server.before_answer = lambda: ruled.store.add("contact", last_name="Rossi")
        posting_to(ruled, server)
        assert add_and_deliver(ruled).counts == {"done": 1}
    assert ruled.store.count("contact") == 1


def test_a_slow_server_costs_the_budget_and_no_attempt(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    """The write returns in time, and the outbox shows when it is tried again; ``--wait`` lifts the budget."""
    with behaving(lambda connection: time.sleep(60)) as port:
        posting_to(ruled, port)
        began = time.monotonic()
        told = add_and_deliver(ruled)
        assert time.monotonic() - began < 30
    (row,) = ruled.outbox()
    assert (row["status"], row["attempts"], row["not_before"]) == ("pending", 0, "2026-03-18T11:01:00Z")
    assert told.counts == {"pending": 1}
    assert "crm tick tries again after 2026-03-18 12:01" in told.warnings[0]
    assert ruled.store.count("lead") == 1


def test_wait_lifts_the_budget(ruled: Ruled) -> None:
    with serving() as server:
        server.before_answer = lambda: time.sleep(1.2)
        posting_to(ruled, server)
        assert add_and_deliver(ruled, wait=True).counts == {"done": 1}


def test_what_is_not_reached_in_time_is_left(ruled: Ruled) -> None:
    with serving() as server:
        server.before_answer = lambda: time.sleep(0.5)
        allowing(ruled).trusted(*(hook(f"tell-{n}", f"http://localhost:{server.port}/") for n in range(4)))
        told = add_and_deliver(ruled)
    assert told.warnings[-1].endswith("of rules not sent yet; crm tick sends what waits")
    assert statuses(ruled.store).count("done") <= 2


def test_pauses_grow_and_the_third_failure_is_the_last(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(500) as server:
        posting_to(ruled, server)
        ruled.add("lead", full_name="Anna Rossi")
        assert deliver(ruled).counts == {"pending": 1}
        assert deliver(ruled).counts == {}, "the pause is kept"
        monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T12:01:00+01:00")
        assert deliver(ruled).counts == {"pending": 1}
        assert ruled.outbox()[0]["not_before"] == "2026-03-18T11:11:00Z"
        monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T12:11:00+01:00")
        assert deliver(ruled).counts == {"failed": 1}
        monkeypatch.setenv("CRMCLI_NOW", "2026-03-19T12:11:00+01:00")
        assert deliver(ruled).counts == {}
    assert len(set(server.keys)) == 1
    assert len(server.keys) == 3
    assert ruled.outbox()[0]["last_error"] == "localhost answered 500"


def test_on_error_continue_is_tried_once(ruled: Ruled) -> None:
    with serving(500) as server:
        posting_to(ruled, server, ', on_error = "continue"')
        assert add_and_deliver(ruled).counts == {"failed": 1}
    assert len(server.keys) == 1


def test_retry_gives_a_dead_letter_all_its_attempts(ruled: Ruled) -> None:
    with serving(404, 200) as server:
        posting_to(ruled, server)
        assert add_and_deliver(ruled).counts == {"failed": 1}
        run = ruled.outbox()[0]["run_id"]
        assert retry(ruled.context(dry_run=True), [run])[0] == 1
        assert statuses(ruled.store) == ["failed"]
        count, delivered = retry(ruled.context(), [run])
    assert (count, delivered.counts, statuses(ruled.store)) == (1, {"done": 1}, ["done"])
    assert len(set(server.keys)) == 1


def test_retry_sends_nothing_of_a_write_that_was_taken_back(ruled: Ruled) -> None:
    with serving(404, 200) as server:
        posting_to(ruled, server)
        assert add_and_deliver(ruled).counts == {"failed": 1}
        [row] = ruled.outbox()
        undone = take_back(ruled.context(kind="undo"), row["operation_id"])
        with pytest.raises(RefusedError, match="the write of run 1 was taken back, so nothing of it is sent"):
            retry(ruled.context(), [row["run_id"]])
        assert undone.operation_id
        take_back(ruled.context(kind="redo"), undone.operation_id)
        assert retry(ruled.context(), [row["run_id"]])[1].counts == {"done": 1}
    assert len(server.keys) == 2


def test_retry_says_of_what_waits_when_it_is_tried_again(ruled: Ruled) -> None:
    with serving(500) as server:
        posting_to(ruled, server)
        assert add_and_deliver(ruled).counts == {"pending": 1}
        with pytest.raises(RefusedError, match="what run 1 sends is not given up: crm tick tries again after 2026-"):
            retry(ruled.context(), [ruled.outbox()[0]["run_id"]])


def test_what_was_on_its_way_when_its_write_was_taken_back_is_not_tried_again(
    ruled: Ruled, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(200) as server:
        posting_to(ruled, server)
        ruled.add("lead", full_name="Anna Rossi")
        rows = Rows(ruled.context(), ["webhook"])
        row = rows.take()
        assert row
        take_back(ruled.context(kind="undo"), ruled.outbox()[0]["operation_id"])
        rows.mark(row, Sent("temporary", "localhost answered 500"), was_cut=True)
        assert statuses(ruled.store) == ["pending"]
        monkeypatch.setenv("CRMCLI_NOW", PAST_LEASE)
        assert deliver(ruled).counts == {}
    assert (server.keys, statuses(ruled.store)) == ([], ["cancelled"])


def _take_and_die(ruled: Ruled) -> None:
    """Take a row as a deliverer does that dies before it can mark it."""
    assert Rows(ruled.context(), []).take()


def test_golden_m_a_crash_before_delivery_is_made_good_once(ruled: Ruled) -> None:
    with serving() as server:
        posting_to(ruled, server)
        ruled.add("lead", full_name="Anna Rossi")
        assert deliver(ruled).counts == {"done": 1}
        assert deliver(ruled).counts == {}
    assert len(server.keys) == 1


def test_golden_n_a_crash_after_sending_repeats_what_takes_the_key(
    ruled: Ruled, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as server:
        posting_to(ruled, server)
        ruled.add("lead", full_name="Anna Rossi")
        _take_and_die(ruled)
        assert deliver(ruled).counts == {}, "the lease is not over"
        monkeypatch.setenv("CRMCLI_NOW", PAST_LEASE)
        assert deliver(ruled).counts == {"done": 1}
        assert server.keys == [ruled.outbox()[0]["key"]]


def test_golden_n_a_crash_leaves_a_program_unrepeated(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    program(ruled, "open('ran', 'a').write('x')")
    ruled.trusted(rule("tell", '["lead.created"]', '{ action = "run", argv = ["tell"] }'))
    ruled.add("lead", full_name="Anna Rossi")
    _take_and_die(ruled)
    monkeypatch.setenv("CRMCLI_NOW", PAST_LEASE)
    assert deliver(ruled).counts == {}
    (row,) = ruled.outbox()
    assert (row["status"], row["last_error"]) == ("failed", UNKNOWN)
    assert not (ruled.paths.state / "ran").exists()


def test_who_lost_the_lease_marks_nothing(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    posting_to(ruled, 1)
    ruled.add("lead", full_name="Anna Rossi")
    rows = Rows(ruled.context(), ["webhook"])
    slow = rows.take()
    assert slow
    monkeypatch.setenv("CRMCLI_NOW", PAST_LEASE)
    quick = rows.take()
    assert quick
    rows.mark(slow, Sent("permanent", "late"), was_cut=False)
    assert statuses(ruled.store) == ["sending"]
    rows.mark(quick, DONE, was_cut=False)
    assert statuses(ruled.store) == ["done"]


def test_who_only_has_to_wait_has_not_failed(ruled: Ruled) -> None:
    posting_to(ruled, 1)
    ruled.add("lead", full_name="Anna Rossi")
    rows = Rows(ruled.context(), ["webhook"])
    row = rows.take()
    assert row
    rows.mark(row, Sent("temporary", "enough for today", "2026-03-19T08:00:00Z"), was_cut=False)
    (row_,) = ruled.outbox()
    assert (row_["status"], row_["attempts"], row_["not_before"]) == ("pending", 0, "2026-03-19T08:00:00Z")


def _deliver_in_a_process(ruled: Ruled, start: float) -> None:
    time.sleep(max(0, start - time.time()))
    deliver_due(ruled.context())


def test_complaint_4_ten_deliverers_send_each_row_once(ruled: Ruled) -> None:
    with serving() as server:
        posting_to(ruled, server)
        for number in range(12):
            ruled.add("lead", full_name=f"Person {number}")
        fork = multiprocessing.get_context("fork")
        start = time.time() + 0.2
        children = [fork.Process(target=_deliver_in_a_process, args=(ruled, start)) for _ in range(10)]
        for child in children:
            child.start()
        for child in children:
            child.join(180)
        assert [child.exitcode for child in children] == [0] * 10
    assert sorted(server.keys) == sorted(row["key"] for row in ruled.outbox())
    assert statuses(ruled.store) == ["done"] * 12


def test_golden_r_a_web_hook_to_this_machine_is_blocked(ruled: Ruled) -> None:
    with serving(302) as server:
        server.headers["Location"] = f"http://127.0.0.1:{server.port}/"
        ruled.trusted(hook("tell", f"http://127.0.0.1:{server.port}/"))
        assert add_and_deliver(ruled).counts == {"blocked": 1}
        assert server.keys == []
        posting_to(ruled, server)
        assert add_and_deliver(ruled).counts == {"failed": 1}
    assert len(server.keys) == 1, "the redirect is not followed"


def test_a_program_gets_key_and_data(ruled: Ruled) -> None:
    program(
        ruled,
        "import sys; open('got', 'w').write(sys.stdin.read()); open('argv', 'w').write(str(sys.argv[1:]))",
    )
    action = '{ action = "run", argv = ["tell", "--", "{{ record.full_name }}"], stdin = { n = "{{ record.ref }}" } }'
    ruled.trusted(rule("tell", '["lead.created"]', action))
    assert add_and_deliver(ruled, "$(touch pwn); --help").counts == {"done": 1}
    got = json.loads((ruled.paths.state / "got").read_text())
    assert got == {"key": ruled.outbox()[0]["key"], "data": {"n": "L1"}}
    assert (ruled.paths.state / "argv").read_text() == "['--', '$(touch pwn); --help']"


def test_a_value_is_never_taken_for_an_option(ruled: Ruled) -> None:
    ruled.trusted(rule("tell", '["lead.created"]', '{ action = "run", argv = ["tell", "{{ record.full_name }}"] }'))
    with pytest.raises(Exception, match="would be taken for an option; put '--' before it"):
        ruled.add("lead", full_name="--help")


def test_a_program_may_end_what_it_began(ruled: Ruled) -> None:
    """The budget of a command is for those who can be asked again; a program is not stopped in the middle."""
    program(ruled, "import time; time.sleep(1.2); open('ended', 'w')")
    ruled.trusted(rule("tell", '["lead.created"]', '{ action = "run", argv = ["tell"] }'))
    assert add_and_deliver(ruled).counts == {"done": 1}


def test_an_untrusted_file_changes_records_and_sends_nothing(ruled: Ruled) -> None:
    post = '{ action = "webhook", url = "https://a.example.com/" }'
    actions = f'{{ action = "tag", add = ["seen"] }}, {{ action = "run", argv = ["tell"] }}, {post}'
    program(ruled, "open('pwn', 'w')")
    ruled.given(rule("tell", '["lead.created"]', actions))
    result = ruled.do(lambda writer: writer.create("lead", {"full_name": "Anna Rossi"}))
    warning = "the rule file rules.toml is not trusted, so nothing that it sends goes out; crm rule trust rules.toml"
    assert result.warnings == (warning,), "told once"
    assert statuses(ruled.store) == ["blocked", "blocked"]
    assert ruled.store.shown("lead", 1)["tags"] == ["seen"]
    assert [one["status"] for one in json.loads(ruled.runs("tell")[0]["actions"])] == ["done", "blocked", "blocked"]
    assert deliver(ruled).counts == {}
    assert not list(ruled.folder.parent.rglob("pwn"))


@pytest.mark.parametrize("change", ["byte", "group", "folder", "record"])
def test_trust_ends_when_anything_changes(ruled: Ruled, change: str) -> None:
    file = ruled.folder / "rules.toml"
    ruled.trusted(hook("tell", "https://a.example.com/"))
    ruled.add("lead", full_name="Anna Rossi")
    if change == "byte":
        file.write_text(file.read_text() + " ")
    elif change == "group":
        file.chmod(0o664)
    elif change == "folder":
        ruled.folder.chmod(0o775)
    else:
        (ruled.paths.state / "trusted-rules.json").chmod(0o666)
    ruled.add("lead", full_name="Bruno Bianchi")
    assert statuses(ruled.store) == ["pending", "blocked"]


def test_a_rule_of_a_strange_store_is_not_sent(ruled: Ruled) -> None:
    """Trust is kept apart from the store: rows that no trusted rule wrote are not believed."""
    program(ruled, "open('pwn', 'w')")
    ruled.trusted(rule("tell", '["lead.created"]', '{ action = "run", argv = ["tell"] }'))
    ruled.add("lead", full_name="Anna Rossi")
    shutil.rmtree(ruled.paths.state)
    assert deliver(ruled).counts == {"blocked": 1}
    assert not list(ruled.folder.parent.rglob("pwn"))


def test_a_row_that_makes_no_sense_fails_alone(ruled: Ruled) -> None:
    import sqlite3

    with serving() as server:
        posting_to(ruled, server)
        for name in ("Anna", "Bruno", "Carla", "Dora"):
            ruled.add("lead", full_name=name)
        with closing(sqlite3.connect(ruled.store.path)) as con:
            con.execute("UPDATE outbox SET payload = '{\"values\": 3}' WHERE id = 1")
            con.execute("UPDATE outbox SET payload = 'x' WHERE id = 2")
            con.execute("UPDATE outbox SET kind = 'pigeon' WHERE id = 3")
            con.commit()
        deliver(ruled)
    assert statuses(ruled.store) == ["failed", "failed", "failed", "done"]


def test_a_function_of_a_package_is_called(ruled: Ruled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site"
    (package / "hooky-1.dist-info").mkdir(parents=True)
    (package / "hooky-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: hooky\nVersion: 1\n")
    entries = "[crmcli.functions]\ngreet = hooky_functions:greet\nfail = hooky_functions:fail\n"
    (package / "hooky-1.dist-info" / "entry_points.txt").write_text(entries)
    (package / "hooky_functions.py").write_text(
        "got = []\ndef greet(data): got.append(data)\ndef fail(data): raise RuntimeError('no')\n"
    )
    monkeypatch.syspath_prepend(package)
    call = '{{ action = "call", function = "{}" }}'
    ruled.trusted(rule("tell", '["lead.created"]', f"{call.format('greet')}, {call.format('fail')}"))
    assert add_and_deliver(ruled).counts == {"done": 1, "pending": 1}
    from hooky_functions import got  # type: ignore[import-not-found]  # made above

    assert got[0]["data"]["record"]["ref"] == "L1"
    assert ruled.outbox()[1]["last_error"] == "the function fail failed: RuntimeError: no"


def test_messages_to_people_are_rehearsed_until_the_configuration_says_so(ruled: Ruled) -> None:
    import sqlite3

    posting_to(ruled, 1)
    ruled.add("lead", full_name="Anna Rossi")
    with closing(sqlite3.connect(ruled.store.path)) as con:
        con.execute("UPDATE outbox SET kind = 'sms'")
        con.commit()
    assert deliver(ruled).counts == {"blocked": 1}
    assert ruled.outbox()[0]["last_error"] == REHEARSED


def open_unit(ruled: Ruled) -> UnitOfWork:
    return UnitOfWork(ruled.store.path, manner_of(ruled.store.settings), "crm test")


def test_nothing_is_taken_without_need(ruled: Ruled) -> None:
    with open_unit(ruled):  # nobody waits for the lock of another write
        assert deliver(ruled) == ({}, (), ())
