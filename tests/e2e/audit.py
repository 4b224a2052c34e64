"""What a terminal and a reader of lines must never be given, and how each command is called to find that out.

Every command of the registry has an entry here; a test fails for one that has none, so that no command is forgotten.
"""

import re
from collections.abc import Iterator

from crmcli.catalogue import ENTITIES
from crmcli.cli.entries import Entry, walk
from crmcli.cli.lazy import load
from crmcli.cli.registry import LOG_KINDS, ROOT
from crmcli.output.formats import FORMATS
from tests.e2e.forking import Ran
from tests.unit.output.hostile import FORBIDDEN

Path = tuple[str, ...]
Words = tuple[str, ...]

COMMANDS: dict[Path, Entry] = dict(walk(ROOT))
DOCUMENTED = range(9)
OWN_STYLES = re.compile("\x1b\\[(?:0|1|2|4|31|32|33|36)m")
LONGEST = 2_000  # characters of a line that tells of an error

_NOUNS = {entity.noun: entity for entity in ENTITIES.values() if entity.letter}
_SHOWN = {f"{entity.letter}{number}" for entity in _NOUNS.values() for number in (1, 2)}

_ALONE = """
    status, task due, agenda, calendar, pipeline list, tag list, field list, view list, user list, target list,
    rate list, rule list, rule check, rule runs, report list, report check,
    import list, import preset list, dedupe ignored, backup list, config path, config get, config check, check, doctor,
    schema sql, schema diagram, export all
"""
_CUSTOMERS = (
    "sales", "average-purchase", "frequency", "repeat-rate", "trial", "penetration", "retention", "churn", "clv",
    "rfm", "best-customers", "at-risk", "cohort",
)  # fmt: skip
# How reading commands are called on a store that holds nothing but hostile text; the first call in every format.
READING: dict[Path, tuple[Words, ...]] = {
    **{tuple(name.split()): ((),) for name in _ALONE.split(",")},
    **{("export", noun): ((),) for noun in _NOUNS},
    **{(noun, "show"): (("1",), ("2",), ("3",)) for noun in _NOUNS},
    **{(noun, "list"): ((), ("--sort", "-updated_at"), ("--limit", "2", "--offset", "1")) for noun in _NOUNS},
    ("find",): (("base",), ("red",), ("1",)),
    ("query",): (("base",), ("example",)),
    ("export", "ics"): ((),),
    ("export", "warehouse"): (("--to", "warehouse", "--format", "sqlite"),),
    ("show",): tuple((ref,) for ref in sorted(_SHOWN)),
    ("history",): ((), *((ref,) for ref in sorted(_SHOWN))),
    ("rule", "why"): (("L1",), ("D1",)),
    ("pipeline", "show"): (("sales",),),
    ("view", "show"): (("kept",),),
    ("target", "show"): (("1",),),
    ("report", "show"): (("kpi",),),
    ("report", "pipeline"): ((), ("--by", "organization")),
    **{
        ("report", name): ((), ("--period", "all"), ("--by", "owner"))
        for name in (
            "win-rate",
            "win-loss",
            "lost-reasons",
            "funnel",
            "stage-conversion",
            "time-in-stage",
            "velocity",
            "cycle-length",
            "push",
            "stale",
            "offers-month",
            "leads",
            "sources",
            "hot-leads-by-industry",
            "lead-response",
            "lead-conversion",
            "mql-to-sql",
            "score-quality",
            "activity",
            "due-contact",
        )
    },
    ("report", "won"): ((), ("--period", "all")),
    ("report", "forecast"): ((), ("--by", "organization", "--period", "all")),
    ("report", "forecast-accuracy"): ((), ("--by", "owner", "--period", "2026-01")),
    ("report", "coverage"): ((), ("--period", "2026-Q1")),
    ("report", "attainment"): (("--period", "2026-Q1"), ("--by", "owner.team")),
    ("report", "lost"): ((), ("--period", "all")),
    ("deal", "why"): (("D1",), ("D2", "-o", "json")),
    ("report", "dashboard"): ((), ("--period", "2026")),
    ("report", "calibration"): ((), ("--period", "2026")),
    ("report", "anomalies"): ((), ("--limit", "1")),
    ("report", "next-steps"): ((), ("deal", "--by", "owner")),
    ("sql",): (("SELECT * FROM fact_deal",), ("SELECT * FROM dim_organization",), ("SELECT x'00ff', 1e999, NULL",)),
    ("pivot",): (("deal", "--rows", "organization"), ("lead", "--rows", "status", "--cols", "source_detail")),
    ("follow", "due"): ((), ("--within", "30d")),
    ("consent", "list"): ((),),
    ("consent", "show"): (("C1",), ("L1",)),
    ("cron", "show"): ((), ("--systemd",)),
    **{("report", name): (("--period", "all"), ("--period", "all", "--by", "owner")) for name in _CUSTOMERS},
    ("report", "cross-sell"): (("--item", "source", "--least", "1"), ("--item", "tags")),
    ("report", "redemption"): ((), ("lead", "--responded", "status = new", "--by", "source_detail")),
    ("report", "completeness"): ((), ("contact", "--by", "city")),
    **{
        ("report", name): ((), ("--by", "owner"))
        for name in (
            "tickets",
            "first-response",
            "resolution",
            "reopen-rate",
            "first-contact",
            "sla",
            "csat",
            "interventions",
        )
    },
    ("report", "backlog"): ((), ("--every", "month")),
    ("report", "rhythm"): ((), ("log",)),
    ("report", "adoption"): ((), ("--by", "team")),
    ("report", "duplicates"): ((), ("contact",)),
    ("report", "lifecycle"): ((), ("--period", "all")),
    ("report", "ambassadors"): ((), ("--top", "1")),
    ("lifecycle", "propose"): ((), ("--all",)),
    ("lifecycle", "show"): (("O1",),),
    ("dedupe", "scan"): ((), ("contact", "--min-score", "0")),
    ("report", "kpi"): ((), ("--by", "owner"), ("--explain", "deals_open")),
    ("import", "show"): (("1",),),
    ("import", "preset", "show"): (("hubspot",),),
    ("backup", "verify"): (("latest",),),
    ("schema", "json"): (("lead",), ("ticket",)),
    ("help",): (("conditions",),),
    ("completion",): (("bash",),),
}

