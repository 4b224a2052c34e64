"""What the actions do to the record of the rule inside the transaction, saved by the writer as a change of the user is.

How the record is taken further stands in ``progress_acts``, how others are created in ``creating_acts``.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmcli.domain.score_lines import Line
from crmcli.domain.text import fold
from crmcli.rules.deeds import AddPoints, Assign, Increment, Pool, SetFields, Stop, Tagging, Warn
from crmcli.rules.templates import Template
from crmcli.rules.world import typed
from crmcli.services.automation import creating_acts, progress_acts
from crmcli.services.automation.outcome import Outcome
from crmcli.services.automation.pools import choose
from crmcli.services.automation.scoring import add_points

if TYPE_CHECKING:
    from crmcli.services.automation.actor import Actor


def _set_fields(actor: "Actor", deed: SetFields) -> Outcome:
    wanted = [one for one in deed.assignments if not (deed.only_if_empty and actor.is_filled(one.key))]
    if not wanted:
        return Outcome("skipped", "set: the fields are filled")
    texts = {one.key: actor.text(one) for one in wanted}
    return actor.update({one.key: actor.value(one, texts[one.key]) for one in wanted}, told(texts))


def _increment(actor: "Actor", deed: Increment) -> Outcome:
    present = actor.values.presented(Template((deed.present,)))["record", deed.present.path]
    total = Decimal(str(present or 0)) + deed.by
    return actor.update({deed.key: typed(deed.field, total, actor.world)}, f"set {deed.key} = {total:f}")


def _tag(actor: "Actor", deed: Tagging) -> Outcome:
    present = {fold(name) for name in actor.values.new(["tags"])["tags"]}
    names = [actor.rendered(name) for name in deed.names]
    wanted = [name for name in names if (fold(name) in present) != deed.adds]
    what = f"{'tagged' if deed.adds else 'untagged'} {', '.join(wanted or names)}"
    return actor.update({"+tags" if deed.adds else "-tags": wanted}, what) if wanted else Outcome("unchanged", what)


def _assign(actor: "Actor", deed: Assign) -> Outcome:
    if deed.only_if_empty and actor.is_filled(deed.key):
        return Outcome("skipped", f"assign: {deed.key} is filled")
    user = choose(actor, deed.to, deed.key) if isinstance(deed.to, Pool) else actor.value(deed.to)
    found = actor.writer.one("SELECT handle FROM app_user WHERE id = ?", user)
    return actor.update({deed.key: user}, f"assigned to {found['handle']}" if found else "assigned to nobody")


def _add_points(actor: "Actor", deed: AddPoints) -> Outcome:
    reason = actor.rendered(deed.reason) if deed.reason else ""
    line = Line("rule", actor.rule_id, deed.points, deed.points, actor.writer.now, reason)
    changed = add_points(actor.writer, actor.change.id, line)
    text = f"score {'+' if deed.points >= 0 else '-'} {abs(deed.points)}"
    return Outcome("done" if changed else "unchanged", f"{text} ({reason})" if reason else text)


def _warn(actor: "Actor", deed: Warn) -> Outcome:
    text = actor.rendered(deed.message)
    actor.writer.warn(text)
    return Outcome("done", f"warned: {text}")


def _stop(_: "Actor", deed: Stop) -> Outcome:
    """End here; who runs the rules reads how much ends."""
    return Outcome("done", "stopped all later rules" if deed.all else "stopped")


def told(texts: dict[str, str]) -> str:
    """Say for people to which texts fields are set."""
    filled = ", ".join(f"{key} = {text}" for key, text in texts.items() if text)
    emptied = ", ".join(key for key, text in texts.items() if not text)
    return "; ".join(part for part in (filled and f"set {filled}", emptied and f"emptied {emptied}") if part)


ACTS: dict[type[Any], Callable[["Actor", Any], Outcome]] = {
    SetFields: _set_fields,
    Increment: _increment,
    Tagging: _tag,
    Assign: _assign,
    AddPoints: _add_points,
    Warn: _warn,
    Stop: _stop,
    **progress_acts.ACTS,
    **creating_acts.ACTS,
}
