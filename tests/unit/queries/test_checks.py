import json

import pytest

from crmcli.catalogue import ENTITIES
from crmcli.queries.checks import broken_invariants
from crmcli.queries.custom_checks import broken_customs
from crmcli.queries.exports import stored_images
from crmcli.queries.invariants import invariants
from tests.unit.queries.conftest import NOW, World


@pytest.fixture
def sound(world: World) -> World:
    """A small store in which everything holds."""
    stages = world.pipeline(is_default=1)
    world.con.execute("PRAGMA foreign_keys=OFF")
    world.add("user", handle="anna")
    world.add("organization", name="Acme", emails=["info@example.com", "b@example.com"])
    world.add("contact", last_name="Rossi",
              organizations=[{"organization_id": 1, "is_primary": 1, "is_active": 1, "role": None}])  # fmt: skip
    world.add("deal", name="Offer", organization_id=1, pipeline_id=1, stage_id=stages["potential"])
    world.add("task", subject="Call", links=[{"entity": "deal", "record_id": 1, "is_main": 1, "role": None}])
    world.add("event", title="Visit", start_at=NOW, end_at=NOW, start_wall="a", end_wall="b")
    world.add("ticket", subject="Help", number="1")
    world.add("lead", last_name="Verdi")
    world.add("subject")
    world.add("consent", subject_id=1, action="grant", purpose="marketing", channel="any", basis="consent",
              occurred_at=NOW)  # fmt: skip
    operation = world.operation()
    for entity, field, value in (("deal", "stage", str(stages["potential"])), ("task", "status", "todo"),
                                 ("ticket", "status", "new"), ("lead", "status", "new")):  # fmt: skip
        world.insert("state_log", entity=entity, record_id=1, field=field, to_value=value, entered_at=NOW,
                     cause="user", operation_id=operation)  # fmt: skip
    for kind in ENTITIES.values():
        ids = [row[0] for row in world.con.execute(f"SELECT id FROM {kind.table}")]
        for record_id, image in stored_images(world.con, kind, ids).items():
            after = json.dumps({key: value for key, value in image.items() if value not in (None, [])})
            world.insert("change", operation_id=operation, seq=1, entity=kind.name, record_id=record_id,
                         action="create", after=after, cause="user")  # fmt: skip
    return world


def findings(world: World) -> list[tuple[str, str]]:
    return [(finding.ref, finding.what) for finding in broken_invariants(world.con)]


def test_a_sound_store_has_no_findings(sound: World) -> None:
    assert findings(sound) == []


def test_every_invariant_can_be_asked(world: World) -> None:
    for invariant in invariants():
        table = ENTITIES[invariant.entity].table
        world.con.execute(f"SELECT r.id FROM {table} r WHERE {invariant.where}").fetchall()


