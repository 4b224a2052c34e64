"""Reports that are mailed by the clock: what one is asked by its table of options, and the letter it becomes.

The command of the report reads the options and is not run, so a table takes what ``crm report NAME`` takes, with its
checks. How a letter is written belongs to ``report_mail``.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from typer import Context

from crmcli.cli.exits import as_crm_error
from crmcli.cli.globals import GlobalOption
from crmcli.cli.lazy import Group
from crmcli.cli.registry import ROOT
from crmcli.cli.report_commands import Held, Wanted
from crmcli.cli.report_mail import letter_of
from crmcli.cli.reporting import Asked, own_report, run
from crmcli.cli.session import current
from crmcli.errors import ConfigError, CrmError, UsageError
from crmcli.output.reports import span_of

if TYPE_CHECKING:
    from typer._click.core import Command, Parameter

    from crmcli.config.report_schedules import ReportSchedule, Value
    from crmcli.integrations.messages import Letter

_ROWS = 200  # records that a letter lists
_OF_THE_MAIL = frozenset(Wanted._fields)  # what a schedule says elsewhere, or a mail has no use for


def asked_of(report: str, options: "Mapping[str, Value]") -> Asked:
    """Return what a report is asked by options; UsageError with the nearest name for one that it does not have."""
    command = _command(report)
    words = [*_words(report, _parameters(command), options)]
    held = Held([])
    try:
        command.main(words, f"crm report {report}", standalone_mode=False, obj=held)
    except Exception as error:
        known = as_crm_error(error, current())
        if known is None:
            raise
        raise known from error
    return held.asked[0]


def compose(schedule: "ReportSchedule", at: str) -> "Letter":
    """Return the letter of a schedule for a stored instant; CrmError when the report cannot be made."""
    from datetime import datetime

    asked = asked_of(schedule.report, dict(schedule.options))
    try:
        result = run(schedule.report, asked, rows=_ROWS, now=datetime.fromisoformat(at))
        return letter_of(f"{schedule.name}: {result.title}, {span_of(result)}", asked, result)
    finally:
        current().close()  # what is written next must not wait for it


def check_schedules(schedules: "Iterable[ReportSchedule]") -> None:
    """Raise ConfigError for the first schedule that asks a report for what it does not take."""
    for schedule in schedules:
        try:
            asked_of(schedule.report, dict(schedule.options))
        except CrmError as error:
            raise ConfigError(f"report.schedule {schedule.name}: {error.message}", hint=error.hint) from None


def _command(report: str) -> "Command":
    from crmcli.reports.index import REPORTS, find_report

    if report not in REPORTS and own_report(report) is None:
        find_report(report)  # which says that there is none, and what is near
    entry = ROOT.find("report")
    assert entry is not None  # noqa: S101 - a group of the registry
    group = Group(entry)
    found = group.get_command(Context(group), report)
    assert found is not None  # noqa: S101 - every report is a command
    return found


def _parameters(command: "Command") -> "dict[str, Parameter]":
    """Return the options and the one argument by the keys of a table; the argument is the ``noun``."""
    own = (one for one in command.params if not isinstance(one, GlobalOption) and one.name not in _OF_THE_MAIL)
    return {_key(one): one for one in own}


def _key(one: "Parameter") -> str:
    return "noun" if one.param_type_name == "argument" else str(one.name).replace("_", "-")


def _words(report: str, known: "Mapping[str, Parameter]", options: "Mapping[str, Value]") -> Iterator[str]:
    """Yield the words of a command line that say the same; no value can be taken for an option."""
    from crmcli.domain.schema import did_you_mean

    last = []
    for key, value in options.items():
        found = known.get(key.replace("_", "-"))
        if found is None:
            hint = did_you_mean(key, [*known]) or f"it has {', '.join(known)}"
            raise UsageError(f"the report {report} has no option {key!r}", hint=hint)
        if found.param_type_name == "argument":
            last = ["--", *_texts(value)]
        elif getattr(found, "is_flag", False):
            yield from _switched(report, key, found, value)
        else:
            yield from (f"{max(found.opts, key=len)}={text}" for text in _texts(value))
    yield from last


def _switched(report: str, key: str, found: "Parameter", value: Any) -> Iterator[str]:
    if not isinstance(value, bool):
        raise UsageError(f"the option {key} of the report {report} is true or false, not {value!r}")
    yield from (found.opts if value else found.secondary_opts)[:1]


def _texts(value: "Value") -> list[str]:
    if isinstance(value, tuple):
        return [*map(str, value)]
    return [("yes" if value else "no") if isinstance(value, bool) else str(value)]
