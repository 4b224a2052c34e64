"""Mail that rules send: from the change of a record to a real server, and every reason why it does not go out."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from sqlite3 import connect

import pytest

from crmcli.config.rule_settings import RuleSettings
from crmcli.config.sending import Account, Mail
from crmcli.errors import ConfigError, RefusedError, UsageError
from crmcli.rules import letters
from crmcli.services.automation.trust import REHEARSED
from crmcli.services.consents import record
from crmcli.services.delivery.deliver import deliver_posted
from crmcli.services.undo import take_back
from crmcli.services.writer import Writer, write
from tests.services.ruled import HOT_LEAD, Ruled, rule
from tests.services.sending import PAST_LEASE, deliver, statuses
from tests.unit.integrations.smtp_servers import MailServer, Script, mail_server, scripted

WELCOME = "Subject: Welcome, {{ record.full_name }}\n\nDear {{ record.full_name }},\nwe call you.\n"
MAIL = 'action = "email", template = "welcome", to = "{{ record.email }}"'
LUCA = {"full_name": "Luca Bianchi", "emails": [{"value": "luca@example.org"}]}


def mailing(on: str = "lead.created", more: str = ', purpose = "service"', **keys: str) -> str:
    return rule("welcome", f'["{on}"]', f"{{ {MAIL}{more} }}", **keys)


@pytest.fixture
def posting(ruled: Ruled) -> Ruled:
    """A store that may send mail, with a template; ``through`` names the server."""
    letters._text_of.cache_clear()
    folder = ruled.paths.templates
    folder.mkdir()
    (folder / "welcome.txt").write_text(WELCOME, encoding="utf-8")
    return through(ruled, 9)


def through(ruled: Ruled, server: MailServer | int) -> Ruled:
    port = server if isinstance(server, int) else server.port
    account = Account("work", "Acme", "info@example.com", "127.0.0.1", port, "none")
    settings = ruled.store.settings._replace(rules=RuleSettings(send=True), accounts={"work": account})
    ruled.store = replace(ruled.store, settings=settings)
    return ruled


def add(addresses: Sequence[str], writer: Writer) -> None:
    for address in addresses:
        writer.create("lead", {"full_name": "Luca Bianchi", "emails": [{"value": address}]})


def values(ruled: Ruled) -> dict[str, str]:
    found: dict[str, str] = json.loads(ruled.outbox()[-1]["payload"])["values"]
    return found


def test_a_lead_is_welcomed_by_the_command_that_adds_it(posting: Ruled) -> None:
    with mail_server() as server:
        through(posting, server).trusted(mailing())
        context = posting.context()
        result = write(context, lambda writer: writer.create("lead", LUCA))
        assert deliver_posted(context).counts == {"done": 1}
        assert deliver(posting).counts == {}
    (taken,) = server.taken
    assert result.effects == ("rule welcome on L1: email to luca@example.org: Welcome, Luca Bianchi",)
    assert (taken.recipients, taken.mail["Subject"]) == (["luca@example.org"], "Welcome, Luca Bianchi")
    assert taken.mail["Message-ID"] == f"<{posting.outbox()[0]['key']}@example.com>"
    assert (posting.runs("welcome")[0]["status"], statuses(posting.store)) == ("done", ["done"])


def test_d_a_new_lead_gets_one_mail(posting: Ruled) -> None:
    with mail_server() as server:
        through(posting, server).trusted(mailing(), HOT_LEAD)
        posting.add("lead", score=90, **LUCA)
        deliver(posting)
    assert len(server.taken) == 1


def test_q_without_consent_the_mail_is_blocked_and_the_rest_is_done(posting: Ruled) -> None:
    posting.trusted(rule("welcome", '["contact.created"]', f'{{ {MAIL} }}, {{ action = "tag", add = ["asked"] }}'))
    result = posting.do(lambda writer: writer.create("contact", LUCA), explain=True)
    (row,) = posting.outbox()
    assert (row["status"], row["last_error"]) == ("blocked", "no_consent")
    assert json.loads(posting.runs("welcome")[0]["actions"])[0] == {"number": 1, "action": "email", "status": "blocked"}
    assert posting.store.shown("contact", 1)["tags"] == ["asked"]
    assert "email to luca@example.org: Welcome, Luca Bianchi: blocked: no_consent" in result.effects[0]
    with mail_server() as server:
        through(posting, server)
        assert deliver(posting).counts == {}
    assert server.taken == []


def test_q_with_consent_it_goes_out_and_a_withdrawal_on_the_way_holds_it_back(posting: Ruled) -> None:
    posting.trusted(rule("welcome", '["consent.granted"]', f"{{ {MAIL} }}", when='"consent.marketing = granted"'))
    luca = ("contact", posting.add("contact", **LUCA))
    record(posting.context(), [luca], {"action": "grant", "purpose": "marketing", "channel": "email"})
    assert statuses(posting.store) == ["pending"]
    with mail_server() as server:
        through(posting, server)
        assert deliver(posting).counts == {"done": 1}
    assert server.taken[0].mail["Subject"] == "Welcome, Luca Bianchi"
    record(posting.context(), [luca], {"action": "grant", "purpose": "marketing", "text_shown": "again"})
    record(posting.context(), [luca], {"action": "withdraw", "purpose": "marketing"})
    with mail_server() as server:
        through(posting, server)
        deliver(posting)
    assert (server.taken, posting.outbox()[-1]["last_error"]) == ([], "no_consent")


def test_80_whoever_opted_out_gets_none_of_three(posting: Ruled) -> None:
    three = [mailing().replace('"welcome"\non', f'"welcome-{number}"\non') for number in range(3)]
    posting.trusted(*three)
    posting.add("lead", do_not_email=True, **LUCA)
    assert [row["last_error"] for row in posting.outbox()] == ["do_not_email"] * 3


def test_a_record_without_an_address_is_no_failure(posting: Ruled) -> None:
    posting.trusted(mailing())
    posting.add("lead", full_name="Luca Bianchi")
    assert posting.outbox()[0]["last_error"] == "no_address"


def test_an_address_that_cannot_be_written_to_blocks_the_mail_and_not_the_write(posting: Ruled) -> None:
    posting.trusted(mailing())
    posting.add("lead", **LUCA | {"emails": [{"value": "lucà@example.com"}]})
    (row,) = posting.outbox()
    assert (row["status"], row["last_error"]) == ("blocked", "undeliverable")
    with mail_server() as server:
        through(posting, server)
        deliver(posting)
    assert server.taken == []


def test_nothing_goes_out_until_somebody_says_so(posting: Ruled) -> None:
    """Untrusted, then switched off, then without an account; each is told once, and the data actions are done."""
    posting.given(mailing())
    told: list[tuple[str, int]] = []
    for settings in (
        {},
        {"rules": RuleSettings()},
        {"rules": RuleSettings(send=True), "accounts": {}},
    ):
        if settings:
            posting.trusted(mailing())
        posting.store = replace(posting.store, settings=posting.store.settings._replace(**settings))
        result = posting.do(partial(add, [f"l{len(told)}{n}@example.org" for n in range(2)]))
        told.append((posting.outbox()[-1]["last_error"], len(result.warnings)))
    assert told == [("untrusted", 1), (REHEARSED, 1), ("no_account", 1)]


def test_63_a_value_that_is_missing_sends_nothing_and_stores_nothing(posting: Ruled) -> None:
    (posting.paths.templates / "welcome.txt").write_text("Subject: Hello\n\nDear {{ record.job_title }},\n")
    posting.trusted(mailing())
    with pytest.raises(
        RefusedError, match=r"rule welcome, action 1 \(email\) failed: .*job_title }} is empty"
    ) as caught:
        posting.add("lead", **LUCA)
    assert caught.value.exit_code == 4
    assert (posting.store.count("lead"), posting.outbox()) == (0, [])
    posting.trusted(mailing(more=', purpose = "service", on_error = "continue"'))
    posting.add("lead", **LUCA)
    assert (posting.store.count("lead"), posting.outbox()) == (1, [])


def test_63_a_typo_stops_every_write_with_its_line(posting: Ruled) -> None:
    (posting.paths.templates / "welcome.txt").write_text("Subject: Hello\n\nDear {{ record.frist_name }},\n")
    posting.trusted(mailing())
    with pytest.raises(ConfigError, match=r"\(welcome.txt, line 3\): lead has no field 'frist_name'; did you mean"):
        posting.add("lead", **LUCA)


def test_64_no_value_adds_a_header_or_a_recipient(posting: Ruled) -> None:
    (posting.paths.templates / "welcome.txt").write_text(
        "Subject: {{ record.description }}\n\nDear {{ record.description }}\n"
    )
    with mail_server() as server:
        through(posting, server).trusted(mailing())
        for text in ("x\r\nBcc: e@example.net", "x\nBcc: e@example.net"):
            with pytest.raises(RefusedError, match="line break"):
                posting.add("lead", description=text, **LUCA)
        posting.trusted(mailing().replace("{{ record.email }}", "luca@example.org, e@example.net"))
        with pytest.raises(RefusedError, match="not an e-mail address"):
            posting.add("lead", description="x", **LUCA)
        posting.trusted(mailing())
        posting.add("lead", description="{{7*7}} =?utf-8?q?Bcc=3A_e=40example.net?= \t", **LUCA)
        deliver(posting)
    (taken,) = server.taken
    assert taken.recipients == ["luca@example.org"]
    assert (taken.mail["Bcc"], taken.mail["Cc"]) == (None, None)
    assert "{{7*7}}" in taken.mail["Subject"]


def test_values_are_escaped_in_html_and_nowhere_else(posting: Ruled) -> None:
    (posting.paths.templates / "welcome.html").write_text(
        '<p title="{{ record.full_name }}">{{ record.full_name }}</p>'
    )
    with mail_server() as server:
        through(posting, server).trusted(mailing())
        posting.add("lead", full_name="Luca <script>\"&'", emails=LUCA["emails"])
        deliver(posting)
    text, html = server.taken[0].mail.iter_parts()
    escaped = "Luca &lt;script&gt;&quot;&amp;&#x27;"
    assert "Dear Luca <script>\"&'" in text.get_content()
    assert f'<p title="{escaped}">{escaped}</p>' in html.get_content()


def test_a_user_is_written_to_without_consent(posting: Ruled) -> None:
    posting.store.edit("user", posting.store.user(), email="anna@example.com")
    posting.trusted(mailing().replace("{{ record.email }}", "{{ record.owner }}").replace(', purpose = "service"', ""))
    posting.add("lead", owner=posting.store.user(), **LUCA)
    assert (values(posting)["to"], values(posting)["purpose"], statuses(posting.store)) == (
        "anna@example.com",
        "",
        ["pending"],
    )


def test_a_delivery_that_fails_undoes_nothing_and_is_tried_three_times(
    posting: Ruled, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(Script(RCPT="451 later")) as port:
        through(posting, port).trusted(mailing())
        posting.add("lead", **LUCA)
        for minute in ("00", "05", "59"):
            monkeypatch.setenv("CRMCLI_NOW", f"2026-03-18T13:{minute}:00+01:00")
            deliver(posting)
    (row,) = posting.outbox()
    assert (row["status"], row["attempts"], row["last_error"]) == ("failed", 3, "127.0.0.1 answered 451 later")
    assert posting.store.count("lead") == 1


def test_n_a_mail_whose_sender_died_carries_the_same_id(posting: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    """At least once, by its Message-ID: the key that servers and readers of mail know a repetition by."""
    with mail_server() as server:
        through(posting, server).trusted(mailing())
        posting.add("lead", **LUCA)
        deliver(posting)
        with closing(connect(posting.store.path)) as con, con:
            con.execute("UPDATE outbox SET status = 'sending', lease_until = '2026-03-18T11:01:00Z', done_at = NULL")
        monkeypatch.setenv("CRMCLI_NOW", PAST_LEASE)
        deliver(posting)
    assert len(server.taken) == 2
    assert len({taken.mail["Message-ID"] for taken in server.taken}) == 1


def test_what_is_over_the_daily_limit_waits_and_is_no_failure(posting: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as server:
        through(posting, server).trusted(mailing())
        posting.store = replace(posting.store, settings=posting.store.settings._replace(mail=Mail("", 1, 1)))
        posting.add("lead", **LUCA)
        posting.add("lead", full_name="Eva", emails=[{"value": "eva@example.org"}])
        found = deliver(posting)
        assert (found.counts, found.has_failed) == ({"done": 1, "waiting": 1}, False)
        assert [row["attempts"] for row in posting.outbox()] == [1, 0]
        monkeypatch.setenv("CRMCLI_NOW", "2026-03-19T00:00:01+01:00")
        assert deliver(posting).counts == {"done": 1}


def test_s_undo_calls_off_what_waits_and_names_what_went(posting: Ruled) -> None:
    posting.trusted(mailing())
    result = posting.do(lambda writer: writer.create("lead", LUCA))
    assert result.operation_id is not None
    take_back(posting.context(kind="undo"), result.operation_id)
    assert statuses(posting.store) == ["cancelled"]
    with mail_server() as server:
        through(posting, server)
        result = posting.do(lambda writer: writer.create("lead", LUCA))
        deliver(posting)
        assert result.operation_id is not None
        undone = take_back(posting.context(kind="undo"), result.operation_id)
    assert "email of rule welcome on L2 went out at" in undone.warnings[0]
    assert len(server.taken) == 1


def test_81_many_mails_need_a_number(posting: Ruled) -> None:
    posting.trusted(mailing())

    many = partial(add, [f"l{n}@example.org" for n in range(51)])
    with pytest.raises(UsageError, match="51 messages would go out") as caught:
        posting.do(many)
    assert (caught.value.hint, posting.store.count("lead")) == ("--max 51 allows it, --no-rules sends none", 0)
    posting.do(many, most=51)
    assert len(posting.outbox()) == 51


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ('action = "email", to = "x"', "template: is missing"),
        ('action = "email", template = "welcome"', "to: is missing"),
        ('action = "email", template = "nope", to = "x"', "there is no template 'nope'"),
        (
            'action = "email", template = "welcome", to = "x", purpose = "spam"',
            "purpose: 'spam' is not one of its values",
        ),
        ('action = "email", template = "welcome", to = "{{ record.emial }}"', "to: lead has no field 'emial'"),
        ('action = "email", template = "welcome", to = "x", cc = "y"', "there is no such key"),
    ],
)
def test_mistakes_are_load_errors(posting: Ruled, action: str, told: str) -> None:
    posting.given(rule("welcome", '["lead.created"]', f"{{ {action} }}"))
    with pytest.raises(ConfigError, match=told):
        posting.add("lead", **LUCA)
