"""``crm help TOPIC``: what holds for many commands and belongs to the help of none."""

from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from crmcli.cli.session import current
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)

_CONDITIONS = """\
A condition says which records are meant: --where of lists, exports and bulk edits,
saved views, the `when` of rules.

  crm deal list --where "stage = proposal and amount >= 10k and expected_close <= +30d"
  crm lead list --where "rating = hot and not (source in [ads, event]) and tags has vip"
  crm contact list --where "email is empty or phone is empty"
  crm org list --where "country = IT and name ~ rossi"

Comparing    =  !=  <  <=  >  >=
Text         ~  contains, !~ does not; case and accents do not matter
Missing      is empty, is not empty
Lists        source in [web, ads]     tags has vip     tags has [vip, it] (all of them)
Ranges       created between 2026-01-01 and 2026-03-31
Joining      and, or, not, ( ); `and` binds tighter than `or`
Yes or no    a field by itself: overdue, not open
Next record  organization.country, contact.email: at most two hops
Your fields  by their key: budget > 10k
References   owner = me     organization = O3     contact = anna@example.com
Amounts      10000, 10k, 1.5M, and with a currency: amount >= 10k EUR

Words need quotes only when they hold spaces or punctuation. A comparison with a missing
value is false; `!=`, `!~`, `not in` and `not has` are true then. A date without a time
means the whole day. `crm help dates` tells how dates are written.
"""

_DATES = """\
Dates and times are read the same way everywhere: --due, --when, --at, conditions.

Exactly      2026-03-20     2026-03-20T09:00     2026-03-20 9:00
Words        today, tomorrow, yesterday, now, noon; next friday, last month, in 3 days, 2 weeks ago
Days         20 march, 1st of april, the 15th, monday next week; without a year the nearest
In Italian   oggi, dopodomani, venerdì prossimo, tra 3 giorni, alle 15, primo aprile, metà mese
Distances    +3d -2w +1m +1y +4h +20min   (m is a month)
Edges        sow eow som eom soq eoq soy eoy: start and end of week, month, quarter, year;
             end of next month, mid april
With a time  tomorrow 9am     tomorrow 9     next friday 15:30     domani alle 9     stasera alle 8
Time of day  tomorrow morning, stasera: morning is 9:00, afternoon 15:00, evening 19:00, night 21:00
In figures   20/3/2026; 3/4 fits two days and is refused, unless the locale is `it`: day first

A day alone is a day and not its midnight: a task due today is overdue tomorrow.
A length of time is 20m, 1h30, 90s or 2h (here m is a minute).
A period is 2026, 2026-Q1, 2026-03, 2026-03-01..2026-03-31, 30d, this-month, last-quarter or all.

Dates are read and shown in the zone of `crm config get timezone`; programs get UTC.
--as-of or CRMCLI_NOW sets what "now" is for one command.
"""

_VARIABLES = (
    ("CRMCLI_HOME", "one folder for configuration, data, state and cache; else the XDG folders"),
    ("CRMCLI_DB", "the store, as --db"),
    ("CRMCLI_NOW", "a fixed clock, as --as-of"),
    ("VISUAL, EDITOR", "the program that edits a record or the configuration"),
    ("CRMCLI_<ACCOUNT>_PASSWORD", "the password of an account; no program inherits it"),
    ("CRMCLI_WEBHOOK_SECRET", "what web hooks are signed with"),
    ("CRMCLI_SMS_SECRET", "the token of the gateway for text messages"),
    ("CRMCLI_PAGER, PAGER", "the program that shows what is longer than the screen"),
    ("NO_COLOR, FORCE_COLOR", "no colours, or colours off a terminal too; --color wins"),
    ("COLUMNS, LINES", "the size of the screen"),
    ("TZ", "the zone, where the configuration names none"),
)


def _conditions() -> Iterator[str]:
    yield _CONDITIONS.rstrip()


def _dates() -> Iterator[str]:
    yield _DATES.rstrip()


def _environment() -> Iterator[str]:
    from crmcli.config.settings import SETTINGS

    yield "An option wins over a variable, a variable over the configuration file, that over the default."
    yield ""
    yield from _listed(_VARIABLES)
    yield ""
    yield from _listed([(f"CRMCLI_{key.upper()}", setting.help) for key, setting in SETTINGS.items()])


def _exit_codes() -> Iterator[str]:
    from crmcli.cli.exits import MEANINGS

    yield from _listed([(str(code), meaning) for code, meaning in MEANINGS])


def _listed(pairs: "tuple[tuple[str, str], ...] | list[tuple[str, str]]") -> Iterator[str]:
    width = max(len(name) for name, _ in pairs)
    return (f"{name.ljust(width)}  {meaning}" for name, meaning in pairs)


TOPICS: dict[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "exit-codes": ("What the exit code of a command means.", _exit_codes),
    "conditions": ("How --where says which records are meant.", _conditions),
    "dates": ("How dates, times and periods are written.", _dates),
    "environment": ("Which variables matter.", _environment),
}


def _topics(incomplete: str) -> list[str]:
    return [topic for topic in TOPICS if topic.startswith(incomplete)]


@app.command("help")
def help_(
    topic: Annotated[
        str | None, typer.Argument(metavar="[TOPIC]", help=", ".join(TOPICS), autocompletion=_topics)
    ] = None,
) -> None:
    """Explain a topic: exit-codes, conditions, dates, environment.

    Examples:
        crm help conditions
        crm help exit-codes
    """
    if topic is None:
        lines = _listed([(name, summary) for name, (summary, _) in TOPICS.items()])
    elif topic in TOPICS:
        lines = TOPICS[topic][1]()
    else:
        from crmcli.domain.schema import did_you_mean

        near = did_you_mean(topic, list(TOPICS))
        raise UsageError(f"there is no topic {topic!r}", hint=near or f"one of {', '.join(TOPICS)}")
    current().streams.data("\n".join(lines))
