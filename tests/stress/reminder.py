"""Kill ``crm remind --mail`` at random moments, many times; nobody may be forgotten, none told of under two keys.

``python -m tests.stress.reminder FOLDER KILLS`` prints one JSON object with the figures. A real mail server keeps what
arrives. Every run adds people to follow up and mails what is new; after each kill the clock moves on past the lease of
what was under way. In the end what waits is sent.
"""

import json
import os
import random
import re
import signal
import sqlite3
import sys
import time
from collections import Counter, defaultdict
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

from crmcli import clock
from crmcli.cli.main import run as crm
from crmcli.domain.zones import local_date
from tests.stress.invariants import findings
from tests.unit.integrations.smtp_servers import MailServer, mail_server

MAIL = ("remind", "--mail", "anna@example.org", "--key")
FAULTS = ("forgotten", "told_under_two_keys", "repeated_with_other_words", "not_done", "broken")
CONFIG = """
[accounts.work]
from = "info@example.com"
host = "127.0.0.1"
port = PORT
security = "none"
"""


def run(folder: Path, kills: int, *, seed: int = 7) -> dict[str, object]:
    """Kill ``kills`` times and return how many people there were, how many mails, and what went wrong.

    A mail that comes twice has to come under the same ``Message-ID`` with the same words: nobody is told of in two.
    """
    os.environ |= {"CRMCLI_HOME": str(folder), "CRMCLI_USER": "anna", "CRMCLI_TIMEZONE": "Europe/Rome"}
    with mail_server() as server:
        _typed("init", "-q")
        (folder / "config" / "config.toml").write_text(CONFIG.replace("PORT", str(server.port)))
        chance = random.Random(seed)
        for round_ in range(kills):
            clock.fix(f"2026-03-{1 + round_ // 24:02}T{round_ % 24:02}:00:00Z")
            _one_kill(round_, chance.uniform(0.002, 0.25))
        clock.fix("2027-01-01T00:00:00Z")
        _typed(*MAIL, "the-end")
        clock.fix(None)
    return {"kills": kills, **_figures(folder / "data" / "crm.db", server)}


def _typed(*words: str) -> None:
    code = crm(list(words))
    if code:
        raise SystemExit(f"exit {code}: {words}")


def _one_kill(round_: int, delay_s: float) -> None:
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        _add_and_remind(round_, writable)
    os.close(writable)
    with os.fdopen(readable, "rb") as acks:
        acks.readline()  # the first mail: from here on any moment may be the last
        time.sleep(delay_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _add_and_remind(round_: int, writable: int) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    today = local_date(clock.now_text(), "Europe/Rome")
    for number in range(1000):
        name = f"P{round_}x{number}"
        code = crm(["contact", "add", name, "--set", f"next_contact_on={today}", "-q"])
        if code == 0 and crm([*MAIL, f"{round_}-{number}"]) == 0:
            os.write(writable, b"x\n")
    os._exit(0)


def _figures(store: Path, server: MailServer) -> dict[str, object]:
    with closing(sqlite3.connect(store)) as con:
        people = {
            name for (name,) in con.execute("SELECT COALESCE(first_name, '') || COALESCE(last_name, '') FROM contact")
        }
        states = Counter(status for (status,) in con.execute("SELECT status FROM outbox"))
    told: dict[str, set[str]] = defaultdict(set)
    as_sent: dict[str, set[str]] = defaultdict(set)
    for taken in server.taken:
        as_sent[str(taken.mail["Message-ID"])].add(f"{taken.mail['Subject']}\n{_text(taken.mail)}")
        for name in re.findall(r"P\d+x\d+", _text(taken.mail)):
            told[name].add(str(taken.mail["Message-ID"]))
    return {
        "people": len(people),
        "mails": len(set(server.keys)),
        "repeated_under_the_same_key": len(server.keys) - len(set(server.keys)),
        "repeated_with_other_words": sum(len(forms) > 1 for forms in as_sent.values()),
        "forgotten": len(people - set(told)),
        "told_under_two_keys": sum(len(keys) > 1 for keys in told.values()),
        "not_done": sum(states.values()) - states["done"],
        "broken": findings(str(store)),
    }


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


if __name__ == "__main__":
    figures = run(Path(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(json.dumps(figures) + "\n")
    raise SystemExit(any(figures[name] for name in FAULTS))
