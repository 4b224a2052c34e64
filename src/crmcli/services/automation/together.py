"""Rules that do the same to many new records of an import do it in one write, journalled as theirs as ever.

Only what cannot come out otherwise than record by record: fixed values set to fields that no rule looks at.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmcli.rules.deeds import SetFields
from crmcli.rules.engine import MAX_ACTIONS, is_asked, is_touched
from crmcli.rules.events import Change
from crmcli.rules.rule import Guard
from crmcli.services.automation.data_acts import told
from crmcli.services.automation.outcome import Outcome
from crmcli.services.results import Wanted

if TYPE_CHECKING:
    from crmcli.rules.actions import Step
    from crmcli.rules.ruleset import ReadyRule
    from crmcli.services.automation.foresight import Acting
    from crmcli.services.writer import Writer

Outcomes = list[list[tuple["Step", Outcome]]]  # of each record, those of each action
_EVENTS = frozenset({"updated", "saved"})
_FURTHER = frozenset({"owner", "assignee", "status", "stage", "outcome", "tags"})  # whose change is a further event


def can_act_together(acting: "Acting", rules: Sequence["ReadyRule"], everyone: Sequence["ReadyRule"]) -> bool:
    """Say whether rules that act on records of one kind may do so for all at once.

    ``rules`` are those that are asked about the records, ``everyone`` those about the kind.
    """
    if not acting:
        return True
    if not all(_is_simple(ready) for ready, _ in acting):
        return False
    if sum(len(ready.steps) for ready, _ in acting) > MAX_ACTIONS:
        return False
    fields = frozenset(key for ready, _ in acting for key in _keys(ready))
    if not fields.isdisjoint(_FURTHER) or any(
        ready.when and not fields.isdisjoint(ready.when.paths) for ready in rules
    ):
        return False
    following = Change(rules[0].rule.entity, 0, _EVENTS, fields)
    return not any(is_asked(ready, following) and is_touched(ready, following) for ready in everyone)


def act_together(writer: "Writer", ready: "ReadyRule", changes: Sequence[Change]) -> Outcomes:
    """Do the actions of a rule on records, and return what became of each."""
    found: Outcomes = [[] for _ in changes]
    with writer.acting_as(ready.actor), writer.caused_by(f"rule:{ready.id}"):
        for step in ready.steps:
            if isinstance(step.deed, SetFields):
                text = told({one.key: one.text for one in step.deed.assignments})
                values = {one.key: one.value for one in step.deed.assignments}
                wanted = [Wanted(values, change.id, intent="rule") for change in changes]
                for own, draft in zip(found, writer.save_many(changes[0].entity, wanted), strict=True):
                    is_changed = draft.before is None or draft.record["version"] != draft.before["version"]
                    own.append((step, Outcome("done" if is_changed else "unchanged", text)))
    return found


def _is_simple(ready: "ReadyRule") -> bool:
    is_bound = ready.rule.once != "per_write" or ready.rule.guard != Guard()
    return not is_bound and all(
        isinstance(step.deed, SetFields)
        and not (step.deed.only_if_empty or step.condition or step.goes_on)
        and all(one.template is None for one in step.deed.assignments)
        for step in ready.steps
    )


def _keys(ready: "ReadyRule") -> list[str]:
    return [one.key for step in ready.steps if isinstance(step.deed, SetFields) for one in step.deed.assignments]
