"""How many messages may go to people outside in one day, all in all and to one domain.

What is over it waits for the next local day; it is not lost, and no failure. Messages to users are not counted.
"""

import sqlite3
from datetime import datetime, time, timedelta

from crmcli import clock
from crmcli.config.sending import Mail, Sms
from crmcli.domain.emails import domain_of
from crmcli.domain.zones import zone_of
from crmcli.services.messages.recipients import Recipient
from crmcli.store.reader import fetch_one

DAILY_LIMIT, DOMAIN_LIMIT = "daily_limit", "domain_limit"
_SENT_TODAY = (
    "SELECT COUNT(*) AS total, COALESCE(SUM(json_extract(payload, '$.values.to') LIKE '%@' || :domain), 0) AS domain"
    " FROM outbox WHERE kind = :kind AND key <> :key AND json_extract(payload, '$.values.purpose') <> ''"
    " AND (status = 'sending' OR (status = 'done' AND done_at >= :day))"
)


def over_limit(con: sqlite3.Connection, recipient: Recipient, key: str, limits: Mail | Sms, zone: str) -> str:
    """Return which limit a message of that key would pass today, empty for none."""
    if not recipient.purpose:
        return ""
    kind = "email" if isinstance(limits, Mail) else "sms"
    asked = {"kind": kind, "domain": domain_of(recipient.to), "key": key, "day": clock.stored(_midnight(zone, 0))}
    found = fetch_one(con, _SENT_TODAY, asked) or {}
    if found["total"] >= limits.per_day:
        return DAILY_LIMIT
    return DOMAIN_LIMIT if isinstance(limits, Mail) and found["domain"] >= limits.per_domain else ""


def next_day(zone: str) -> str:
    """Return the stored instant at which the next local day begins."""
    return clock.stored(_midnight(zone, 1))


def _midnight(zone: str, days: int) -> datetime:
    here = zone_of(zone)
    return datetime.combine(clock.now().astimezone(here).date() + timedelta(days=days), time(), here)
