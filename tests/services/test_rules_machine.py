"""Any rules over any changes: what they do is taken back exactly, and the journal tells all of it."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcli.errors import CrmError
from crmcli.rules.action_keys import ACTIONS, EVERY_ACTION, Key
from crmcli.rules.files import load_files, parse_rules
from crmcli.rules.mistakes import Mistake
from crmcli.services import deals, records, tickets
from crmcli.services.conversion import ConvertOptions
from crmcli.services.leads import convert
from crmcli.services.results import Result
from tests.services.ruled import Ruled, rule
from tests.services.test_undo_machine import fresh_store
from tests.services.world import NOW, Store
from tests.stress.invariants import findings

ON = {
    "lead": ["created", "updated", "saved", "tagged", "assigned", "status_changed", "converted"],
    "deal": ["created", "updated", "stage_changed", "won", "lost", "tagged"],
    "ticket": ["created", "updated", "status_changed", "resolved", "closed", "reopened"],
    "task": ["created", "updated", "status_changed", "tagged"],
    "contact": ["created", "updated", "tagged", "assigned"],
}
ON_ALL = [
    '{ action = "tag", add = ["a"] }',
    '{ action = "untag", remove = ["a", "b"] }',
    '{ action = "set", values = { description = "{{ record.description | default(\'x\') }}y" } }',
    '{ action = "unset", fields = ["description", "tags"] }',
    '{ action = "assign", pool = ["anna", "bea"], strategy = "round_robin" }',
    '{ action = "assign", pool = "team:sales", strategy = "least_busy", only_if_empty = true }',
    '{ action = "assign", pool = ["bea", "anna"], strategy = "random" }',
    '{ action = "create", entity = "contact", values = { full_name = "C {{ record.ref }}" } }',
    '{ action = "create", entity = "task", values = { subject = "Do {{ record.ref }}" } }',
    '{ action = "refuse", message = "no", if = "description = xyy" }',
    '{ action = "warn", message = "{{ record.description }}", on_error = "continue" }',
    '{ action = "stop", all = true, if = "tags has b" }',
]
ABOUT = [
    '{ action = "task", subject = "Call", due = "+2bd", delay = "+1d", unless_open = "same_rule" }',
    '{ action = "event", title = "Visit", start = "+1w" }',
    '{ action = "log", body = "Seen" }',
]
OWN = {
    "lead": [
        *ABOUT,
        '{ action = "increment", field = "score", by = 7 }',
        '{ action = "status", to = "qualified", on_error = "continue" }',
        '{ action = "status", to = "junk", reason = "junk" }',
        '{ action = "convert", on_error = "continue" }',
        '{ action = "convert", deal = "none", contact = "new", org = "none" }',
    ],
    "deal": [
        *ABOUT,
        '{ action = "increment", field = "amount", by = 0.5, on_error = "continue" }',
        '{ action = "move", stage = "quote_sent", on_error = "continue" }',
        '{ action = "move", stage = "lost", reason = "price", note = "Too dear", on_error = "continue" }',
        '{ action = "ticket", subject = "Set up {{ record.name }}" }',
    ],
    "ticket": [
        *ABOUT,
        '{ action = "status", to = "closed", code = "fixed", reason = "Done", on_error = "continue" }',
        '{ action = "status", to = "on_hold", on_error = "continue" }',
        '{ action = "create", entity = "ticket", values = { subject = "{{ record.subject }} again" } }',
    ],
    "task": ['{ action = "status", to = "done", reason = "By itself" }'],
    "contact": ABOUT,
}  # fmt: skip


@st.composite
def rule_texts(draw: st.DrawFn) -> list[str]:
    texts = []
    for number in range(draw(st.integers(3, 8))):
        entity = draw(st.sampled_from(sorted(ON)))
        events = draw(st.lists(st.sampled_from(ON[entity]), min_size=2, max_size=4, unique=True))
        actions = draw(st.lists(st.sampled_from(ON_ALL + OWN[entity]), min_size=1, max_size=4))
        on = ", ".join(f'"{entity}.{event}"' for event in events)
        texts.append(rule(f"r{number}", f"[{on}]", ", ".join(actions), order=str(draw(st.integers(1, 3)))))
    return texts


WRITES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 99)), min_size=5, max_size=10)


def written(ruled: Ruled, kind: int, pick: int) -> Result:
    """Do one of ten kinds of commands to some record."""
    context, store = ruled.context(allow_duplicate=True), ruled.store

    def some(entity: str) -> int:
        rows = store.rows(f"SELECT id FROM {entity} WHERE deleted_at IS NULL ORDER BY id")
        return int(rows[pick % len(rows)]["id"]) if rows else 1

    match kind:
        case 0:
            return records.add(context, "lead", {"full_name": f"Lead {pick}", "company_name": f"Company {pick % 3}"})
        case 1:
            return records.add(context, "deal", {"name": f"Deal {pick}", "organization": some("organization")})
        case 2:
            return records.add(context, "ticket", {"subject": f"Ticket {pick}"})
        case 3:
            return records.edit(context, "lead", [some("lead")], {"description": f"{pick}", "+tags": ["b"]})
        case 4:
            return records.edit(context, "deal", [some("deal")], {"description": "x", "tags": ["a", "b"][: pick % 3]})
        case 5:
            return deals.move(context, [some("deal")], ("negotiation", "quote_sent", "potential")[pick % 3])
        case 6:
            return deals.win(context, [some("deal")])
        case 7:
            return tickets.close(context, [some("ticket")], "fixed", "Done")
        case 8:
            return convert(context, some("lead"), ConvertOptions())
        case _:
            return records.edit(context, "contact", [some("contact")], {"+tags": ["b"], "owner": None})


@settings(max_examples=12)
@given(rule_texts(), WRITES)
def test_whatever_rules_do_is_journalled_and_taken_back(texts: list[str], writes: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMCLI_NOW", NOW)
        shutil.copy(fresh_store(), Path(name) / "crm.db")
        ruled = Ruled(Store(Path(name) / "crm.db"), Path(name) / "rules")
        ruled.store.add("user", handle="bea", team="sales")
        organization = ruled.store.add("organization", name="Acme")
        for number in range(2):
            ruled.store.add("lead", full_name=f"Lead {number}", company_name="Acme", score=5)
            ruled.store.add("contact", full_name=f"Contact {number}", organization=organization)
            ruled.store.add("deal", name=f"Deal {number}", organization=organization, tags=["a"])
            ruled.store.add("ticket", subject=f"Ticket {number}", status="open")
        ruled.given(*texts)
        done: list[tuple[Result, Any]] = []
        for kind, pick in writes:
            before = ruled.store.export()
            try:
                result = written(ruled, kind, pick)
            except CrmError as error:
                assert error.exit_code in (3, 4, 5), error
                assert ruled.store.export() == before, "a refused command left something"
            else:
                done.append((result, before))
        assert findings(str(ruled.store.path)) == []
        for result, before in reversed(done):
            if result.operation_id is not None:
                ruled.store.undo(result)
            assert ruled.store.export() == before
        assert findings(str(ruled.store.path)) == []


WORDS = st.sampled_from(
    ["", "a", "rating", "hot", "{{ record.name }}", "{{", "}}", "{{ record.x | y }}", "+2bd", "+4bh", "team:x", "anna",
     "won", "quote_sent", "score > 5", "((((", "deal", "lead", "none", "new", "0", "1.5", "\u0000", "L1", "fail",
     "continue", "same_rule", "round_robin", "x" * 5000, "(" * 2000, "not " * 2000, "{{ record." + "a." * 500 + "b }}"]
)  # fmt: skip
ANYTHING = st.recursive(
    WORDS | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.booleans() | st.dates() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def fitting(key: Key) -> st.SearchStrategy[Any]:
    """Return values of the type that a key takes, most of them without any meaning."""
    return {
        "text": WORDS,
        "texts": st.lists(WORDS, max_size=3),
        "words": WORDS | st.lists(WORDS, max_size=3),
        "truth": st.booleans(),
        "number": st.integers(-(2**63), 2**63 - 1),
        "figure": st.integers(-(2**63), 2**63 - 1) | st.floats(),
        "table": st.dictionaries(WORDS, ANYTHING, max_size=3),
    }.get(key.kind, ANYTHING)


@st.composite
def hostile_action(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(ACTIONS)))
    table: dict[str, Any] = {"action": kind}
    for name, key in {**EVERY_ACTION, **ACTIONS[kind]}.items():
        if name != "action" and (key.required or draw(st.booleans())):
            table[name] = draw(st.one_of(fitting(key), fitting(key), fitting(key), ANYTHING))
    return table


HOSTILE = st.fixed_dictionaries(
    {
        "id": st.just("a") | WORDS,
        "on": st.just(["lead.created"]) | st.just(["deal.updated"]) | ANYTHING,
        "do": st.lists(hostile_action(), min_size=1, max_size=3) | ANYTHING,
    },
    optional={"when": WORDS | ANYTHING, "watch": st.lists(WORDS, max_size=2), "order": ANYTHING, "crossed": ANYTHING},
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.lists(HOSTILE, min_size=1, max_size=2))
def test_any_rule_file_is_in_force_or_told(ruled: Ruled, tables: list[dict[str, Any]]) -> None:
    import tomlkit

    try:
        text = tomlkit.dumps({"schema": 1, "rule": tables})
    except ValueError:
        return  # what cannot be written
    (ruled.folder / "rules.toml").write_text(text, encoding="utf-8", errors="replace")
    load_files.cache_clear()
    try:
        ruled.do(lambda writer: writer.create("lead", {"full_name": "Anna Rossi", "score": 5}), dry_run=True)
    except CrmError as error:
        assert error.exit_code in (2, 4), error
        assert "\n" not in str(error)


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_bytes_are_a_rule_file_or_mistakes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("rules") / "a.toml"
    file.write_bytes(data)
    load_files.cache_clear()
    found = load_files(file.parent)
    assert found.mistakes or not found.rules
    mistakes: list[Mistake] = []
    parse_rules(data.decode(errors="replace"), "a.toml", mistakes)
    assert all(mistake.row["line"] for mistake in mistakes)
