"""Writes down the SQL that a command runs, so that the ``sqlite3`` shell can run the same: what the data alone cost.

    python -m tests.benchmarks.own_sql FILE COMMAND ...

Every statement is written as it starts, bound values in their places. Functions that the product gives to SQLite are
not known to the shell: functions of SQLite that tell nearly the same stand in for them, local time by ``TZ``.
"""

import re
import sqlite3
import sys
from pathlib import Path
from typing import Any

from crmcli import clock
from crmcli.domain.zones import local_date
from tests.benchmarks.stores import ZONE

_LOCAL_DAY = "date({0}, 'localtime')"
_BUCKETS = {
    "'day'": "%Y-%m-%d", "'week'": "%Y-W%W", "'month'": "%Y-%m", "'quarter'": "%Y-%m", "'year'": "%Y",
    "'weekday'": "%w", "'hour'": "%H",
}  # fmt: skip
_NAMED = re.compile(r"\b(fold|crm_\w+)\(")


class Unknown(LookupError):
    """A function of ours that nothing stands in for."""


def main() -> None:
    """Run a command of the product in this process and write down its SQL."""
    path, *arguments = sys.argv[1:]
    with Path(path).open("w", encoding="utf-8", buffering=1) as file:
        connect = sqlite3.connect

        def traced(*args: Any, **options: Any) -> sqlite3.Connection:
            con: sqlite3.Connection = connect(*args, **options)
            con.set_trace_callback(lambda sql: print(f"{stood_in(sql)};", file=file))
            return con

        vars(sqlite3)["connect"] = traced
        sys.argv = ["crm", *arguments]
        from crmcli.cli.main import main as crm

        crm()


def stood_in(sql: str) -> str:
    """Return SQL without functions of ours."""
    done = ""
    while found := _NAMED.search(sql):
        arguments, rest = _arguments(sql[found.end() :])
        done, sql = done + sql[: found.start()], _stand_in(found[1], arguments) + rest
    return done + sql


def _stand_in(name: str, arguments: list[str]) -> str:
    """Return what SQLite has for a call; the arguments may hold further ones."""
    match name:
        case "fold":
            return f"lower({arguments[0]})"
        case "crm_now":
            return f"'{clock.now_text()}'"
        case "crm_today":
            return f"'{local_date(clock.now_text(), ZONE)}'"
        case "crm_date":
            return _LOCAL_DAY.format(*arguments)
        case "crm_day":
            return f"CAST(julianday({_LOCAL_DAY.format(*arguments)}) AS INTEGER)"
        case "crm_bucket":
            return f"strftime('{_BUCKETS[arguments[1].strip()]}', {arguments[0]}, 'localtime')"
        case "crm_has_cadences":
            return "0"
        case "crm_cadence":
            return f"COALESCE(NULL, {', '.join(arguments)})"
        case "crm_next_contact":
            return f"COALESCE({arguments[0]}, date(COALESCE({arguments[3]}, {arguments[4]}), '+1 month'))"
    raise Unknown(name)


def _arguments(sql: str) -> tuple[list[str], str]:
    """Return the arguments of the call that SQL goes on with, and what follows it."""
    depth, quoted, found = 0, False, [""]
    for place, character in enumerate(sql):
        quoted ^= character == "'"
        if not quoted:
            if character == ")" and not depth:
                return found, sql[place + 1 :]
            depth += (character == "(") - (character == ")")
            if character == "," and not depth:
                found.append("")
                continue
        found[-1] += character
    raise ValueError("the statement ends within a call")


if __name__ == "__main__":
    main()
