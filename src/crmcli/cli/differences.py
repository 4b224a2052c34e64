"""What a dry run would do, as a diff for people or as one JSON object for programs."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from crmcli.catalogue import ENTITIES
from crmcli.cli.session import current

if TYPE_CHECKING:
    from crmcli.domain.series import Times
    from crmcli.output.records import Change
    from crmcli.queries.history import FieldChange
    from crmcli.services.results import Result, Saved

_ACTIONS = {"create": "created", "update": "updated", "delete": "deleted", "restore": "restored", "remove": "removed",
            "merge": "merged"}  # fmt: skip
_OWN_CAUSES = ("user", "undo", "merge")  # of what a command does itself


def write_differences(result: "Result", output: str | None = None) -> None:
    """Write what a rolled-back write would have done; the standing store is what names are read from."""
    session = current()
    session.streams.note("Dry run: nothing was saved")
    changed = _whole(result.saved)
    if output in ("json", "jsonl"):
        from crmcli.output.json import write_object

        changes = [_as_object(result, saved) for saved in changed]
        write_object({"dry_run": True, "counts": result.counts, "changes": changes}, session.streams)
        return
    from crmcli.cli.listing import output_options
    from crmcli.output.records import write_changes

    write_changes(changes_of(result), session.streams, output_options())
    if not changed:
        session.streams.note("nothing would change")


def changes_of(result: "Result") -> "Iterator[Change]":
    """Yield what a write does to each record, for people."""
    return (_as_change(result, saved) for saved in _whole(result.saved))


def _whole(saved: Iterable["Saved"]) -> list["Saved"]:
    """Return one change for each record, from its first state to its last; what did not change is left out."""
    found: dict[tuple[str, int], Saved] = {}
    for item in saved:
        first = found.get((item.entity, item.id))
        if item.action != "unchanged":
            found[item.entity, item.id] = _joined(first, item) if first else item
    return list(found.values())


def _joined(first: "Saved", then: "Saved") -> "Saved":
    gone = then.action in ("delete", "remove")
    return first._replace(
        action=then.action if gone else first.action,
        before={**then.before, **first.before},
        after=then.after if gone else {**first.after, **then.after},
    )


def _as_change(result: "Result", saved: "Saved") -> "Change":
    from crmcli.output.records import Change, FieldChange

    fields = tuple(
        FieldChange(change.label, change.old, change.new, change.type, change.currency)
        for change in (_fields(result, saved) if saved.action != "remove" else ())  # that it goes says it all
    )
    ref, title = _named(result, saved)
    action = _ACTIONS[saved.action]
    if coming := _coming(result, saved):
        walls = (times.start_wall.replace("T", " ") for times in coming)
        fields += (FieldChange("Next times", None, ", ".join(walls)),)
    return Change(ref, title, action if saved.cause in _OWN_CAUSES else f"{action} by {saved.cause}", fields)


def _as_object(result: "Result", saved: "Saved") -> dict[str, Any]:
    ref, title = _named(result, saved)
    fields = [{"field": f.key, "old": f.old, "new": f.new} for f in _fields(result, saved)]
    coming = [times.start_at if "T" in times.start_wall else times.start_wall for times in _coming(result, saved)]
    return {
        "entity": saved.entity,
        "ref": ref,
        "title": title,
        "action": _ACTIONS[saved.action],
        "cause": saved.cause,
        "fields": fields,
        **({"occurrences": coming} if coming else {}),
    }


def _coming(result: "Result", saved: "Saved") -> "list[Times]":
    """Return the next times of what recurs, where the recurrence or its begin is new; none for anything else."""
    from crmcli.queries.occurrences import next_times

    if not saved.after.keys() & {"rrule", "start_at", "due_at"} or saved.action not in ("create", "update"):
        return []
    ref = ENTITIES[saved.entity].ref(saved.id)
    fresh = next((record for record in result.records if record.get("ref") == ref), {})
    return next_times(saved.entity, fresh)


def _named(result: "Result", saved: "Saved") -> tuple[str, str]:
    from crmcli.queries.references import refs_with_titles, title_of

    kind = ENTITIES[saved.entity]
    if kind.letter:
        ref = kind.ref(saved.id)
        return ref, result.titles.get(ref) or title_of(current().reader(), kind.name, saved.id)
    known = refs_with_titles(current().reader(), kind.name, [saved.id])
    words = (saved.after.get(key) for key in ("name", "handle", "key"))
    ref, title = known[0] if known else (kind.noun, str(next((word for word in words if word), "")))
    return ref, "" if title == ref else title


def _fields(result: "Result", saved: "Saved") -> Iterator["FieldChange"]:
    """Yield the fields that change; that a deleted record is deleted needs no line."""
    from crmcli.queries.history import unfold

    if saved.action in ("delete", "restore", "merge"):
        return
    fresh = next((record for record in result.records if record.get("ref") == _named(result, saved)[0]), {})
    for change in unfold(current().reader(), ENTITIES[saved.entity], saved.id, saved.before, saved.after):
        if change.key and (change.old, change.new) != (None, False):  # a new record's plain noes
            links = change.type in ("ref", "rows", "links")  # they may lead to what is new, too
            yield change._replace(new=fresh.get(change.key, change.new)) if links else change
