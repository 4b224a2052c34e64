"""A store whose rules reach a real web server and real programs."""

import sys
from dataclasses import replace
from pathlib import Path

from crmcli.config.rule_settings import RuleSettings
from crmcli.services.delivery.deliver import Delivered, deliver_due, deliver_posted
from tests.services.ruled import Ruled, rule
from tests.services.world import Store

LOCAL = RuleSettings(http_hosts=frozenset({"localhost"}), private_hosts=frozenset({"localhost"}))
PAST_LEASE = "2026-03-18T12:05:00+01:00"


def allowing(ruled: Ruled, rules: RuleSettings = LOCAL) -> Ruled:
    """Let the rules of a store reach the hosts of these settings, by default this machine."""
    settings = ruled.store.settings._replace(rules=rules)
    ruled.store = replace(ruled.store, settings=settings)
    return ruled


def hook(rule_id: str, url: str, *, on: str = "lead.created", more: str = "", **keys: str) -> str:
    """Return a rule that posts to a URL; ``more`` are further keys of the action as they stand in TOML."""
    return rule(rule_id, f'["{on}"]', f'{{ action = "webhook", url = "{url}"{more} }}', **keys)


def program(ruled: Ruled, text: str, name: str = "tell") -> Path:
    """Put a Python program into the hooks folder."""
    ruled.paths.hooks.mkdir(exist_ok=True)
    file = ruled.paths.hooks / name
    file.write_text(f"#!{sys.executable}\n{text}")
    file.chmod(0o700)
    return file


def deliver(ruled: Ruled) -> Delivered:
    """Deliver as the scheduler does."""
    return deliver_due(ruled.context())


def add_and_deliver(ruled: Ruled, name: str = "Anna Rossi", *, wait: bool = False) -> Delivered:
    """Add a lead and deliver what that leaves behind, as the command does."""
    from crmcli.services.writer import write

    context = ruled.context(wait=wait)
    write(context, lambda writer: writer.create("lead", {"full_name": name}))
    return deliver_posted(context)


def statuses(store: Store) -> list[str]:
    return [row["status"] for row in store.rows("SELECT status FROM outbox ORDER BY id")]
