"""The actions of a rule, understood: what is written in a rule file made into deeds that can be done."""

from typing import NamedTuple

from crmcli.conditions.condition import Condition
from crmcli.domain.schema import Entity
from crmcli.rules.data_actions import READERS as DATA_READERS
from crmcli.rules.deeds import Deed
from crmcli.rules.mistakes import Mistake
from crmcli.rules.outside_actions import READERS as OUTSIDE_READERS
from crmcli.rules.reader import Reader
from crmcli.rules.rule import Action
from crmcli.rules.world import World

READERS = {**DATA_READERS, **OUTSIDE_READERS}


class Step(NamedTuple):
    """One action, ready to be done when its condition, if any, holds. ``goes_on`` says that it may fail."""

    number: int
    kind: str
    condition: Condition | None
    deed: Deed
    goes_on: bool = False


def understand(action: Action, entity: Entity, world: World, mistakes: list[Mistake]) -> Step | None:
    """Return an action ready to be done; None, with the mistakes noted, when it has no meaning."""
    reader = Reader(action, entity, world, mistakes)
    before = len(mistakes)
    condition = reader.condition()
    deed = READERS[action.kind](reader)
    if deed is None or len(mistakes) > before:
        return None
    return Step(action.number, action.kind, condition, deed, action.values.get("on_error") == "continue")
