"""What rules leave in the outbox: rendered, keyed, without secrets, called off by undo."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crmcli.config.rule_settings import RuleSettings
from crmcli.errors import ConfigError, RefusedError
from crmcli.services.undo import take_back
from tests.services.ruled import HOT_LEAD, Ruled, rule, sets
from tests.services.sending import add_and_deliver, allowing, deliver, hook, statuses
from tests.unit.integrations.servers import serving

URL = "https://hooks.example.com/in"


def test_a_row_is_written_with_its_cause(ruled: Ruled) -> None:
    ruled.trusted(
        hook("tell", f"{URL}?who={{{{ record.full_name }}}}", more=', body = { n = "{{ record.ref }}", x = [1] }')
    )
    ruled.add("lead", full_name="Anna & Bruno")
    (row,) = ruled.outbox()
    (run,) = ruled.runs("tell")
    assert (row["status"], row["kind"], row["run_id"], row["max_attempts"]) == ("pending", "webhook", run["id"], 3)
    assert (row["entity"], row["record_id"], row["operation_id"]) == ("lead", 1, run["operation_id"])
    values = json.loads(row["payload"])["values"]
    assert values == {"url": f"{URL}?who=Anna%20%26%20Bruno", "body": {"n": "L1", "x": [1]}}, "escaped for a URL"
    assert json.loads(run["actions"]) == [{"number": 1, "action": "webhook", "status": "queued"}]


def test_without_a_body_the_record_goes(ruled: Ruled) -> None:
    ruled.trusted(hook("tell", URL))
    ruled.add("lead", full_name="Anna Rossi")
    body = json.loads(ruled.outbox()[0]["payload"])["values"]["body"]
    assert body["rule"] == "tell"
    assert body["events"] == ["lead.created", "lead.saved"]
    assert body["record"]["full_name"] == "Anna Rossi"


def test_a_secret_is_stored_nowhere(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        monkeypatch.setenv("HOOK_URL", f"http://localhost:{server.port}/canary-1")
        monkeypatch.setenv("TOKEN", "canary-2")
        allowing(ruled).trusted(
            hook("tell", "{{ env.HOOK_URL }}", more=', body = { a = { b = ["x{{ env.TOKEN }}y"] } }')
        )
        result = ruled.do(lambda writer: writer.create("lead", {"full_name": "Anna Rossi"}), explain=True)
        assert "webhook to {{ env.HOOK_URL }}" in result.effects[0]
        assert deliver(ruled).counts == {"done": 1}
    assert server.requests[0].path == "/canary-1"
    assert json.loads(server.requests[0].body) == {"a": {"b": ["xcanary-2y"]}}
    stored = ruled.store.path.read_bytes()
    assert b"canary" not in stored


def test_a_secret_is_kept_out_of_failures(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "canary.example.com")
    ruled.trusted(hook("tell", "https://{{ env.HOST }}/"))
    ruled.add("lead", full_name="Anna Rossi")
    assert "canary" not in str(deliver(ruled))
    assert ruled.outbox()[0]["last_error"].startswith("the host *** is not among")


def test_a_variable_that_is_not_set_is_waited_for(ruled: Ruled) -> None:
    ruled.trusted(hook("tell", "{{ env.NOT_SET_AT_ALL }}"))
    ruled.add("lead", full_name="Anna Rossi")
    assert "env.NOT_SET_AT_ALL is not set" in deliver(ruled).warnings[0]
    assert statuses(ruled.store) == ["pending"]


def test_what_looks_like_a_gap_in_a_record_is_text(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        monkeypatch.setenv("TOKEN", "canary")
        body = ', body = { n = "{{ record.full_name }}", t = "{{ env.TOKEN }}" }'
        allowing(ruled).trusted(hook("tell", f"http://localhost:{server.port}/", more=body))
        ruled.add("lead", full_name="{{ env.TOKEN }}")
        deliver(ruled)
    assert json.loads(server.requests[0].body) == {"n": "{{ env.TOKEN }}", "t": "canary"}


def test_complaint_7_one_message_for_each_action_of_a_run(ruled: Ruled) -> None:
    two = (
        '{ action = "webhook", url = "https://a.example.com/" }, { action = "webhook", url = "https://b.example.com/" }'
    )
    ruled.trusted(rule("tell", '["lead.created", "lead.saved", "lead.updated"]', two))
    ruled.add("lead", full_name="Anna Rossi")
    assert len({row["key"] for row in ruled.outbox()}) == len(ruled.outbox()) == 2
    ruled.edit("lead", 1, rating="hot")
    assert len({row["key"] for row in ruled.outbox()}) == len(ruled.outbox()) == 4


def test_golden_d_complaint_3_one_message_for_a_lead_that_comes_hot(ruled: Ruled) -> None:
    action = '\n[[rule.do]]\naction = "webhook"\nurl = "https://hooks.example.com/"\n'
    ruled.trusted(HOT_LEAD + action)
    ruled.add("lead", full_name="Anna Rossi", score=90)
    assert (len(ruled.runs("hot-lead")), len(ruled.tasks()), len(ruled.outbox())) == (1, 1, 1)


def test_golden_g_a_rule_that_runs_again_in_the_chain_sends_again(ruled: Ruled) -> None:
    ruled.trusted(
        rule("a", '["lead.created"]', sets(rating='"hot"'), order="10"),
        hook("b", URL, on="lead.updated", watch='["rating"]', order="20"),
        rule("c", '["lead.created"]', sets(rating='"cold"'), order="30"),
    )
    ruled.add("lead", full_name="Anna Rossi")
    assert len({row["key"] for row in ruled.outbox()}) == len(ruled.runs("b")) == 2


def test_a_delay_and_a_single_attempt_are_kept(ruled: Ruled) -> None:
    ruled.trusted(hook("tell", URL, more=', delay = "+2bd", on_error = "continue"'))
    ruled.add("lead", full_name="Anna Rossi")
    (row,) = ruled.outbox()
    assert row["max_attempts"] == 1
    assert datetime.fromisoformat(row["not_before"]) > datetime(2026, 3, 19, tzinfo=UTC)
    assert deliver(ruled).counts == {}, "it is not due yet"


def test_a_dry_run_leaves_nothing(ruled: Ruled) -> None:
    ruled.trusted(hook("tell", URL))
    result = ruled.do(lambda writer: writer.create("lead", {"full_name": "Anna Rossi"}), dry_run=True)
    assert "webhook to" in result.effects[0]
    assert ruled.outbox() == []


def test_a_missing_value_refuses_the_write(ruled: Ruled) -> None:
    ruled.trusted(hook("tell", URL, more=', body = { mail = "{{ record.email }}" }'))
    with pytest.raises(RefusedError, match=r"rule tell, action 1 \(webhook\) failed: \{\{ record.email \}\} is empty"):
        ruled.add("lead", full_name="Anna Rossi")
    assert ruled.store.count("lead") == 0


def test_a_missing_value_of_an_action_that_may_fail_is_told(ruled: Ruled) -> None:
    ruled.trusted(hook("tell", URL, more=', body = { mail = "{{ record.email }}" }, on_error = "continue"'))
    result = ruled.do(lambda writer: writer.create("lead", {"full_name": "Anna Rossi"}))
    assert result.warnings == ("rule tell: not sent: {{ record.email }} is empty; give it a default",)
    assert ruled.outbox() == []


def test_an_action_with_a_condition_is_skipped(ruled: Ruled) -> None:
    ruled.trusted(hook("tell", URL, more=', if = "rating = hot"'))
    ruled.add("lead", full_name="Anna Rossi")
    assert ruled.outbox() == []


def test_golden_s_undo_calls_off_what_waits_and_redo_sends_it_again(ruled: Ruled) -> None:
    ruled.trusted(hook("tell", URL))
    result = ruled.do(lambda writer: writer.create("lead", {"full_name": "Anna Rossi"}))
    assert result.operation_id
    undone = take_back(ruled.context(kind="undo"), result.operation_id)
    assert (undone.warnings, statuses(ruled.store)) == ((), ["cancelled"])
    assert deliver(ruled).counts == {}
    assert undone.operation_id
    redone = take_back(ruled.context(kind="redo"), undone.operation_id)
    assert statuses(ruled.store) == ["pending"]
    assert redone.operation_id
    take_back(ruled.context(kind="undo"), redone.operation_id)
    assert statuses(ruled.store) == ["cancelled"]


def test_golden_s_undo_lists_what_went_out(ruled: Ruled) -> None:
    with serving() as server:
        allowing(ruled).trusted(hook("tell", f"http://localhost:{server.port}/"))
        add_and_deliver(ruled)
    undone = take_back(ruled.context(kind="undo"), ruled.outbox()[0]["operation_id"])
    assert undone.warnings == ("webhook of rule tell on L1 went out at 2026-03-18 12:00 and cannot be taken back",)
    assert statuses(ruled.store) == ["done"]


def test_a_notice_goes_to_each_of_a_team(ruled: Ruled) -> None:
    ruled.store.edit("user", ruled.store.user(), team="sales")
    ruled.store.add("user", handle="bruno", name="Bruno", team="sales")
    ruled.store.add("user", handle="carla", name="Carla")
    ruled.given(
        rule("tell", '["lead.created"]', '{ action = "notify", to = "team:sales", text = "New", digest = false }')
    )
    assert add_and_deliver(ruled).notices == ("L1: New",), "to anna, who is in front"
    assert statuses(ruled.store) == ["done", "pending"], "bruno has not looked yet"
    ruled.given(rule("tell", '["lead.created"]', '{ action = "notify", to = "nobody", text = "New" }'))
    with pytest.raises(RefusedError, match="there is no user 'nobody'"):
        ruled.add("lead", full_name="Anna Rossi")


def test_a_digest_waits_for_the_scheduler(ruled: Ruled) -> None:
    ruled.given(rule("tell", '["lead.created"]', '{ action = "notify", to = "anna", text = "{{ record.full_name }}" }'))
    assert add_and_deliver(ruled, "Anna Rossi") == ({}, (), ())
    assert add_and_deliver(ruled, "Bruno Bianchi") == ({}, (), ())
    assert deliver(ruled).notices == ("L1: Anna Rossi", "L2: Bruno Bianchi")
    assert deliver(ruled).notices == ()


def test_a_user_is_told_one_digest_a_day(ruled: Ruled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    show = tmp_path / "show"
    show.write_text(f'#!/bin/sh\necho "$1." >> {tmp_path}/shown\n')
    show.chmod(0o700)
    allowing(ruled, RuleSettings(notify=(str(show),)))
    ruled.given(rule("tell", '["lead.created"]', '{ action = "notify", to = "anna", text = "{{ record.full_name }}" }'))
    ruled.add("lead", full_name="Anna Rossi")
    ruled.add("lead", full_name="Bruno Neri")
    assert deliver(ruled).notices == ("L1: Anna Rossi", "L2: Bruno Neri")
    ruled.add("lead", full_name="Carla Verdi")
    assert deliver(ruled).notices == ()
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-19T00:01:00+01:00")
    assert deliver(ruled).notices == ("L3: Carla Verdi",)
    assert (tmp_path / "shown").read_text() == "L1: Anna Rossi\nL2: Bruno Neri.\nL3: Carla Verdi.\n"


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ('{ action = "webhook", url = "ftp://a.example.com" }', "must begin with https:// and a host"),
        ('{ action = "webhook", url = "https://{{ record.website }}/" }', "no value of a record can be part of"),
        (
            '{ action = "webhook", url = "https://a.example{{ record.website }}" }',
            "no value of a record can be part of",
        ),
        ('{ action = "webhook", url = "https://a.example/{{ record.nme }}" }', "did you mean name?"),
        ('{ action = "webhook", url = "https://a.example/", body = { a = ["{{ record.nme }}"] } }', "body.a\\[1\\]"),
        ('{ action = "webhook", url = "https://a.example/", timeout = "1m" }', "must be 1s to 10s"),
        ('{ action = "webhook", url = "https://a.example/", on_error = "fail" }', "there is retry, continue"),
        ('{ action = "webhook", url = "https://a.example/{{ env.A | upper }}" }', "without filters"),
        ('{ action = "run", argv = "rm -rf" }', "must be a list of texts"),
        ('{ action = "run", argv = [] }', "is empty"),
        ('{ action = "run", argv = ["{{ record.name }}"] }', "name of a program in the hooks folder"),
        ('{ action = "run", argv = ["/bin/sh", "-c", "x"] }', "name of a program in the hooks folder"),
        ('{ action = "run", argv = ["../x"] }', "name of a program in the hooks folder"),
        ('{ action = "run", argv = ["x", "{{ env.TOKEN }}"] }', "env. is only for what is sent"),
        ('{ action = "call", function = "absent" }', "no package offers 'absent'"),
        ('{ action = "notify", to = "anna", text = "x", sound = true }', "there is no such key"),
        ('{ action = "notify", to = "anna", text = "x", delay = "soon" }', "delay"),
    ],
)
def test_mistakes_are_told_at_load(ruled: Ruled, action: str, told: str) -> None:
    ruled.given(rule("tell", '["lead.created"]', action))
    with pytest.raises(ConfigError, match=told):
        ruled.add("lead", full_name="Anna Rossi")
