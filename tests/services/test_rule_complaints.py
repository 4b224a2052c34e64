"""What users of other programs complain of, by number, and that it cannot happen here; the golden cases of actions.

Of the twelve complaints 1, 2, 3, 8, 9, 10, 11 and 12 stand here, 3 in ``test_outbox`` and ``test_scoring``, too. 4 (a
rule by time that fires at every tick) stands in ``test_ticking`` and ``test_delivery``, its anchor ``updated_at`` in
``unit/rules/test_schedules``; 5 (silence) in ``test_rule_trials`` and ``cli/test_rule_tools``; 6 (a change that is
asked about where there is none) and 9 (a rule that is tripped alone) in ``test_rule_firing``; 7 in ``test_outbox``.
"""

import pytest

from crmcli.errors import ConfigError, RefusedError
from crmcli.services import deals
from crmcli.services.writer import Writer
from tests.services.ruled import HOT_LEAD, Ruled, deal, rule, sets

GIVE = '{ action = "assign", pool = ["bea", "anna"], strategy = "round_robin", only_if_empty = true }'

CALL = '{ action = "task", subject = "Call {{ record.name }}" }'


@pytest.fixture(autouse=True)
def colleague(ruled: Ruled) -> int:
    return ruled.store.add("user", handle="bea")


@pytest.mark.parametrize(
    "do",
    [
        sets(description='"seen {{ record.score }}"'),
        '{ action = "increment", field = "score", by = 1 }',
        '{ action = "tag", add = ["t{{ record.score }}"] }',
        '{ action = "assign", pool = ["anna", "bea"], strategy = "round_robin" }',
        '{ action = "status", to = "contacting" }',
        '{ action = "create", entity = "lead", values = { full_name = "Another" } }',
    ],
)
def test_complaint_1_what_a_rule_writes_does_not_set_it_off(ruled: Ruled, do: str) -> None:
    ruled.given(rule("own", '["lead.saved", "lead.tagged", "lead.assigned", "lead.status_changed"]', do))
    ruled.add("lead", full_name="Anna Rossi", score=1)
    assert len(ruled.runs("own")) == 1


@pytest.mark.parametrize(
    "do",
    [
        '{ action = "task", subject = "Call" }',
        '{ action = "log", body = "Seen" }',
        '{ action = "event", title = "Visit", start = "+1d" }',
    ],
)
def test_complaint_1_and_case_e_an_activity_does_not_fire_the_rules_of_its_record(ruled: Ruled, do: str) -> None:
    ruled.given(
        rule("make", '["deal.tagged"]', do),
        rule("idle", '["deal.updated", "deal.stage_changed"]', do, when='"last_activity_at is empty or amount > 5"'),
    )
    number = deal(ruled)
    ruled.edit("deal", number, tags=["x"])
    assert (len(ruled.runs("make")), ruled.runs("idle")) == (1, [])


def test_complaint_2_and_case_g_a_later_change_of_status_is_seen(ruled: Ruled) -> None:
    now = "{{ old.status }} {{ record.status }}"
    ruled.given(
        rule("a", '["lead.tagged"]', '{ action = "status", to = "contacting" }', order="1"),
        rule("b", '["lead.status_changed"]', f'{{ action = "log", body = "{now}" }}', order="2"),
        rule("c", '["lead.tagged"]', '{ action = "status", to = "qualified" }', order="3"),
    )
    lead = ruled.add("lead", full_name="Anna Rossi")
    ruled.edit("lead", lead, tags=["x"])
    bodies = [row["body"] for row in ruled.store.rows("SELECT body FROM interaction ORDER BY id")]
    assert bodies == ["new contacting", "contacting qualified"]


def test_complaint_3_and_case_d_a_new_record_is_one_change(ruled: Ruled) -> None:
    ruled.given(
        rule("once", '["deal.created", "deal.updated", "deal.stage_changed", "deal.assigned"]', f"{GIVE}, {CALL}"),
    )
    organization = ruled.store.add("organization", name="Acme")
    result = deals.win(ruled.context(), [ruled.add("deal", name="Site", organization=organization)])
    assert len(result.effects) == 1, "the task once more, for the change of the stage"
    assert (len(ruled.runs("once")), len(ruled.tasks())) == (2, 2)


