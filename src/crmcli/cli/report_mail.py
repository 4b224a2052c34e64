"""Reports as letters, and those that are mailed now, by ``--mail``; by the clock they are in ``report_scheduled``."""

from typing import TYPE_CHECKING

import typer

from crmcli.cli.report_asked import Asked
from crmcli.cli.session import current
from crmcli.output.reports import report_card, span_of

if TYPE_CHECKING:
    from crmcli.integrations.messages import Letter
    from crmcli.reports.result import ReportResult


def mail_report(name: str, asked: Asked, result: "ReportResult", to: list[str]) -> None:
    """Mail a report now and tell what came of it."""
    from crmcli.cli.masking import masked
    from crmcli.services.report_mails import send_report
    from crmcli.services.results import Command, Context

    session = current()
    letter = letter_of(f"{result.title}, {span_of(result)}", asked, result)
    session.close()
    command = Command(masked(session.arguments), "\0".join(session.arguments), kind="report")
    context = Context(session.store_path, session.settings, command, session.paths.rules, session.paths)
    delivered = send_report(context, name, to, letter)
    for warning in delivered.warnings:
        session.streams.warn(warning)
    if delivered.has_failed:
        raise typer.Exit(8)
    session.streams.note(f"the report {name} is on its way to {', '.join(to)}")


def letter_of(subject: str, asked: Asked, result: "ReportResult") -> "Letter":
    """Return a letter to nobody yet; it tells period, filter and moment before all else."""
    from crmcli import clock
    from crmcli.domain.zones import wall_shown
    from crmcli.integrations.messages import Letter
    from crmcli.output.pages import card_html, card_text
    from crmcli.output.records import Fact
    from crmcli.output.tables import Options

    session = current()
    card = report_card(result, current().locale)
    asked_for = (Fact("Filter", asked.where or "none"), Fact("Groups", asked.by or "none"))
    made = Fact("Made", f"{wall_shown(clock.now_text(), session.zone)} {session.zone}")
    notes = tuple(Fact("Note", text) for text in (*result.notes, *result.warnings))
    card = card._replace(fields=(*asked_for, made, *card.fields, *notes))
    options = Options(session.locale, session.zone, pager=False)
    return Letter("", subject, card_text(card, options), card_html(card, options))
