"""Prints what fifty rules cost: processor time of one write and of an import, as ratios to the same without rules.

    python tests/benchmarks/rules.py [--runs N] [--crm CRM] [ROWS]

The rules are asked about every lead and act on none of these; they are what a write pays for rules that do not concern
it. Programs run in turn; the least processor time of each counts, user and system. Nothing is asserted.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(sys.executable).parent
CONDITIONS = (
    "score >= {over} and status in [new, contacting] and not (tags has vip)",
    "industry = Trade{n} and rating = hot",
    "status = contacted and source = web and email is empty",
    "rating = hot and score > 50 and created >= -30d",
    "employees > {over} and city ~ rom",
)
RULE = """
[[rule]]
id = "rule-{n}"
on = ["lead.created", "lead.updated"]
when = "{when}"
do = [
  {{ action = "task", subject = "Call {{{{ record.full_name }}}}", due = "+2bd" }},
  {{ action = "tag", add = ["tag-{n}"] }},
]
"""


def main() -> None:
    """Measure and print two ratios."""
    parser = argparse.ArgumentParser(description="What fifty rules cost.")
    parser.add_argument("--crm", type=Path, default=HERE / "crm")
    parser.add_argument("--runs", type=int, default=5, help="of one write; the least counts")
    parser.add_argument("rows", nargs="?", type=int, default=3000, help="of the import")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        plain, ruled = Path(scratch, "plain"), Path(scratch, "ruled")
        plain.mkdir()
        spent(given.crm, plain, "init")
        spent(given.crm, plain, "lead", "add", "Anna Rossi")
        shutil.copytree(plain, ruled)
        write_rules(ruled / "config" / "rules")
        edits = [
            [spent(given.crm, home, "lead", "edit", "L1", "--set", f"score={run + 1}") for home in (plain, ruled)]
            for run in range(given.runs)
        ]
        write_leads(file := Path(scratch, "leads.csv"), given.rows)
        imports = [spent(given.crm, home, "import", "lead", str(file), "--with-rules") for home in (plain, ruled)]
    told("one write", *map(min, zip(*edits, strict=True)))
    told(f"import of {given.rows}", *imports)


def spent(crm: Path, home: Path, *words: str) -> float:
    """Return the processor time in seconds that a command takes."""
    environment = {**os.environ, "CRMCLI_HOME": str(home), "HOME": str(home)}
    process = subprocess.Popen([crm, *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"crm {' '.join(words)} failed")
    return usage.ru_utime + usage.ru_stime


def write_rules(folder: Path) -> None:
    """Write fifty rules."""
    folder.mkdir(parents=True, exist_ok=True)
    rules = [RULE.format(n=n, when=CONDITIONS[n % 5].format(n=n, over=1000 + n)) for n in range(50)]
    (folder / "fifty.toml").write_text("schema = 1\n" + "".join(rules), encoding="utf-8")


def write_leads(path: Path, rows: int) -> None:
    """Write a file of invented leads."""
    lines = (f"Anna Rossi {n},Acme {n},Trade,{n % 100}\n" for n in range(rows))
    path.write_text("full_name,company_name,industry,score\n" + "".join(lines), encoding="utf-8")


def told(what: str, plain: float, ruled: float) -> None:
    """Print one line."""
    sys.stdout.write(f"{what:20} {plain:5.2f} s without, {ruled:5.2f} s with fifty rules: {ruled / plain:4.2f}\n")


if __name__ == "__main__":
    main()
