"""Any run of commands, taken back one by one, leaves the store as it was before each, and at last as it began."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from crmcli.errors import CrmError
from crmcli.services import conversion, deals, distinctions, leads, merging, records, tasks, tickets
from crmcli.services.results import Result
from crmcli.services.setup import create_store
from crmcli.services.undo import take_back
from tests.services.world import NOW, SETTINGS, Store
from tests.stress.invariants import findings

NAMES = st.sampled_from(["Acme", "Bolt", "Città di Forlì", "D'Angelo & Figli", "[red]x[/]", "="])
TAGS = st.lists(st.sampled_from(["vip", "IT", "cold"]), max_size=2)
PICK = st.integers(0, 10_000)
STAGES = st.sampled_from(["potential", "negotiation", "quote_sent"])


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that goes with the process."""
    return tempfile.TemporaryDirectory()


@cache
def fresh_store() -> Path:
    """Return a store as it is after the set-up, made once."""
    path = Path(_folder().name) / "crm.db"
    create_store(path, SETTINGS)
    return path


class Undoing(RuleBasedStateMachine):
    """Commands of every kind; a refused one must leave no trace, a done one must be taken back exactly."""

    @initialize()
    def begin(self) -> None:
        self.open = ExitStack()
        patch = self.open.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("CRMCLI_NOW", NOW)
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        shutil.copy(fresh_store(), folder)
        self.store = Store(folder / "crm.db")
        self.done: list[tuple[int, Any]] = []

    def _do(self, command: Callable[[], Result]) -> None:
        before = self.store.export()
        try:
            result = command()
        except CrmError:
            assert self.store.export() == before, "a refused command left something"
            return
        if result.operation_id is None:
            assert self.store.export() == before, "a change without a step to take back"
        else:
            self.done.append((result.operation_id, before))

    def _some(self, entity: str, pick: int) -> int:
        """Return a record, deleted or not; the ref of a merged one leads to its survivor."""
        rows = self.store.rows(f"SELECT id FROM {entity} WHERE merged_into_id IS NULL ORDER BY id")
        ids = [row["id"] for row in rows]
        return ids[pick % len(ids)] if ids else 1

    @rule(name=NAMES, tags=TAGS, pick=PICK)
    def add_organization(self, name: str, tags: list[str], pick: int) -> None:
        values = {"name": name, "tags": tags, "domain": f"d{pick % 5}.example"}
        self._do(lambda: records.add(self.store.context(), "organization", values))

    @rule(name=NAMES, tags=TAGS, pick=PICK, employed=st.booleans())
    def add_contact(self, name: str, tags: list[str], pick: int, employed: bool) -> None:
        values: dict[str, Any] = {"full_name": name, "tags": tags, "emails": [f"p{pick % 7}@example.com"]}
        if employed:
            values["organization"] = self._some("organization", pick)
        self._do(lambda: records.add(self.store.context(), "contact", values))

    @rule(name=NAMES, pick=PICK)
    def add_lead(self, name: str, pick: int) -> None:
        values = {"full_name": name, "company_name": f"Company {pick % 4}", "emails": [f"l{pick % 7}@example.com"]}
        self._do(lambda: records.add(self.store.context(), "lead", values))

    @rule(name=NAMES, pick=PICK)
    def add_deal(self, name: str, pick: int) -> None:
        values = {"name": name, "organization": self._some("organization", pick)}
        self._do(lambda: records.add(self.store.context(), "deal", values))

    @rule(pick=PICK, name=NAMES, tags=TAGS, entity=st.sampled_from(["organization", "contact", "lead", "deal"]))
    def edit(self, pick: int, name: str, tags: list[str], entity: str) -> None:
        values = {"description": name, "+tags": tags}
        self._do(lambda: records.edit(self.store.context(), entity, [self._some(entity, pick)], values))

    @rule(pick=PICK, stage=STAGES)
    def move(self, pick: int, stage: str) -> None:
        self._do(lambda: deals.move(self.store.context(), [self._some("deal", pick)], stage))

    @rule(pick=PICK)
    def win(self, pick: int) -> None:
        self._do(lambda: deals.win(self.store.context(), [self._some("deal", pick)]))

    @rule(pick=PICK, reason=st.sampled_from(["price", "other"]))
    def lose(self, pick: int, reason: str) -> None:
        self._do(lambda: deals.lose(self.store.context(), [self._some("deal", pick)], reason))

    @rule(pick=PICK)
    def reopen(self, pick: int) -> None:
        self._do(lambda: deals.reopen(self.store.context(), self._some("deal", pick)))

    @rule(pick=PICK)
    def convert(self, pick: int) -> None:
        options = conversion.ConvertOptions()
        self._do(lambda: leads.convert(self.store.context(), self._some("lead", pick), options))

    @rule(pick=PICK)
    def qualify(self, pick: int) -> None:
        self._do(lambda: leads.qualify(self.store.context(), self._some("lead", pick)))

    @rule(pick=PICK, name=NAMES)
    def add_task(self, pick: int, name: str) -> None:
        link = ("contact", self._some("contact", pick))
        self._do(lambda: tasks.add(self.store.context(), {"subject": name}, [link]))

    @rule(pick=PICK)
    def finish_task(self, pick: int) -> None:
        self._do(lambda: tasks.done(self.store.context(), [self._some("task", pick)], "done"))

    @rule(pick=PICK, name=NAMES)
    def open_ticket(self, pick: int, name: str) -> None:
        self._do(
            lambda: tickets.open_ticket(self.store.context(), {"subject": name, "contact": self._some("contact", pick)})
        )

    @rule(pick=PICK)
    def close_ticket(self, pick: int) -> None:
        self._do(lambda: tickets.close(self.store.context(), [self._some("ticket", pick)], "fixed", "done"))

    @rule(pick=PICK, entity=st.sampled_from(["organization", "contact", "lead", "deal", "task", "ticket"]))
    def remove(self, pick: int, entity: str) -> None:
        self._do(lambda: records.remove(self.store.context(), entity, [self._some(entity, pick)]))

    @rule(
        pick=PICK, other=PICK, auto=st.booleans(), entity=st.sampled_from(["organization", "contact", "lead", "deal"])
    )
    def merge(self, pick: int, other: int, auto: bool, entity: str) -> None:
        keep, lose = self._some(entity, pick), self._some(entity, other)
        self._do(lambda: merging.merge(self.store.context(), entity, keep, [lose], auto=auto))

    @rule(pick=PICK, other=PICK, entity=st.sampled_from(["organization", "contact", "lead"]))
    def tell_apart(self, pick: int, other: int, entity: str) -> None:
        one, another = self._some(entity, pick), self._some(entity, other)
        self._do(lambda: distinctions.ignore(self.store.context(), entity, one, another))

    @precondition(lambda self: self.done)
    @rule()
    def undo_and_redo(self) -> None:
        operation, before = self.done[-1]
        after = self.store.export()
        undone = take_back(self.store.context(kind="undo"), operation)
        assert self.store.export() == before
        assert undone.operation_id is not None
        redone = take_back(self.store.context(kind="redo"), undone.operation_id)
        assert self.store.export() == after
        assert redone.operation_id is not None
        self.done[-1] = (redone.operation_id, before)

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        assert findings(str(self.store.path)) == []
        for operation, before in reversed(self.done):
            take_back(self.store.context(kind="undo"), operation)
            assert self.store.export() == before
        assert findings(str(self.store.path)) == []
        self.open.close()


TestUndoing = Undoing.TestCase
TestUndoing.settings = settings(max_examples=12, stateful_step_count=25)
