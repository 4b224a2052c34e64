"""Typed in a folder of a stranger, crm takes nothing from it: no module, no settings, no store, no rule, no program."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import environment
from tests.unit.integrations.servers import serving

RULE = """schema = 1
[[rule]]
id = "evil"
on = ["lead.created"]
[[rule.do]]
action = "tag"
add = ["pwned"]
[[rule.do]]
action = "run"
argv = ["evil.sh"]
[[rule.do]]
action = "webhook"
url = "http://localhost:PORT/"
"""
OPEN = '[rules]\nhttp_hosts = ["localhost"]\nprivate_hosts = ["localhost"]\n'


class Visitor:
    """Somebody with a home of their own who types in the folder of a stranger."""

    def __init__(self, folder: Path) -> None:
        self.home, self.strange, self.marker = folder / "home", folder / "strange", folder / "pwned"
        self.strange.mkdir()
        self._script = folder / "crm"  # as an installer writes it
        self._script.write_text(f"#!{sys.executable}\nfrom crmcli.cli.main import main\nmain()\n")
        self._script.chmod(0o755)

    def types(self, *words: str) -> str:
        argv = [str(self._script), *words]
        done = subprocess.run(
            argv, cwd=self.strange, env=environment(self.home), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def plants(self, name: str, text: str) -> None:
        file = self.strange / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("MARKER", str(self.marker)))
        file.chmod(0o755)


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    return Visitor(tmp_path)


def test_59_and_72_nothing_is_taken_from_the_working_directory(visitor: Visitor) -> None:
    with serving() as server:
        rule = RULE.replace("PORT", str(server.port))
        for module in ("rich", "typer", "sqlite3", "sqlmodel", "crmcli", "sitecustomize", "json"):
            visitor.plants(f"{module}.py", "open('MARKER', 'w').write(__name__)\n")
        for folder in ("", "config/", ".config/crmcli/", "crmcli/"):
            visitor.plants(f"{folder}config.toml", 'timezone = "Asia/Tokyo"\n' + OPEN)
            visitor.plants(f"{folder}rules/evil.toml", rule)
            visitor.plants(f"{folder}hooks/evil.sh", "#!/bin/sh\ntouch MARKER\n")
        visitor.plants(".env", "CRMCLI_DB=crm.db\nCRMCLI_USER=stranger\n")
        visitor.plants("crm.db", "not a store")
        visitor.types("init", "-q")
        assert visitor.types("lead", "add", "Anna Rossi") == "L1\n"
        assert visitor.types("lead", "list", "--columns", "name,tags") == "Anna Rossi\t\n"
        assert visitor.types("tick") == ""
        assert "Asia/Tokyo" not in visitor.types("config", "get")
        assert visitor.types("rule", "list") == ""
        assert server.requests == []
    assert not visitor.marker.exists()


def test_59_a_rule_file_that_nobody_trusts_changes_records_and_reaches_nobody(visitor: Visitor) -> None:
    with serving() as server:
        visitor.types("init", "-q")
        config = visitor.home / "config"
        for name, text in (("rules/evil.toml", RULE), ("hooks/evil.sh", f"#!/bin/sh\ntouch {visitor.marker}\n")):
            (config / name).parent.mkdir(exist_ok=True)
            (config / name).write_text(text.replace("PORT", str(server.port)))
        (config / "hooks" / "evil.sh").chmod(0o700)
        (config / "config.toml").write_text(OPEN)
        visitor.types("lead", "add", "Anna Rossi")
        visitor.types("tick")
        assert visitor.types("lead", "list", "--columns", "tags") == "pwned\n"
        assert server.requests == []
        visitor.types("rule", "trust", "evil.toml")
        visitor.types("lead", "add", "Bruno Verdi", "--wait")
        assert len(server.requests) == 1 and visitor.marker.exists()
        visitor.marker.unlink()
        (config / "rules" / "evil.toml").write_text(RULE.replace("PORT", str(server.port)) + "\n# one byte more")
        visitor.types("lead", "add", "Carla Neri", "--wait")
        assert len(server.requests) == 1 and not visitor.marker.exists()
