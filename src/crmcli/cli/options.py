"""The options that commands share, each defined once, as types for the parameters of command functions.

What an option means to a noun stays in the noun's module; what the program as a whole takes is in ``cli.globals``.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from crmcli.cli.completing import choices
from crmcli.output.formats import FORMATS, RECEIPT, WITHOUT_REFS


def format_option(formats: Sequence[str], default: str = "table on a terminal, tsv elsewhere", *also: str) -> Any:
    """Return the option that names one of the formats that a command writes; it may have further names."""
    return typer.Option(
        "--output",
        "-o",
        *also,
        metavar="FORMAT",
        help=f"{', '.join(formats[:-1])} or {formats[-1]}. Default: {default}.",
        autocompletion=choices(formats),
    )


def count(least: int = 0) -> Callable[[str], int]:
    """Return what reads a count that a person types, of at least so many."""

    def read(text: str) -> int:
        from crmcli.domain.counts import parse_count

        try:
            return parse_count(str(text), least)  # a default comes as a number
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None

    return read


# Reading
OutputFormat = Annotated[str | None, format_option(FORMATS)]
FormatWithoutRefs = Annotated[str | None, format_option(WITHOUT_REFS)]
ReceiptFormat = Annotated[str | None, format_option(RECEIPT, "table")]
Where = Annotated[str | None, typer.Option(metavar="CONDITION", help="Only records that fit; see crm help conditions.")]
View = Annotated[str | None, typer.Option(metavar="NAME", help="Condition, columns and order of a saved view.")]
Sort = Annotated[str | None, typer.Option(metavar="FIELDS", help="Order, such as amount,-created_at.")]
Columns = Annotated[str | None, typer.Option(metavar="FIELDS", help="Columns, such as ref,name,owner.")]
Limit = Annotated[int | None, typer.Option(metavar="N", parser=count(), help="At most so many records.")]
Offset = Annotated[int, typer.Option(metavar="N", parser=count(), help="Leave out the first ones.", show_default=False)]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit 1 when nothing matched.")]
Period = Annotated[str | None, typer.Option(metavar="PERIOD", help="Such as 2026-Q1, 30d, last-month, all.")]
By = Annotated[str | None, typer.Option(metavar="FIELD", help="One group for each value of the field.")]

# Writing
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, change nothing.")]
Explain = Annotated[bool, typer.Option("--explain", help="Show the chain of rules.")]
NoRules = Annotated[bool, typer.Option("--no-rules", help="Let no rule act; recorded in the history.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until what rules send has gone out.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Answer every question with yes.")]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why; kept in the history.")]
At = Annotated[str | None, typer.Option(metavar="WHEN", help="When it happened; see crm help dates.")]
IdempotencyKey = Annotated[
    str | None, typer.Option(metavar="KEY", help="Answer a repeated command with its first result.")
]
AllowDuplicate = Annotated[bool, typer.Option("--allow-duplicate", help="Add it even if it seems to exist.")]
Create = Annotated[bool, typer.Option("--create", help="Create linked records that do not exist.")]
Max = Annotated[int | None, typer.Option(metavar="N", parser=count(), help="Allow N removals or messages.")]
Set = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set any field; can be repeated.")]
Unset = Annotated[list[str] | None, typer.Option("--unset", metavar="KEY", help="Empty a field; can be repeated.")]
Note = Annotated[str | None, typer.Option(metavar="TEXT", help="A note to go with it.")]
