"""Rules understood without a store: the catalogue's fields, one user, and a clock that stands still."""

from datetime import UTC, datetime

from crmcli.conditions.scope import Scope
from crmcli.domain.schema import Field
from crmcli.errors import NotFoundError
from crmcli.rules.files import RuleFiles, parse_rules
from crmcli.rules.mistakes import Mistake
from crmcli.rules.ruleset import ReadyRule, understand_rules
from crmcli.rules.world import World

NOW = datetime(2026, 3, 18, 11, tzinfo=UTC)  # a Wednesday, noon in Rome


def resolve(entity: str, text: str) -> tuple[int, ...]:
    if (entity, text) == ("user", "anna"):
        return (1,)
    if entity == "stage":
        return (5, 9)  # one in each of two pipelines
    raise NotFoundError(entity, text)


SCOPE = Scope(NOW, "Europe/Rome", "en", resolve, {"lead": {"budget": Field("budget", "money", "Budget", sql="1")}})
WORLD = World(SCOPE)


def understood(*rules: str) -> tuple[list[ReadyRule], list[Mistake]]:
    """Return what ``[[rule]]`` tables mean, in one file, and everything that is wrong with them."""
    mistakes: list[Mistake] = []
    found = parse_rules("schema = 1\n" + "\n".join(rules), "a.toml", mistakes)
    return understand_rules(RuleFiles(tuple(found), tuple(mistakes)), WORLD)


def rule(rule_id: str = "a", on: str = '["lead.updated"]', do: str = '{ action = "stop" }', **keys: str) -> str:
    """Return a ``[[rule]]`` table; values of keys as they stand in TOML, actions as inline tables."""
    lines = [f'id = "{rule_id}"', f"on = {on}", *(f"{key} = {value}" for key, value in keys.items()), f"do = [{do}]"]
    return "\n".join(["[[rule]]", *lines])
