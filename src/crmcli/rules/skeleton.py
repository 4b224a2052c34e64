"""The text that a new rule begins with: what must be there, and as comments what may be."""

import json

from crmcli.catalogue import ENTITIES
from crmcli.rules.events import EVENTS, parse_event
from crmcli.rules.figures import KPI, entity_of

_ABOUT_CHANGES = frozenset({"updated", "saved"})
_HEAD = """\
# crm rule check tells what is wrong here, crm rule test {id} REF tries the rule on a record and changes nothing.
schema = 1

[[rule]]
id = {id_text}
name = "What it is for"
on = [{event}]  # also: {others}
# when = "created_at >= -30d"  # a condition, see crm help conditions
"""
_CHANGED = """\
# crossed = true  # only when the condition did not hold before the change; needs when
# watch = [{field}]  # only when one of these changed; without it those of the condition
"""
_FOOT = """\
# once = "{once}"  # {often}
# order = 100  # lower ones have their turn first
# imports = true  # on imports too
# react_to_self = true  # to what it changed itself too
# guard = {{ max_runs_per_record_per_day = 3, max_runs_per_hour = 20, max_actions = 5 }}  # bounds of its own
# as: the handle of the user as whom it acts
enabled = false  # true puts it in force

[[rule.do]]  # actions, in this order; crm help and docs/reference/rules.md list them
action = "warn"
message = "{{{{ record.ref }}}} was noticed by {id}"
# if = "created_at >= -30d"  # without it always
"""
_ONCE = {  # by event, what is not the usual, and what else there is
    "": ("per_record", "per_write, per_match, per_record or per_day; only per_match needs when"),
    "time": ("per_day", "per_anchor (the usual), per_match, per_record or per_day; only per_match needs when"),
}
_TIME = """
[rule.time]
anchor = "created_at"
offset = "+7d"
# at = "09:00"
# calendar = "business"  # moves it on to working time
# zone = "Europe/Rome"  # that of the configuration without it
# cron: instead of the others, minute hour day month weekday, such as 0 8 * * mon-fri
"""
_KPI = """\
# crm rule check tells what is wrong here, crm tick --dry-run tries the rule and changes nothing.
schema = 1

[[rule]]
id = {id_text}
name = "What it is for"
on = ["kpi.crossed"]  # once for each time that the figure crosses the threshold
enabled = false  # true puts it in force

[rule.kpi]
key = "win_rate"  # crm report show kpi lists them
below = 0.3  # or above
# period = "this-quarter"

[[rule.do]]  # a task, an event, or what acts outside
action = "task"
subject = "{{{{ record.label }}}} is {{{{ record.value }}}}"
due = "+1bd"
"""


def skeleton(rule_id: str, event: str) -> str:
    """Return the text of a file with one rule, which is sound and switched off; ValueError for what is no event."""
    entity, name = parse_event(event)
    if entity == KPI:
        return _KPI.format(id_text=json.dumps(rule_id))
    noun = entity_of(entity).noun
    others = ", ".join(f"{noun}.{other}" for other in EVENTS[entity] if other != name)
    text = _HEAD.format(id=rule_id, id_text=json.dumps(rule_id), event=json.dumps(f"{noun}.{name}"), others=others)
    if name in _ABOUT_CHANGES:
        text += _CHANGED.format(field=json.dumps(_watchable(entity)))
    once, often = _ONCE["time" if name == "time" else ""]
    text += _FOOT.format(id=rule_id, once=once, often=often)
    return text + (_TIME if name == "time" else "")


def _watchable(entity: str) -> str:
    """Return a stored field of an entity whose change can be watched."""
    fields = ENTITIES[entity].fields.values()
    return next(field.key for field in fields if field.option and field.writable and not field.derived)
