"""A store under rules of its own, and short ways to write a rule."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from crmcli.config.paths import Paths
from crmcli.rules.files import load_files
from crmcli.services.automation.trust import trust
from crmcli.services.results import Command, Context, Result
from crmcli.services.writer import Writer, write
from tests.services.world import Store

HOT_LEAD = """
[[rule]]
id = "hot-lead"
on = ["lead.created", "lead.updated"]
when = "score >= 70 and status in [new, contacting, contacted] and not (tags has do-not-chase)"
crossed = true
watch = ["score", "status"]
order = 20

[[rule.do]]
action = "set"
values = { rating = "hot", lifecycle_stage = "mql" }

[[rule.do]]
action = "tag"
add = ["chase"]

[[rule.do]]
action = "task"
subject = "Call {{ record.full_name }} ({{ record.company_name | default('private') }})"
due = "+2bd"
priority = "high"
unless_open = "same_rule"
"""
QUOTE_GUARD = """
[[rule]]
id = "quote-needs-amount"
on = ["deal.created", "deal.stage_changed"]
when = "stage = quote_sent and (amount is empty or organization is empty)"
order = 5

[[rule.do]]
action = "refuse"
field = "amount"
message = "A deal needs an amount and an organization before the quote is sent"
"""


class Ruled:
    """A store under the rules of a folder of its own."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.paths = Paths(folder.parent, folder.parent, folder.parent / "state", folder.parent / "cache", store.path)
        folder.mkdir()

    def given(self, *rules: str) -> "Ruled":
        """Put these ``[[rule]]`` tables in force."""
        (self.folder / "rules.toml").write_text("schema = 1\n" + "\n".join(rules), encoding="utf-8")
        load_files.cache_clear()
        return self

    def context(self, **command: Any) -> Context:
        asked = Command(**{"text": "crm test", **command})
        return Context(self.store.path, self.store.settings, asked, self.folder, self.paths)

    def trusted(self, *rules: str) -> "Ruled":
        """Put these rules in force and let them act outside."""
        self.given(*rules)
        trust(self.paths, "rules.toml", load_files(self.folder).rules)
        return self

    def do(self, work: Callable[[Writer], object], **command: Any) -> Result:
        return write(self.context(**command), work)

    def add(self, entity: str, **values: Any) -> int:
        made: list[int] = []
        self.do(lambda writer: made.append(writer.create(entity, values).id))
        return made[0]

    def edit(self, entity: str, record_id: int, /, **values: Any) -> Result:
        return self.do(lambda writer: writer.update(entity, record_id, values))

    def runs(self, rule_id: str) -> list[dict[str, Any]]:
        return self.decisions(rule_id, "done", "matched", "failed", "blocked")

    def decisions(self, rule_id: str, *statuses: str) -> list[dict[str, Any]]:
        found = self.store.rows("SELECT * FROM rule_run WHERE rule_id = ? ORDER BY id", rule_id)
        return [row for row in found if row["status"] in statuses]

    def outbox(self) -> list[dict[str, Any]]:
        return self.store.rows("SELECT * FROM outbox ORDER BY id")

    def tasks(self) -> list[dict[str, Any]]:
        return self.store.rows("SELECT * FROM task ORDER BY id")


def rule(rule_id: str, on: str, do: str, **keys: str) -> str:
    """Return a ``[[rule]]`` table; values of keys as they stand in TOML, actions as inline tables."""
    lines = [f'id = "{rule_id}"', f"on = {on}", *(f"{key} = {value}" for key, value in keys.items()), f"do = [{do}]"]
    return "\n".join(["[[rule]]", *lines])


def sets(**values: str) -> str:
    return f'{{ action = "set", values = {{ {", ".join(f"{k} = {v}" for k, v in values.items())} }} }}'


def deal(ruled: Ruled, **values: Any) -> int:
    organization = ruled.store.add("organization", name="Acme")
    return ruled.store.add("deal", name="Site", organization=organization, **values)
