"""Rules understood: fields, literals, references, conditions and watched fields, checked before anything runs."""

from decimal import Decimal
from typing import Any

import pytest

from crmcli.domain.money import Amount
from crmcli.rules.deeds import SetFields
from crmcli.rules.doubts import find_cycles, find_unreachable
from tests.unit.rules.world import rule, understood


def sets(values: str) -> str:
    return f'{{ action = "set", values = {{ {values} }} }}'


@pytest.mark.parametrize(
    ("values", "key", "expected"),
    [
        ('rating = "Hot"', "rating", "hot"),
        ("score = 5", "score", 5),
        ('owner = "anna"', "owner", 1),
        ("do_not_call = true", "do_not_call", True),
        ('tags = ["a", "b"]', "tags", ["a", "b"]),
        ('budget = "10k"', "custom.budget", Amount(Decimal(10_000), None, False)),
        ("expected_amount = 12.5", "expected_amount", Amount(Decimal("12.5"), None, False)),
        ("next_step_due = 2026-04-01", "next_step_due", "2026-04-01"),
        ('next_step_due = "+1d"', "next_step_due", "2026-03-19"),
    ],
)
def test_literals_get_the_type_of_their_field(values: str, key: str, expected: Any) -> None:
    ready, mistakes = understood(rule(do=sets(values)))
    assert mistakes == []
    deed = ready[0].steps[0].deed
    assert isinstance(deed, SetFields)
    (one,) = deed.assignments
    assert (one.key, one.value) == (key, expected)


@pytest.mark.parametrize(
    ("do", "key", "told"),
    [
        (sets('rating = "hto"'), "do[1].values.rating", "did you mean hot?"),
        (sets('scor = "1"'), "do[1].values.scor", "did you mean score"),
        (sets('open_tasks = "1"'), "do[1].values.open_tasks", "cannot be set"),
        (sets('converted_at = "today"'), "do[1].values.converted_at", "cannot be set"),
        (sets('owner = "bob"'), "do[1].values.owner", "no user 'bob'"),
        (sets('expected_amount = "1.234"'), "do[1].values.expected_amount", "can be read in two ways"),
        (sets('score = "{{ record.scor }}"'), "do[1].values.score", "did you mean score"),
        (sets('rating = ["hot"]'), "do[1].values.rating", "takes one value, not a list"),
        ('{ action = "task", subject = "Call", due = "+2xx" }', "do[1].due", "+2xx"),
        ('{ action = "task", subject = "Call", due = "+4bh" }', "do[1].due", "needs business hours"),
        ('{ action = "task", subject = "Call", priority = "top" }', "do[1].priority", "'top' is not one of"),
        ('{ action = "task", subject = "{{ env.KEY }}" }', "do[1].subject", "env. is only for what is sent"),
        ('{ action = "refuse", message = "no", field = "amont" }', "do[1].field", "lead has no field 'amont'"),
        ('{ action = "warn", message = "{{ record.name" }', "do[1].message", "is not closed"),
        ('{ action = "stop", if = "score = hot" }', "do[1].if", "'hot' is not a number"),
    ],
)
def test_actions_without_meaning_are_told(do: str, key: str, told: str) -> None:
    ready, mistakes = understood(rule(do=do))
    assert ready == []
    (mistake,) = mistakes
    assert mistake.place.key == key
    assert told in str(mistake)


def test_a_deal_is_moved_by_its_own_action() -> None:
    _, mistakes = understood(rule(on='["deal.updated"]', do=sets('stage = "won"')))
    assert "is changed by the action move" in str(mistakes[0])


def test_a_task_belongs_to_a_record_that_has_tasks() -> None:
    _, mistakes = understood(rule(on='["task.created"]', do='{ action = "task", subject = "Again" }'))
    assert "a task cannot be linked to a record of kind task" in str(mistakes[0])


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"when": '"score > 5 and open_tasks = 0"'}, {"score"}),
        ({"when": '"owner.handle = anna and budget > 5"'}, {"owner", "custom.budget", "currency"}),
        ({"when": '"amount_guess is empty or expected_amount > 5"'}, None),
        ({"when": '"expected_amount > 5"'}, {"expected_amount", "currency"}),
        ({"when": '"score > 5"', "watch": '["status"]'}, {"status"}),
    ],
)
def test_watched_fields(keys: dict[str, str], expected: set[str] | None) -> None:
    ready, mistakes = understood(rule(**keys))
    assert (set(ready[0].watch) if ready else None) == expected
    assert bool(mistakes) is (expected is None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (rule(when='"open_tasks = 0"'), "names only derived fields"),
        (rule(watch='["open_tasks"]'), "open_tasks is derived"),
        (rule(watch='["updated_at"]'), "updated_at is derived"),
        (rule(watch='["statu"]'), "did you mean status"),
        (rule(on='["lead.created"]', watch='["status"]'), "is only for updated and saved"),
        (rule(crossed="true"), "needs a condition that can become true"),
        (rule(when='"score > abc"'), "at character 9"),
    ],
)
def test_rules_that_could_never_run_are_told(text: str, told: str) -> None:
    ready, mistakes = understood(text)
    assert ready == []
    assert any(told in str(mistake) for mistake in mistakes)


