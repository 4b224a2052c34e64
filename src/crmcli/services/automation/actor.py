"""Does the actions of a rule: what every kind of action has in common, its condition, its texts, its failure.

What each kind does stands in ``data_acts``; all of it is saved by the writer, with the rule as its cause.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmcli.domain.money import Amount
from crmcli.errors import CrmError, Problem, RefusedError
from crmcli.rules.action_keys import DATA_ACTIONS
from crmcli.rules.actions import Step
from crmcli.rules.deeds import Assignment, Refuse
from crmcli.rules.events import Change
from crmcli.rules.figures import entity_of
from crmcli.rules.rule import Rule
from crmcli.rules.templates import Language, Template, Variable, render, render_early
from crmcli.rules.world import NUMBERS, World, typed
from crmcli.services.automation.data_acts import ACTS as DATA_ACTS
from crmcli.services.automation.outcome import Outcome
from crmcli.services.automation.outside_acts import ACTS as OUTSIDE_ACTS
from crmcli.services.automation.trust import Trust
from crmcli.services.automation.values import RecordValues

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

ACTS = {**DATA_ACTS, **OUTSIDE_ACTS}


class Actor:
    """Does the actions of one rule on the record of one change."""

    def __init__(
        self, writer: "Writer", rule: Rule, change: Change, values: RecordValues, world: World, trust: Trust
    ) -> None:
        self.writer = writer
        self.rule = rule
        self.rule_id = rule.id
        self.trust = trust
        self.change = change
        self.kind = entity_of(change.entity)
        self.values = values
        self.world = world

    def act(self, step: Step) -> Outcome:
        """Do one action; RefusedError names rule and action when it fails, or is the refusal that the rule wants."""
        if step.condition and not step.condition.match(
            self.values.new(step.condition.paths), self.values.old(step.condition.paths)
        ):
            return Outcome("skipped", f"{step.kind}: its condition does not hold")
        if isinstance(step.deed, Refuse):
            raise self._refusal(step, step.deed)
        try:
            if not step.goes_on:
                return self._done(step)
            with self.writer.part():
                return self._done(step)
        except (CrmError, ValueError) as error:
            failure = self._failure(step, error)
            if not step.goes_on:
                raise failure from error
        self.writer.warn(failure.message)
        return Outcome("failed", f"{step.kind} failed: {'; '.join(map(str, failure.problems))}")

    def _done(self, step: Step) -> Outcome:
        return ACTS[type(step.deed)](self, step.deed)

    def update(self, values: dict[str, Any], text: str) -> Outcome:
        """Change the record; ``text`` says for people what was done."""
        draft = self.writer.update(self.kind.name, self.change.id, values, intent="rule")
        changed = draft.before is None or draft.record["version"] != draft.before["version"]
        return Outcome("done" if changed else "unchanged", text)

    def image(self) -> dict[str, Any]:
        """Return the record as it is stored now."""
        return self.writer.image(self.kind.name, self.change.id)

    def link(self) -> dict[str, Any]:
        """Return the link of an activity to the record."""
        return {"entity": self.kind.name, "record_id": self.change.id, "is_main": 1, "role": None}

    def is_filled(self, key: str) -> bool:
        """Say whether a field of the record holds something."""
        return self.values.new([key])[key] not in (None, "", [], "[]")

    def text(self, one: Assignment) -> str:
        """Return what a field is set to as text, its variables put in."""
        return self.rendered(one.template) if one.template else one.text

    def value(self, one: Assignment, text: str | None = None) -> Any:
        """Return what a field is set to, typed, given its ``text`` where that is known.

        A number that a template copies stays exact, and an amount in its currency.
        """
        if one.template is None:
            return one.value
        text = self.text(one) if text is None else text
        source = one.template.lone
        if source is None or source.field.type not in NUMBERS or one.field.type not in NUMBERS:
            return typed(one.field, text, self.world)
        found = typed(one.field, Decimal(text), self.world)
        return found._replace(currency=self.currency(source)) if isinstance(found, Amount) else found

    def currency(self, variable: Variable) -> str | None:
        """Return the currency of an amount that a template copies; None of another number."""
        if not variable.currency:
            return None
        found = self.values.presented(Template((variable,)))[variable.root, variable.currency]
        return None if found is None else str(found)

    def rendered(self, template: Template) -> str:
        """Return a text with the values of the record; ValueError when one is empty and has no default."""
        scope = self.world.scope
        return render(template, self.values.presented(template), Language(scope.zone, scope.locale))

    def rendered_early(self, template: Template, write: Callable[[str], str]) -> tuple[str | Variable, ...]:
        """Return a text as ``rendered``, in which the variables of the environment still stand out."""
        scope = self.world.scope
        return render_early(template, self.values.presented(template), Language(scope.zone, scope.locale), write)

    def _refusal(self, step: Step, deed: Refuse) -> RefusedError:
        try:
            message = self.rendered(deed.message)
        except ValueError as error:
            return self._failure(step, error)
        name = self.kind.noun if self.change.is_new else self.change.ref
        return RefusedError(
            f"{name} refused by rule {self.rule_id}", [Problem(deed.field, message)], code="rule.refused"
        )

    def _failure(self, step: Step, error: Exception) -> RefusedError:
        told = error.problems if isinstance(error, RefusedError) else ()
        problems = told or (Problem("", error.message if isinstance(error, CrmError) else str(error)),)
        hint = error.hint if isinstance(error, CrmError) else None
        return RefusedError(
            f"rule {self.rule_id}, action {step.number} ({step.kind}) failed", problems, hint=hint, code="rule.failed"
        )


def stores(step: Step) -> bool:
    """Say whether an action changes records."""
    return step.kind in DATA_ACTIONS
