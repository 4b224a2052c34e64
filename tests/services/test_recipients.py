"""Whom a rule may write to: bans, bounces, consent, and how much goes out in a day."""

import json
from collections.abc import Iterator
from contextlib import closing
from sqlite3 import Connection, connect
from typing import Any

import pytest

from crmcli.config.sending import Mail
from crmcli.rules.action_keys import MARKETING, SERVICE
from crmcli.services.consents import record
from crmcli.services.messages.limits import next_day, over_limit
from crmcli.services.messages.recipients import Recipient, find_recipient, objection
from crmcli.services.writer import write
from crmcli.store.reader import open_reader
from tests.services.world import Store

ADDRESS = "luca@example.org"
LUCA: dict[str, Any] = {"emails": [{"value": "Luca@Example.org"}]}


@pytest.fixture
def con(store: Store) -> Iterator[Connection]:
    store.edit("user", store.user(), email="anna@example.com")
    with closing(open_reader(store.path, "Europe/Rome")) as opened:
        yield opened


def asked(store: Store, to: str, purpose: str = "") -> tuple[Recipient, str]:
    with closing(open_reader(store.path, "Europe/Rome")) as con:
        found = find_recipient(con, to, purpose)
        return found, objection(con, found)


def test_a_user_is_named_or_known_by_address(con: Connection) -> None:
    user = Recipient("anna@example.com", "")
    assert find_recipient(con, "Anna") == find_recipient(con, "Anna@Example.com") == user
    assert find_recipient(con, "anna", "marketing") == user
    assert objection(con, user) == ""
    with pytest.raises(ValueError, match="neither an e-mail address nor a user"):
        find_recipient(con, "nobody")
    for hostile in ("a@b.example, e@e.example", "a@b.example\r\nBcc: e@e.example", "Luca <a@b.example>"):
        with pytest.raises(ValueError):
            find_recipient(con, hostile)


def test_without_an_address_nobody_is_written_to(store: Store) -> None:
    assert asked(store, " ") == (Recipient("", MARKETING), "no_address")
    assert asked(store, "anna") == (Recipient("", ""), "no_address")


def test_q_marketing_needs_a_consent_and_service_does_not(store: Store) -> None:
    store.add("contact", {"last_name": "Bianchi", **LUCA})
    assert asked(store, ADDRESS) == (Recipient(ADDRESS, MARKETING), "no_consent")
    assert asked(store, ADDRESS, "newsletter")[1] == "no_consent"
    assert asked(store, ADDRESS, SERVICE) == (Recipient(ADDRESS, SERVICE), "")
    assert asked(store, "stranger@example.org")[1] == "no_consent", "somebody unknown has given none either"


def consent(store: Store, action: str, *people: tuple[str, int], day: int = 1, **more: Any) -> None:
    values = {"action": action, "purpose": "marketing", "occurred_at": f"2026-03-0{day}T08:00:00Z", **more}
    record(store.context(), people, values)


def test_s150_consent_lets_mail_through_for_its_purpose_and_channel_alone(store: Store) -> None:
    luca = ("contact", store.add("contact", {"last_name": "Bianchi", **LUCA}))

    def reasons() -> list[str]:
        return [asked(store, ADDRESS, purpose)[1] for purpose in ("", "newsletter", SERVICE)]

    consent(store, "grant", luca, channel="sms")
    assert reasons() == ["no_consent", "no_consent", ""]
    consent(store, "grant", luca, channel="email")
    assert reasons() == ["", "no_consent", ""]
    consent(store, "withdraw", luca, day=2)
    assert reasons() == ["no_consent", "no_consent", ""]
    consent(store, "object", luca, purpose="service")
    assert reasons() == ["no_consent"] * 3, "even of a service, once somebody objects"


def test_10_b_a_notice_that_was_read_lets_nothing_through(store: Store) -> None:
    luca = ("lead", store.add("lead", {"last_name": "Bianchi", **LUCA}))
    consent(store, "notice_read", luca, purpose=None)
    assert asked(store, ADDRESS)[1] == "no_consent"


def test_a_ban_beats_every_consent(store: Store) -> None:
    luca = ("contact", store.add("contact", {"last_name": "Bianchi", "do_not_email": True, **LUCA}))
    consent(store, "grant", luca)
    assert asked(store, ADDRESS)[1] == "do_not_email"


