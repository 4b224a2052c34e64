"""Whatever becomes of interactions, the day of the next contact is what their rest says; no rule hears of it."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crmcli.services import follow_ups
from crmcli.services.records import remove
from crmcli.services.results import Result
from crmcli.services.writer import write
from tests.services.ruled import Ruled
from tests.services.ruled import rule as written
from tests.services.world import NOW_STORED, Store


class Following(RuleBasedStateMachine):
    """Contacts, notes, removals, snoozes and undos in any order, beside the plainest reckoning there is."""

    store: Store

    @initialize()
    def begin(self) -> None:
        self.contact = self.store.add("contact", last_name="Rossi")
        follow_ups.follow(self.store.context(), {"contact": [self.contact]}, "2w")
        self.past: list[tuple[Result, dict[int, tuple[str, str]]]] = []
        self.logged: dict[int, tuple[str, str]] = {}

    @rule(days=st.integers(1, 60), kind=st.sampled_from(["call", "meeting", "note"]))
    def log(self, days: int, kind: str) -> None:
        at = f"{date(2026, 3, 18) - timedelta(days):%Y-%m-%d}T09:00:00Z"
        before = dict(self.logged)
        values = {"kind": kind, "occurred_at": at, "subject": "x", "links": [_link(self.contact)]}
        result = write(self.store.context(), lambda writer: writer.create("interaction", values))
        self.logged[result.saved[0].id] = (kind, at)
        self.past.append((result, before))

    @precondition(lambda self: self.logged)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        gone = data.draw(st.sampled_from(sorted(self.logged)))
        before = dict(self.logged)
        self.past.append((remove(self.store.context(), "interaction", [gone]), before))
        del self.logged[gone]

    @precondition(lambda self: self.past)
    @rule()
    def undo(self) -> None:
        result, self.logged = self.past.pop()
        self.store.undo(result)

    @invariant()
    def the_day_is_right(self) -> None:
        if not hasattr(self, "contact"):
            return
        contacts = [at for kind, at in self.logged.values() if kind != "note"]
        base = date.fromisoformat(max(contacts, default=NOW_STORED)[:10])
        shown = self.store.shown("contact", self.contact)
        assert shown["next_contact_on"] == (base + timedelta(weeks=2)).isoformat()
        assert shown["last_contacted_at"] == max(contacts, default=None)


def test_the_day_is_right_after_anything(store: Store) -> None:
    machine: Any = type("Machine", (Following,), {"store": store})
    checks = list(HealthCheck)
    run_state_machine_as_test(
        machine, settings=settings(max_examples=8, stateful_step_count=12, suppress_health_check=checks)
    )


def test_no_rule_hears_of_a_day_that_is_reckoned(ruled: Ruled) -> None:
    ruled.given(written("hear", '["contact.updated"]', '{ action = "tag", add = ["heard"] }'))
    contact = ruled.add("contact", last_name="Rossi", follow_every="2w")
    ruled.add("interaction", kind="call", subject="x", links=[_link(contact)])
    shown = ruled.store.shown("contact", contact)
    assert (shown["tags"], shown["last_contacted_at"]) == ([], NOW_STORED)
    ruled.do(lambda writer: writer.update("contact", contact, {"next_contact_on": "2026-05-04"}))
    assert ruled.store.shown("contact", contact)["tags"] == ["heard"], "a day that somebody chose is a change"


def _link(contact: int) -> dict[str, Any]:
    return {"entity": "contact", "record_id": contact, "is_main": 1, "role": None}