CONTENT_LINES = {("export", "ics")}  # whose lines end as RFC 5545 wants it
VERDICTS = {("cron", "check")}  # whose exit code is the answer, and its table the reasons
EMPTY_IS_1 = {("query",)}  # as mail programs want it, with nothing to be told

# A call of each writing command that could succeed; arguments and options are varied from there.
WRITING: dict[Path, Words] = {
    **{(noun, "add"): ("Anna Rossi",) for noun in ("lead", "org", "contact", "task")},
    **{("log", kind): ("Anna Rossi", "--for", "C1") for kind in LOG_KINDS},
    **{(noun, "edit"): ("1", "--add-tag", "vip") for noun in _NOUNS},
    **{(noun, "rm"): ("1",) for noun in _NOUNS},
    **{(noun, "restore"): ("1",) for noun in _NOUNS},
    **{("import", noun): ("people.csv",) for noun in _NOUNS},
    ("lead", "qualify"): ("L1",),
    ("lifecycle", "apply"): (),
    ("lead", "convert"): ("L2",),
    ("lead", "unconvert"): ("L2",),
    ("lead", "score"): ("L1", "--add", "5"),
    ("rule", "new"): ("mine",),
    ("report", "new"): ("mine",),
    ("rule", "test"): ("--all",),
    ("lead", "lose"): ("L3", "--reason", "price"),
    **{(noun, "merge"): ("1", "2", "--auto") for noun in ("lead", "org", "contact")},
    ("dedupe", "merge"): ("C1", "C2", "--take", "email=C2"),
    ("dedupe", "ignore"): ("C1", "C2"),
    ("dedupe", "unignore"): ("C1", "C2"),
    ("deal", "add"): ("Anna Rossi", "--org", "O1"),
    ("deal", "move"): ("D1", "quote_sent"),
    ("deal", "win"): ("D1",),
    ("deal", "lose"): ("D2", "--reason", "price"),
    ("deal", "reopen"): ("D2",),
    ("task", "done"): ("T1",),
    ("task", "snooze"): ("T2", "--until", "+3d"),
    ("task", "cancel"): ("T3",),
    ("event", "cancel"): ("E1",),
    ("cron", "check"): (),
    ("snooze",): ("C1", "--until", "+2w"),
    ("follow", "set"): ("C1", "--every", "2w"),
    ("follow", "stop"): ("C1",),
    ("follow", "spread"): ("--over", "30d"),
    ("consent", "notice"): ("C1",),
    **{("consent", act): ("C1", "--purpose", "marketing") for act in ("withdraw", "object", "expire")},
    ("consent", "grant"): ("C1", "--purpose", "marketing", "--basis", "consent"),
    ("event", "add"): ("Anna Rossi", "--start", "tomorrow 9:00"),
    ("ticket", "open"): ("Anna Rossi",),
    ("ticket", "reply"): ("K1", "Anna Rossi"),
    ("ticket", "note"): ("K1", "Anna Rossi"),
    ("ticket", "assign"): ("K1", "--to", "anna"),
    ("ticket", "resolve"): ("K1", "--code", "fixed"),
    ("ticket", "close"): ("K2", "--code", "fixed"),
    ("ticket", "reopen"): ("K2",),
    ("pipeline", "add"): ("Partners", "--preset", "sales"),
    ("pipeline", "edit"): ("sales", "--add-stage", "Demo"),
    ("pipeline", "rm"): ("partners",),
    ("tag", "add"): ("L1", "vip"),
    ("tag", "rm"): ("L1", "vip"),
    ("field", "add"): ("lead", "budget"),
    ("field", "edit"): ("lead.remark", "--label", "Remark"),
    ("field", "rm"): ("lead.remark",),
    ("view", "save"): ("mine", "--on", "lead"),
    ("view", "rm"): ("kept",),
    ("report", "snapshot"): (),
    ("target", "add"): ("deals_won", "--period", "2026", "--value", "12"),
    ("target", "edit"): ("won_amount/2026-Q1", "--value", "300k"),
    ("target", "rm"): ("won_amount/2026-Q1",),
    ("rate", "add"): ("GBP", "--rate", "1.15"),
    ("rate", "edit"): ("USD/2026-01-01", "--rate", "0.9"),
    ("rate", "rm"): ("USD/2026-01-01",),
    ("user", "add"): ("bruno",),
    ("user", "edit"): ("anna", "--name", "Anna"),
    ("rule", "retry"): ("1",),
    ("rule", "run"): ("mine", "L1"),
    ("rule", "enable"): ("mine",),
    ("rule", "disable"): ("mine",),
    ("tick",): (),
    ("sync",): (),
    ("remind",): ("--all",),
    ("tui",): ("nowhere",),  # at its screens it would stay
    ("rule", "trust"): ("own.toml",),
    ("import", "auto"): ("people.csv",),
    ("import", "undo"): ("1",),
    ("import", "resume"): ("1",),
    ("import", "all"): ("people.csv",),
    ("import", "preset", "save"): ("mine", "contact", "people.csv"),
    ("backup", "create"): (),
    ("backup", "prune"): ("--keep", "3"),
    ("restore",): ("latest",),
    ("undo",): (),
    ("redo",): (),
    ("init",): (),
    ("demo",): ("sample",),
    ("config", "set"): ("currency", "USD"),
    ("config", "edit"): (),
    ("secret", "set"): ("work",),  # no account there: it would wait for somebody to type
    ("secret", "status"): (),
    ("secret", "rm"): ("webhook",),
}


