"""The options that commands share, each defined once, as types for the parameters of command functions.

What an option means to a noun stays in the noun's module; what the program as a whole takes is in ``cli.globals``.
"""

from typing import Annotated

import typer


def _formats(incomplete: str) -> list[str]:
    from crmcli.output.tables import FORMATS

    return [name for name in FORMATS if name.startswith(incomplete)]


# Reading
OutputFormat = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FORMAT",
        help="table, json, jsonl, csv, tsv, ids or md. Default: table on a terminal, tsv elsewhere.",
        autocompletion=_formats,
    ),
]
Where = Annotated[str | None, typer.Option(metavar="CONDITION", help="Only records that fit; see crm help conditions.")]
View = Annotated[str | None, typer.Option(metavar="NAME", help="Condition, columns and order of a saved view.")]
Sort = Annotated[str | None, typer.Option(metavar="FIELDS", help="Order, such as amount,-created_at.")]
Columns = Annotated[str | None, typer.Option(metavar="FIELDS", help="Columns, such as ref,name,owner.")]
Limit = Annotated[int | None, typer.Option(metavar="N", min=0, help="At most so many records.")]
Offset = Annotated[int, typer.Option(metavar="N", min=0, help="Leave out the first ones.", show_default=False)]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit 1 when nothing matched.")]
Period = Annotated[str | None, typer.Option(metavar="PERIOD", help="Such as 2026-Q1, 30d, last-month, all.")]
By = Annotated[str | None, typer.Option(metavar="FIELD", help="One group for each value of the field.")]

# Writing
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, change nothing.")]
Explain = Annotated[bool, typer.Option("--explain", help="Show the chain of rules.")]
NoRules = Annotated[bool, typer.Option("--no-rules", help="Let no rule act; recorded in the history.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Answer every question with yes.")]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why; kept in the history.")]
At = Annotated[str | None, typer.Option(metavar="WHEN", help="When it happened; see crm help dates.")]
IdempotencyKey = Annotated[
    str | None, typer.Option(metavar="KEY", help="Answer a repeated command with its first result.")
]
AllowDuplicate = Annotated[bool, typer.Option("--allow-duplicate", help="Add it even if it seems to exist.")]
Create = Annotated[bool, typer.Option("--create", help="Create linked records that do not exist.")]
Max = Annotated[int | None, typer.Option(metavar="N", min=0, help="Allow a mass change of up to N records.")]
Set = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set any field; can be repeated.")]
Unset = Annotated[list[str] | None, typer.Option("--unset", metavar="KEY", help="Empty a field; can be repeated.")]
Note = Annotated[str | None, typer.Option(metavar="TEXT", help="A note to go with it.")]
