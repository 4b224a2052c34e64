"""What conditions need to know of the store: who is meant by a text, which custom fields there are, who is asking."""

import sqlite3

from crmcli import clock
from crmcli.conditions.scope import Scope
from crmcli.queries.fields import custom_fields


def make_scope(con: sqlite3.Connection, settings_zone: str, locale: str, me: int | None, country: str) -> Scope:
    """Return the surroundings in which the conditions of this store are compiled.

    ``settings_zone`` is the IANA zone in which dates are meant, ``me`` the id of the acting user.
    """

    def resolve(entity: str, text: str) -> tuple[int, ...]:
        from crmcli.queries.references import resolve_ids  # only a condition asks who is meant

        return resolve_ids(con, entity, text, me, country)

    return Scope(
        now=clock.now(),
        zone=settings_zone,
        locale=locale,
        resolve=resolve,
        custom=custom_fields(con),
        country=country,
    )


def user_id(con: sqlite3.Connection, handle: str) -> int | None:
    """Return the id of the user with a handle, None when there is none."""
    row = con.execute(
        "SELECT id FROM app_user WHERE fold(handle) = fold(?) AND deleted_at IS NULL", (handle,)
    ).fetchone()
    return row[0] if row else None
