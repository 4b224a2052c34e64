"""What the ledger of consents says now: SQL written once, so that conditions, cards and the sender of mail agree.

``subject`` is the expression of a subject's id, or the SELECT of several whose ledgers count as one. A later event
beats an earlier one, and of two at the same instant a withdrawal or objection beats a grant, in whatever order they
were recorded. What is said of the channel ``any`` holds for every channel.
"""

from crmcli.domain.schema import Entity, Field

ANY = "any"
GRANTED, WITHDRAWN, NONE = "granted", "withdrawn", "none"
RAISED = {"grant": GRANTED, "withdraw": WITHDRAWN, "object": WITHDRAWN}  # what each action is called when it counts
PREFIX = "consent."  # of the fields of leads and contacts: consent.marketing, consent.marketing.email
_OF = "FROM consent {c} WHERE {c}.subject_id IN ({subject}) AND {c}.purpose = '{purpose}' AND {c}.deleted_at IS NULL"
_LATEST = (
    "(SELECT CASE c.action WHEN 'grant' THEN 'granted' WHEN 'expire' THEN 'none' ELSE 'withdrawn' END {of}"
    " AND c.action <> 'notice_read'{channel}"
    " ORDER BY c.occurred_at DESC, c.action = 'grant', c.action = 'expire', c.id DESC LIMIT 1)"
)
_STANDING = (  # a grant that nothing of its channel, or of all channels, has ended since
    "EXISTS (SELECT 1 {grants} AND g.action = 'grant' AND NOT EXISTS (SELECT 1 {ends}"
    " AND w.occurred_at >= g.occurred_at AND w.action NOT IN ('grant', 'notice_read')"
    " AND w.channel IN (g.channel, 'any')))"
)


def state_sql(subject: str, purpose: str, channel: str = "") -> str:
    """Return the state of a purpose: ``granted``, ``withdrawn`` or ``none``; never NULL.

    Without a channel it is granted as soon as some channel is, and else what the latest event says.
    """
    of = _OF.format(c="c", subject=subject, purpose=purpose)
    if channel:
        channels = f" AND c.channel IN ('{channel}', '{ANY}')"
        return f"COALESCE({_LATEST.format(of=of, channel=channels)}, '{NONE}')"
    grants, ends = (_OF.format(c=alias, subject=subject, purpose=purpose) for alias in ("g", "w"))
    standing = _STANDING.format(grants=grants, ends=ends)
    return f"CASE WHEN {standing} THEN '{GRANTED}' ELSE COALESCE({_LATEST.format(of=of, channel='')}, '{NONE}') END"


def channel_field(entity: Entity, name: str) -> Field | None:
    """Return the state of one channel, such as ``consent.marketing.email``, as a field; None where it is none.

    There are many of these and few are asked for, so the catalogue holds but the purposes.
    """
    whole, _, channel = name.rpartition(".")
    field = entity.fields.get(whole) if name.startswith(PREFIX) else None
    if field is None:
        return None
    from crmcli.domain.enums import values

    if channel not in values("consent_channel"):
        return None
    sql = state_sql("r.subject_id", whole.removeprefix(PREFIX), channel)
    return field._replace(key=name, label=f"{field.label}, {channel}", sql=sql)
