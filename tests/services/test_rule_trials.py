"""Rules tried on records: what is shown is what would happen, and nothing of it stays."""

import pytest

from crmcli.errors import NotFoundError
from crmcli.services.rule_tests.trial import Trial, try_rule
from crmcli.services.rules_by_hand import find_rule
from tests.services.ruled import HOT_LEAD, QUOTE_GUARD, Ruled, deal, rule, sets


def tried(ruled: Ruled, rule_id: str, record_id: int, values: dict[str, object] | None = None) -> Trial:
    before = (ruled.store.export(), ruled.store.rows("SELECT * FROM rule_run"))
    context = ruled.context()
    found = try_rule(context, find_rule(context, rule_id), record_id, values)
    assert (ruled.store.export(), ruled.store.rows("SELECT * FROM rule_run")) == before
    return found


def test_a_trial_on_a_change_shows_the_condition_and_the_effects(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD, rule("other", '["lead.updated"]', sets(city='"Rome"')))
    lead = ruled.add("lead", full_name="Anna Rossi", score=60)
    found = tried(ruled, "hot-lead", lead, {"score": 75})
    assert found.reason == ""
    assert [(part.depth, part.text, part.holds, part.found) for part in found.condition] == [
        (0, "and", True, ""),
        (1, "score >= 70", True, "score is 75"),
        (1, "status in [new, contacting, contacted]", True, "status is new"),
        (1, "tags not has do-not-chase", True, "tags is empty"),
    ]
    assert found.effects == (
        "set rating = hot, lifecycle_stage = mql",
        "tagged chase",
        'task T1 "Call Anna Rossi (private)"',
    )


def test_a_trial_tells_why_a_rule_would_rest(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD)
    lead = ruled.add("lead", full_name="Anna Rossi", score=75)
    assert tried(ruled, "hot-lead", lead, {"score": 80}).reason == "its condition held before"
    assert tried(ruled, "hot-lead", lead, {"city": "Rome"}).reason == "none of score, status changed"
    cold = tried(ruled, "hot-lead", lead, {"score": 8})
    assert (cold.reason, cold.effects) == ("its condition does not hold", ())


def test_without_a_change_the_condition_alone_decides(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD)
    lead = ruled.add("lead", full_name="Anna Rossi", score=75)
    assert tried(ruled, "hot-lead", lead).reason == ""


def test_a_trial_shows_a_refusal(ruled: Ruled) -> None:
    ruled.given(QUOTE_GUARD)
    number = deal(ruled)
    found = tried(ruled, "quote-needs-amount", number, {"stage": ruled.store.stage("quote_sent")})
    assert "A deal needs an amount" in found.refused
    assert [part.found for part in found.condition if not part.holds] == ["organization is Acme"]


def test_a_rule_that_is_switched_off_can_be_tried(ruled: Ruled) -> None:
    ruled.given(rule("off", '["lead.updated"]', sets(city='"Rome"'), enabled="false"))
    lead = ruled.add("lead", full_name="Anna Rossi")
    assert tried(ruled, "off", lead).effects == ("set city = Rome",)


def test_a_rule_that_is_not_there_is_told(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD)
    with pytest.raises(NotFoundError, match="no rule 'hot-led'"):
        find_rule(ruled.context(), "hot-led")


def test_complaint_5_explain_names_the_part_that_does_not_hold(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD)
    lead = ruled.add("lead", full_name="Anna Rossi", score=60)
    result = ruled.do(lambda writer: writer.update("lead", lead, {"score": 65}), explain=True)
    assert result.effects == ("rule hot-lead on L1 (saved, updated): rests: `score >= 70` does not hold (score is 65)",)


def test_a_trial_shows_what_would_be_blocked(ruled: Ruled) -> None:
    hook = '{ action = "webhook", url = "https://example.com/{{ record.ref }}" }'
    ruled.given(rule("tell", '["lead.updated"]', hook))
    lead = ruled.add("lead", full_name="Anna Rossi")
    found = tried(ruled, "tell", lead)
    assert found.effects == ("webhook to https://example.com/L1: blocked: untrusted",)
    assert "crm rule trust rules.toml" in found.warnings[0]