@pytest.mark.parametrize(("with_rules", "assigned"), [(False, 0), (True, 3)])
def test_complaint_8_imports_ask_before_rules_act(ruled: Ruled, with_rules: bool, assigned: int) -> None:
    ruled.given(rule("give", '["lead.created"]', GIVE))

    def work(writer: Writer) -> None:
        for number in range(3):
            writer.create("lead", {"full_name": f"Lead {number}"}, intent="import")

    ruled.do(work, kind="import", with_rules=with_rules)
    owned = ruled.store.rows("SELECT id FROM lead WHERE owner_id IS NOT NULL")
    assert (len(owned), len(ruled.runs("give"))) == (assigned, assigned)


def test_complaint_8_a_row_whose_action_fails_is_rejected_alone(ruled: Ruled) -> None:
    ruled.given(rule("close", '["lead.created"]', '{ action = "convert" }', imports="true"))
    ruled.store.add("organization", name="Acme")
    rejected: list[str] = []

    def work(writer: Writer) -> None:
        for number, company in enumerate(("Acme", "Bolt", "Acme")):
            values = {"full_name": f"Lead {number}", "company_name": company}
            problems = writer.attempt(lambda values=values: writer.create("lead", values, intent="import"))  # type: ignore[misc]  # a bound default
            rejected.extend(map(str, problems))

    ruled.do(work, kind="import")
    assert (ruled.store.count("lead"), ruled.store.count("deal"), ruled.store.count("organization")) == (1, 1, 2)
    assert len(rejected) == 2
    assert "may be about O1 Acme" in rejected[0]


def test_complaint_9_a_failing_rule_leaves_others_alone(ruled: Ruled) -> None:
    ruled.given(
        rule("picky", '["lead.created"]', sets(industry='"{{ record.company_name }}"'), when='"source = ads"'),
        rule("good", '["lead.created"]', '{ action = "tag", add = ["good"] }'),
    )
    with pytest.raises(RefusedError, match="rule picky, action 1"):
        ruled.add("lead", full_name="Anna Rossi", source="ads")
    lead = ruled.add("lead", full_name="Bea Verdi", source="website")
    assert ruled.store.shown("lead", lead)["tags"] == ["good"]


@pytest.mark.parametrize(
    ("do", "told"),
    [
        (sets(score='"many"'), "'many' is not a whole number"),
        (sets(fit="3"), "neither yes nor no"),
        (sets(next_step_due='"soonish"'), "soonish"),
        (sets(expected_amount='"1.234"'), "can be read in two ways"),
        (sets(rating="5"), "'5' is not one of its values"),
        ('{ action = "stop", if = "next_step_due > 5" }', "in the date"),
        ('{ action = "stop", if = "score ~ 5" }', "~"),
        ('{ action = "stop", if = "score = \'\'" }', "is not a number"),
    ],
)
def test_complaint_10_types_are_checked_before_anything_runs(ruled: Ruled, do: str, told: str) -> None:
    ruled.given(rule("typed", '["lead.created"]', do))
    with pytest.raises(ConfigError, match=told) as caught:
        ruled.add("organization", name="Acme")
    assert caught.value.details["problems"][0]["line"] == 5


def test_complaint_10_nothing_is_not_zero_and_not_text(ruled: Ruled) -> None:
    ruled.given(
        rule("zero", '["lead.created"]', '{ action = "tag", add = ["zero"] }', when='"employees <= 0"'),
        rule("not-hot", '["lead.created"]', '{ action = "tag", add = ["not-hot"] }', when='"rating != hot"'),
        rule("sum", '["lead.created"]', '{ action = "increment", field = "employees", by = 1 }', order="200"),
    )
    ruled.add("lead", full_name="Anna Rossi")
    assert (ruled.store.shown("lead", 1)["tags"], ruled.store.row("lead", 1)["employees"]) == (["not-hot"], 1)


