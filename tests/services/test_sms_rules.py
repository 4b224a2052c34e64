"""Text messages that rules send, by a gateway or by a program of the hooks folder."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crmcli.config.rule_settings import RuleSettings
from crmcli.config.sending import Sms
from crmcli.errors import RefusedError
from crmcli.integrations import hidden
from crmcli.rules import letters
from crmcli.services.consents import record
from tests.services.ruled import Ruled, rule
from tests.services.sending import LOCAL, deliver, program, statuses
from tests.unit.integrations.servers import serving

LUCA = {"full_name": "Luca Bianchi", "phones": [{"value": "347 1234567"}]}
TEXT = "Dear {{ record.full_name }}, your table is ready.\n"


def texting(to: str = "{{ record.phone }}", more: str = ', purpose = "service"') -> str:
    return rule("ready", '["lead.created"]', f'{{ action = "sms", template = "ready", to = "{to}"{more} }}')


def given(ruled: Ruled, sms: Sms | None, rules: RuleSettings = LOCAL) -> Ruled:
    letters._text_of.cache_clear()
    ruled.paths.templates.mkdir(exist_ok=True)
    (ruled.paths.templates / "ready.txt").write_text(TEXT, encoding="utf-8")
    settings = ruled.store.settings._replace(rules=rules._replace(send=True), sms=sms)
    ruled.store = replace(ruled.store, settings=settings)
    return ruled


def test_a_gateway_gets_number_and_text_with_key_and_token(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden.forget()
    monkeypatch.setenv("CRMCLI_SMS_SECRET", "t0ken")
    with serving() as server:
        given(ruled, Sms(f"http://localhost:{server.port}/send")).trusted(texting())
        ruled.add("lead", **LUCA)
        assert deliver(ruled).counts == {"done": 1}
    (request,) = server.requests
    assert json.loads(request.body) == {"to": "+393471234567", "text": "Dear Luca Bianchi, your table is ready."}
    assert request.headers["Idempotency-Key"] == ruled.outbox()[0]["key"]
    assert request.headers["Authorization"] == "Bearer t0ken"
    assert b"t0ken" not in ruled.store.path.read_bytes()


def test_a_gateway_elsewhere_needs_encryption(ruled: Ruled) -> None:
    given(ruled, Sms("http://sms.example.com/send")).trusted(texting())
    ruled.add("lead", **LUCA)
    assert "so it needs https" in deliver(ruled).warnings[0]


def test_a_program_gets_it_on_standard_input(ruled: Ruled, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    program(ruled, f"import sys; open({str(seen)!r}, 'w').write(sys.argv[1] + sys.stdin.read())", "sms.py")
    given(ruled, Sms(command=("sms.py", "Acme"))).trusted(texting())
    ruled.add("lead", full_name="$(touch pwn)`id`", phones=LUCA["phones"])
    assert deliver(ruled).counts == {"done": 1}
    told = json.loads(seen.read_text().removeprefix("Acme"))
    assert told["data"] == {"to": "+393471234567", "text": "Dear $(touch pwn)`id`, your table is ready."}
    assert told["key"] == ruled.outbox()[0]["key"]


def test_bans_consent_and_missing_numbers(ruled: Ruled) -> None:
    given(ruled, Sms("https://sms.example.com")).trusted(texting())
    ruled.add("lead", full_name="A")
    ruled.add("lead", do_not_call=True, **LUCA)
    ruled.trusted(texting(more=""))
    ruled.add("lead", full_name="C", phones=[{"value": "347 7654321"}])
    assert [row["last_error"] for row in ruled.outbox()] == ["no_address", "do_not_call", "no_consent"]
    carla = ruled.store.add("contact", full_name="Carla", phones=[{"value": "347 1112223"}])
    record(ruled.context(), [("contact", carla)], {"action": "grant", "purpose": "marketing", "channel": "sms"})
    ruled.add("lead", full_name="Carla", phones=[{"value": "+39 347 111 2223"}])
    assert (ruled.outbox()[-1]["status"], ruled.outbox()[-1]["last_error"]) == ("pending", None), "of that number"
    ruled.add("lead", full_name="Dora", phones=[{"value": "after six"}])
    assert (ruled.outbox()[-1]["status"], ruled.outbox()[-1]["last_error"]) == ("blocked", "undeliverable")
    with pytest.raises(RefusedError, match="'anna' is not a phone number"):
        ruled.trusted(texting(to="anna")).add("lead", full_name="D")


def test_without_a_gateway_nothing_goes_out(ruled: Ruled) -> None:
    given(ruled, None).trusted(texting())
    result = ruled.do(lambda writer: writer.create("lead", LUCA))
    assert (ruled.outbox()[0]["last_error"], "crm config edit adds [sms]" in result.warnings[0]) == ("no_gateway", True)


def test_so_many_go_out_in_a_day(ruled: Ruled) -> None:
    with serving() as server:
        given(ruled, Sms(f"http://localhost:{server.port}/", per_day=1)).trusted(texting())
        ruled.add("lead", **LUCA)
        ruled.add("lead", full_name="B", phones=[{"value": "347 7654321"}])
        assert deliver(ruled).counts == {"done": 1, "waiting": 1}
    assert statuses(ruled.store) == ["done", "pending"]
