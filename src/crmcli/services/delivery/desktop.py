"""Shows a notice on the desktop by the program that the settings name."""

from pathlib import Path

from crmcli.config.rule_settings import RuleSettings
from crmcli.integrations.programs import run_program
from crmcli.integrations.sent import Sent

_DESKTOP = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")


def show(rules: RuleSettings, folder: Path, text: str, deadline: float) -> Sent:
    """Run the notifier in a folder, the text as its last word, until a moment of ``time.monotonic``; no shell."""
    return run_program([*rules.notify, text], folder, b"", deadline, kept=_DESKTOP)
