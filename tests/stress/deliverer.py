"""Kill a process that writes and delivers at random moments, many times; no message may be lost, none get a second key.

``python -m tests.stress.deliverer FOLDER KILLS [webhook|email]`` prints one JSON object with the figures. A real web or
mail server counts what arrives. After each kill the clock moves on past the lease of what was under way; in the end
what waits is delivered.
"""

import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from crmcli.config.paths import Paths
from crmcli.config.rule_settings import RuleSettings
from crmcli.config.sending import Account, Mail
from crmcli.rules.files import load_files
from crmcli.services.automation.trust import trust
from crmcli.services.delivery.deliver import deliver_due, deliver_posted
from crmcli.services.results import Command, Context
from crmcli.services.setup import create_store
from crmcli.services.writer import write
from tests.stress.invariants import findings
from tests.stress.killer import SETTINGS
from tests.unit.integrations.servers import serving
from tests.unit.integrations.smtp_servers import mail_server

LOCAL = RuleSettings(http_hosts=frozenset({"localhost"}), private_hosts=frozenset({"localhost"}))


ACTIONS = {
    "webhook": 'url = "http://localhost:{port}/"',
    "email": 'template = "hello"\nto = "luca@example.org"\npurpose = "service"',
}


def run(folder: Path, kills: int, kind: str = "webhook", *, seed: int = 7) -> dict[str, object]:
    """Kill ``kills`` times and return how many messages there were, arrived, came twice, were lost or are not done."""
    with serving() if kind == "webhook" else mail_server() as server:
        context = _workspace(folder, server.port, kind)
        chance = random.Random(seed)
        for round_ in range(kills):
            os.environ["CRMCLI_NOW"] = f"2026-03-{1 + round_ // 24:02}T{round_ % 24:02}:00:00Z"
            _one_kill(context, round_, chance.uniform(0.002, 0.12))
        os.environ["CRMCLI_NOW"] = "2027-01-01T00:00:00Z"
        deliver_due(context)
        del os.environ["CRMCLI_NOW"]
        arrived = Counter(server.keys)
    with closing(sqlite3.connect(context.store)) as con:
        leads = con.execute("SELECT COUNT(*) FROM lead").fetchone()[0]
        rows = con.execute("SELECT key, status FROM outbox").fetchall()
    keys = {key for key, _ in rows}
    return {
        "kills": kills,
        "leads": leads,
        "messages": len(rows),
        "arrived": len(arrived),
        "repeated": sum(count > 1 for count in arrived.values()),
        "lost": leads - len(keys & set(arrived)),
        "unknown_keys": len(set(arrived) - keys),
        "not_done": sum(status != "done" for _, status in rows),
        "broken": findings(str(context.store)),
    }


def _workspace(folder: Path, port: int, kind: str) -> Context:
    account = Account("work", "", "info@example.com", "127.0.0.1", port, "none")
    mail = Mail("work", 10**9, 10**9)
    settings = SETTINGS._replace(rules=LOCAL._replace(send=True), accounts={"work": account}, mail=mail)
    paths = Paths(folder, folder, folder / "state", folder / "cache", folder / "crm.db")
    create_store(paths.store, settings)
    paths.rules.mkdir()
    action = f'action = "{kind}"\n{ACTIONS[kind].format(port=port)}\n'
    rule = f'schema = 1\n[[rule]]\nid = "tell"\non = ["lead.created"]\n[[rule.do]]\n{action}'
    (paths.rules / "tell.toml").write_text(rule)
    paths.templates.mkdir()
    (paths.templates / "hello.txt").write_text("Subject: Hello\n\nDear {{ record.full_name }}\n")
    trust(paths, "tell.toml", load_files(paths.rules).rules)
    return Context(paths.store, settings, Command("crm lead add"), paths.rules, paths)


def _one_kill(context: Context, round_: int, delay_s: float) -> None:
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        _write_and_deliver(context, round_, writable)
    os.close(writable)
    with os.fdopen(readable, "rb") as acks:
        acks.readline()  # the first delivery: from here on any moment may be the last
        time.sleep(delay_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _write_and_deliver(context: Context, round_: int, writable: int) -> None:
    deliver_due(context)
    for number in range(1000):
        name = f"P{round_}-{number}"
        write(context, lambda writer, name=name: writer.create("lead", {"full_name": name}))  # type: ignore[misc]  # bound now
        deliver_posted(context)
        os.write(writable, b"x\n")
    os._exit(0)


if __name__ == "__main__":
    figures = run(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
    sys.stdout.write(json.dumps(figures) + "\n")
    raise SystemExit(1 if figures["lost"] or figures["not_done"] or figures["broken"] else 0)