def test_complaint_11_and_case_b_who_met_it_before_is_left_alone(ruled: Ruled) -> None:
    ruled.given(rule("hot", '["lead.updated"]', GIVE, when='"score >= 70"', crossed="true", watch='["score", "city"]'))
    lead = ruled.store.add("lead", full_name="Anna Rossi", score=75)
    ruled.edit("lead", lead, city="Forlì")
    ruled.edit("lead", lead, score=80)
    assert ruled.store.row("lead", lead)["owner_id"] is None
    ruled.edit("lead", lead, score=60)
    ruled.edit("lead", lead, score=90)
    assert ruled.store.row("lead", lead)["owner_id"] == ruled.store.user("bea")


def test_complaint_12_rules_have_their_turn_by_order_then_by_id(ruled: Ruled) -> None:
    def adds(name: str, order: int) -> str:
        so_far = "{{ record.description | default('') }}"
        return rule(name, '["lead.created"]', sets(description=f'"{so_far}{name}"'), order=str(order))

    ruled.given(adds("c", 5), adds("b", 5), adds("d", -1), adds("a", 7))
    ruled.add("lead", full_name="Anna Rossi")
    assert ruled.store.row("lead", 1)["description"] == "dbca"


def test_case_a_and_s_one_undo_takes_back_everything(ruled: Ruled) -> None:
    ruled.given(f'{HOT_LEAD}[[rule.do]]\naction = "assign"\npool = ["bea", "anna"]\nstrategy = "round_robin"\n')
    lead = ruled.add("lead", full_name="Anna Rossi", score=60)
    before = ruled.store.export()
    result = ruled.edit("lead", lead, score=75)
    assert ruled.store.row("lead", lead)["owner_id"] == ruled.store.user("bea")
    assert ruled.store.shown("lead", lead)["tags"] == ["chase"]
    assert len(ruled.tasks()) == 1
    ruled.store.undo(result)
    assert ruled.store.export() == before
    assert ruled.tasks() == []


def test_case_k_what_a_rule_moves_is_guarded_by_the_others(ruled: Ruled) -> None:
    ruled.given(
        rule("send", '["deal.tagged"]', '{ action = "move", stage = "quote_sent" }'),
        rule(
            "guard",
            '["deal.stage_changed"]',
            '{ action = "refuse", field = "amount", message = "No quote without an amount" }',
            when='"stage = quote_sent and amount is empty"',
        ),
    )
    number = deal(ruled)
    before = ruled.store.export()
    with pytest.raises(RefusedError, match="D1 refused by rule guard: amount: No quote without an amount") as caught:
        ruled.edit("deal", number, tags=["x"])
    assert caught.value.exit_code == 4
    assert ruled.store.export() == before


def test_case_t_an_edited_rule_waits_for_the_next_change(ruled: Ruled) -> None:
    text = rule("rate", '["lead.updated"]', sets(rating='"hot"'), when='"score >= 70"')
    ruled.given(text)
    leads = [ruled.store.add("lead", full_name=f"Lead {score}", score=score) for score in (40, 50)]
    ruled.given(text.replace("70", "40"))
    assert ruled.runs("rate") == []
    ruled.edit("lead", leads[1], score=51)
    assert [ruled.store.row("lead", lead)["rating"] for lead in leads] == [None, "hot"]
    assert len({run["rule_hash"] for run in ruled.runs("rate")}) == 1


def test_what_stands_in_data_is_text_in_tasks_too(ruled: Ruled) -> None:
    ruled.given(rule("call", '["lead.created"]', '{ action = "task", subject = "Call {{ record.full_name }}" }'))
    ruled.add("lead", last_name="{{7*7}} {{ record.score }} $(touch pwn)")
    assert ruled.tasks()[0]["subject"] == "Call {{7*7}} {{ record.score }} $(touch pwn)"


def test_a_text_that_grows_too_long_fails_its_action(ruled: Ruled) -> None:
    bomb = "{{ record.description }}" * 3
    ruled.given(rule("bomb", '["lead.created"]', f'{{ action = "log", body = "{bomb}" }}'))
    with pytest.raises(RefusedError, match="grows to more than 200,000 characters"):
        ruled.add("lead", full_name="Anna Rossi", description="x" * 70_000)