def test_what_one_at_an_address_withdraws_nobody_there_is_sent(store: Store) -> None:
    office = {"emails": [{"value": "info@example.org"}]}
    one = ("contact", store.add("contact", {"last_name": "Bianchi", **office}))
    other = ("lead", store.add("lead", {"last_name": "Verdi", **office}))
    consent(store, "grant", one)
    assert asked(store, "info@example.org")[1] == ""
    consent(store, "withdraw", other)
    assert asked(store, "info@example.org")[1] == "no_consent"


def test_a_person_keeps_the_ledger_whatever_happens_to_the_records(store: Store) -> None:
    luca = ("contact", store.add("contact", {"last_name": "Bianchi", **LUCA}))
    consent(store, "withdraw", luca)
    write(store.context(), lambda writer: writer.delete("contact", luca[1]))
    again = ("lead", store.add("lead", {"last_name": "Bianchi", **LUCA}))
    assert asked(store, ADDRESS)[1] == "no_consent"
    consent(store, "grant", again, day=2)
    assert asked(store, ADDRESS)[1] == ""


def test_a_person_who_is_a_user_too_is_asked_for_consent(store: Store) -> None:
    store.edit("user", store.user(), email=ADDRESS)
    assert asked(store, ADDRESS)[1] == ""
    store.add("lead", {"last_name": "Bianchi", **LUCA})
    assert asked(store, ADDRESS)[1] == "no_consent"
    assert asked(store, "anna")[1] == "", "named as a user, she is one"


@pytest.mark.parametrize("entity", ["lead", "contact"])
def test_a_ban_always_wins_and_holds_for_whoever_shares_the_address(store: Store, entity: str) -> None:
    store.add("contact", {"last_name": "Bianchi", **LUCA})
    banned = store.add(entity, {"last_name": "Verdi", "do_not_email": True})
    store.edit(entity, banned, LUCA)
    assert asked(store, ADDRESS, SERVICE)[1] == "do_not_email"
    store.edit(entity, banned, do_not_email=False)
    assert asked(store, ADDRESS, SERVICE)[1] == ""


@pytest.mark.parametrize(
    ("status", "reason"), [("ok", ""), ("soft_bounce", ""), ("hard_bounce", "bounced"), ("invalid", "bounced")]
)
def test_an_address_that_bounced_is_left_alone_until_it_changes(store: Store, status: str, reason: str) -> None:
    contact = store.add("contact", {"last_name": "Bianchi", "email_status": status, **LUCA})
    assert asked(store, ADDRESS, SERVICE)[1] == reason
    store.edit("contact", contact, emails=[{"value": "new@example.org"}])
    assert asked(store, ADDRESS, SERVICE)[1] == ""


def went(store: Store, number: int, to: str, done_at: str | None, purpose: str = SERVICE) -> None:
    """Put a mail into the outbox: sent at an instant, or being sent."""
    payload = json.dumps({"values": {"to": to, "purpose": purpose}})
    with closing(connect(store.path)) as con, con:
        con.execute(
            "INSERT INTO outbox (operation_id, kind, payload, key, status, attempts, max_attempts, done_at)"
            " VALUES (1, 'email', ?, ?, ?, 1, 3, ?)",
            (payload, f"w{number}", "done" if done_at else "sending", done_at),
        )


def test_so_many_go_out_in_a_day(store: Store) -> None:
    store.add("lead", last_name="Bianchi")  # an operation
    went(store, 1, "a@example.org", "2026-03-17T22:59:59Z")  # yesterday, in Rome
    went(store, 2, "a@example.org", "2026-03-17T23:00:00Z")
    went(store, 3, "b@example.net", None)
    went(store, 4, "anna@example.org", "2026-03-18T10:00:00Z", purpose="")
    luca = Recipient(ADDRESS, SERVICE)
    with closing(open_reader(store.path, "Europe/Rome")) as con:

        def limit(per_day: int, per_domain: int, recipient: Recipient = luca, key: str = "k") -> str:
            return over_limit(con, recipient, key, Mail("", per_day, per_domain), "Europe/Rome")

        assert (limit(3, 2), limit(2, 2), limit(3, 1)) == ("", "daily_limit", "domain_limit")
        assert limit(2, 2, key="w3") == "", "one that is being sent does not stand in its own way"
        assert limit(3, 1, Recipient("x@sub.example.org", SERVICE)) == ""
        assert limit(1, 1, Recipient("anna@example.com", "")) == "", "users are not counted"
    assert next_day("Europe/Rome") == "2026-03-18T23:00:00Z"