def test_cycles_are_found_once() -> None:
    ready, _ = understood(
        rule("a", do=sets('rating = "hot"'), watch='["score"]'),
        rule("b", do=sets("score = 1"), watch='["rating"]'),
        rule("c", on='["lead.tagged"]', do='{ action = "tag", add = ["x"] }'),
        rule("d", on='["deal.updated"]', do='{ action = "tag", add = ["x"] }', watch='["tags"]'),
    )
    assert find_cycles(ready) == [("a", "b", "a")]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (
            ('["lead.tagged"]', '{ action = "assign", to = "anna" }'),
            ('["lead.assigned"]', '{ action = "tag", add = ["x"] }'),
        ),
        (
            ('["lead.updated"]', '{ action = "increment", field = "score", by = 1 }', '["rating"]'),
            ('["lead.updated"]', '{ action = "unset", fields = ["rating"] }', '["score"]'),
        ),
        (
            ('["deal.tagged"]', '{ action = "move", stage = "{{ record.next_step }}" }'),
            ('["deal.stage_changed"]', '{ action = "tag", add = ["x"] }'),
        ),
        (
            ('["ticket.resolved"]', '{ action = "status", to = "open" }'),
            ('["ticket.reopened"]', '{ action = "status", to = "resolved", code = "fixed" }'),
        ),
        (
            ('["lead.created"]', '{ action = "create", entity = "contact", values = { full_name = "x" } }'),
            ('["contact.saved"]', '{ action = "create", entity = "lead", values = { full_name = "x" } }'),
        ),
        (
            ('["lead.saved"]', '{ action = "convert" }'),
            ('["deal.created"]', '{ action = "create", entity = "lead", values = { full_name = "x" } }'),
        ),
        (
            ('["log.logged"]', '{ action = "create", entity = "task", values = { subject = "x" } }'),
            ('["task.created"]', '{ action = "create", entity = "log", values = { kind = "note" } }'),
        ),
    ],
)  # fmt: skip
def test_cycles_go_through_every_action(one: tuple[str, ...], two: tuple[str, ...]) -> None:
    texts = []
    for name, (on, do, *watch) in (("a", one), ("b", two)):
        texts.append(rule(name, on=on, do=do, **({"watch": watch[0]} if watch else {})))
    ready, mistakes = understood(*texts)
    assert mistakes == []
    assert find_cycles(ready) == [("a", "b", "a")]


def test_what_does_not_come_back_is_no_cycle() -> None:
    ready, mistakes = understood(
        rule("a", on='["lead.updated"]', do='{ action = "convert" }'),
        rule("b", on='["deal.created"]', do='{ action = "create", entity = "lead", values = { full_name = "x" } }'),
        rule("c", on='["ticket.resolved"]', do='{ action = "status", to = "on_hold" }'),
        rule("d", on='["ticket.status_changed"]', do='{ action = "log", body = "x" }'),
    )
    assert (find_cycles(ready), mistakes) == ([], [])


def test_rules_without_a_turn_are_found() -> None:
    ready, _ = understood(
        rule("end", on='["lead.saved"]', do='{ action = "stop", all = true }', order="1"),
        rule("never", on='["lead.created"]', order="2"),
        rule("still", on='["lead.created", "lead.tagged"]', order="3"),
        rule("first", on='["lead.created"]', order="0"),
    )
    assert [one.id for one in ready] == ["first", "end", "never", "still"]
    assert find_unreachable(ready) == [("never", "end")]


def test_a_rule_that_reacts_to_itself_may_set_itself_off() -> None:
    keys = {"watch": '["score"]', "do": '{ action = "increment", field = "score", by = 1 }'}
    assert find_cycles(understood(rule(**keys))[0]) == []
    assert find_cycles(understood(rule(react_to_self="true", **keys))[0]) == [("a", "a")]


def test_a_url_names_no_user() -> None:
    _, mistakes = understood(rule(do='{ action = "webhook", url = "https://anna:secret@hooks.example.com/" }'))
    reason = "must begin with https:// and a host, no user, and no value of a record can be part of it"
    assert [mistake.reason for mistake in mistakes] == [reason]