def options_of(path: Path) -> list[str]:
    """Return the options of a command that take a value, each by its long name."""
    found = [parameter for parameter in load(COMMANDS[path]).params if parameter.param_type_name == "option"]
    return [max(option.opts, key=len) for option in found if not getattr(option, "is_flag", False)]


def formats_of(path: Path) -> tuple[str | None, ...]:
    """Return the formats a command can be asked for; None is the one it chooses itself."""
    return (None, *FORMATS) if "--output" in options_of(path) else (None,)


def calls(path: Path) -> list[Words]:
    """Return how a command is called in the audit, without its name."""
    return list(READING[path]) if path in READING else [WRITING[path]]


def variants(path: Path, strings: Iterator[str]) -> Iterator[Words]:
    """Yield calls of a command, each with the next of the strings in one place."""
    call = calls(path)[0]
    arguments = next((number for number, word in enumerate(call) if word.startswith("--")), len(call))
    for number in range(arguments):
        yield (*call[:number], next(strings), *call[number + 1 :])
    for option in options_of(path):
        yield (*call, option, next(strings))


def without_questions(path: Path) -> Words:
    """Return the option that answers every question of a command."""
    return ("--yes",) if any("--yes" in parameter.opts for parameter in load(COMMANDS[path]).params) else ()


def offences(text: str) -> list[str]:
    """Return what of a text may not reach a terminal or break a line, apart from our own colours."""
    return FORBIDDEN.findall(OWN_STYLES.sub("", text).replace("\t", " "))


def check_quiet(path: Path, ran: Ran) -> None:
    """Check what holds of every run: no control reaches the reader, no traceback, a documented exit code."""
    shown = ran.out.replace("\r\n", "\n") if path in CONTENT_LINES else ran.out
    assert not offences(shown), f"{path}: {offences(shown)[:5]} in {shown[:300]!r}"
    assert not offences(ran.err), f"{path}: {offences(ran.err)[:5]} in {ran.err[:300]!r}"
    told = ran.out + ran.err
    assert "Traceback" not in told and "unexpected:" not in told, told[-2000:]
    assert ran.code in DOCUMENTED, (ran.code, ran.err)


def check_told_in_one_line(ran: Ran) -> None:
    """Check that an error is one line that can be read and perhaps a hint, after what was told before."""
    lines = ran.err.splitlines()
    at = max(number for number, line in enumerate(lines) if line.startswith("crm: "))
    assert all(line.startswith("  hint: ") for line in lines[at + 1 :]), ran.err
    assert len(lines) <= at + 2, ran.err
    assert all(len(line) <= LONGEST for line in lines), f"a line of {max(map(len, lines))} characters"