@pytest.mark.parametrize(
    ("damage", "ref", "what"),
    [
        ("UPDATE deal SET stage_id = 3", "D1", "its outcome is not the kind of its stage"),
        ("UPDATE stage SET pipeline_id = 9 WHERE id = 1", "D1", "its stage is of another pipeline"),
        ("UPDATE deal SET probability_bp = 10000", "D1", "open with 100 %"),
        ("UPDATE deal SET organization_id = NULL", "D1", "without organization and contact"),
        ("UPDATE deal SET contact_id = 1", "D1", "its contact is not among its contacts"),
        ("UPDATE deal SET competitor_id = 1", "D1", "its competitor is an organization of another type"),
        ("UPDATE deal SET lost_reason = 'other'", "D1", "lost for another reason without a note"),
        ("UPDATE organization SET merged_into_id = 2, deleted_at = created_at", "D1",
         "organization: no such organization any more"),
        ("UPDATE pipeline SET deleted_at = created_at", "D1", "pipeline: no such pipeline any more"),
        ("UPDATE lead SET status = 'converted', converted_at = created_at", "L1", "converted into nothing"),
        ("UPDATE lead SET converted_deal_id = 99", "L1", "converted to deal: no such deal any more"),
        ("UPDATE lead SET status = 'junk'", "L1", "lost without a reason"),
        ("UPDATE lead SET last_name = NULL", "L1", "without name, company, e-mail and phone"),
        ("UPDATE contact SET last_name = NULL", "C1", "without name, e-mail and phone"),
        ("UPDATE contact SET reports_to_id = 1", "C1", "reports to itself in the end"),
        ("UPDATE organization SET parent_id = 1", "O1", "is its own parent in the end"),
        ("UPDATE contact_point SET is_primary = 1", "O1", "not exactly one e-mail or phone is the primary one"),
        ("UPDATE contact_point SET is_primary = 0", "O1", "not exactly one e-mail or phone is the primary one"),
        ("UPDATE organization_contact SET is_active = 0", "C1", "its primary organization is a former one"),
        ("UPDATE activity_link SET is_main = 0", "T1", "not exactly one link is the main one"),
        ("UPDATE event SET end_at = '2026-01-01T00:00:00Z'", "E1", "ends before it starts"),
        ("UPDATE pipeline SET is_default = 0", "sales", "no pipeline is the default"),
        ("UPDATE stage SET deleted_at = created_at WHERE kind = 'won'", "sales", "without a won stage"),
        ("UPDATE stage SET probability_bp = 5 WHERE kind = 'lost'", "sales/lost",
         "won with less than 100 %, or lost with more than 0 %"),
        ("UPDATE stage SET key = 'won' WHERE key = 'lost'", "sales/won", "its key is given twice"),
        ("UPDATE contact_point SET record_id = 5", "O5",
         "rows of contact_point belong to a record that does not exist"),
        ("UPDATE task SET status = 'doing'", "T1", "state log of status: the open interval is not the present state"),
        ("DELETE FROM state_log WHERE entity = 'deal'", "D1",
         "state log of stage: the open interval is not the present state"),
        ("UPDATE state_log SET left_at = '2026-01-01T00:00:00Z' WHERE entity = 'lead'", "L1",
         "state log of status: intervals overlap or leave a gap"),
        ("UPDATE lead SET last_name = 'Neri'", "L1", "journal: last_name is not what it was last set to"),
        ("UPDATE lead SET description = 'by hand'", "L1", "journal: description is not what it was last set to"),
        ("INSERT INTO tag (uid, name, name_key, created_at, updated_at, version) VALUES ('u', 'x', 'x',"
         " '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 1)", "1", "journal: it came from nowhere"),
        ("UPDATE consent SET basis = NULL", "1", "a grant that rests on nothing"),
        ("UPDATE consent SET purpose = NULL", "1", "without a purpose, or a notice with one"),
        ("UPDATE consent SET subject_id = 7", "1", "subject: no such subject any more"),
        ("UPDATE lead SET subject_id = 7", "L1", "subject: no such subject any more"),
        ("UPDATE lead SET subject_id = 7, converted_contact_id = (SELECT id FROM contact);"
         " UPDATE contact SET subject_id = 1", "L1", "its consents are not those of the contact that it became"),
        ("DELETE FROM lead", "L1", "journal: never removed, but gone"),
        ("INSERT INTO change (operation_id, seq, entity, record_id, action, cause)"
         " VALUES (1, 2, 'lead', 1, 'remove', 'undo')", "L1", "journal: removed, but still there"),
        ("UPDATE deal SET owner_id = 77", "deal", "row 1 points to a missing row of app_user"),
    ],
)  # fmt: skip
def test_each_breach_is_found(sound: World, damage: str, ref: str, what: str) -> None:
    sound.con.executescript(damage)
    assert (ref, what) in findings(sound)


def test_intervals_may_pause_only_where_there_was_no_state(sound: World) -> None:
    sound.con.execute("UPDATE state_log SET left_at = '2026-03-18T12:00:00Z' WHERE entity = 'lead'")
    later = {"entity": "lead", "record_id": 1, "field": "status", "to_value": "new", "cause": "undo", "operation_id": 1}
    sound.insert("state_log", entered_at="2026-03-18T13:00:00Z", **later)
    assert findings(sound) == []
    sound.con.execute("UPDATE state_log SET from_value = 'x' WHERE cause = 'undo'")
    assert findings(sound) == [("L1", "state log of status: intervals overlap or leave a gap")]


@pytest.mark.parametrize(
    ("custom", "what"),
    [
        ('{"region": "east"}', "region: 'east' is not one of north, south"),
        ('{"boss": 9}', "boss: no such contact any more"),
        ('{"boss": "C1"}', "boss: 'C1' is no record"),
        ("[1]", "its custom fields cannot be read"),
        ("{", "its custom fields cannot be read"),
    ],
)
def test_values_of_custom_fields_fit_their_definitions(sound: World, custom: str, what: str) -> None:
    sound.add("custom_field", entity="lead", key="region", label="Region", type="enum", options='["north", "south"]')
    sound.add("custom_field", entity="lead", key="boss", label="Boss", type="ref", options='["contact"]')
    sound.con.execute("UPDATE lead SET custom = ?", ('{"region": "north", "boss": 1, "gone": "x"}',))
    assert list(broken_customs(sound.con)) == []
    sound.con.execute("UPDATE lead SET custom = ?", (custom,))
    assert list(broken_customs(sound.con)) == [("lead", 1, what)]
    assert ("L1", what) in findings(sound)
