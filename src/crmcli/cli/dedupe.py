"""``crm dedupe``: records that may be one, found, told apart, and merged."""

from collections.abc import Iterable, Mapping
from typing import Annotated

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli import completing
from crmcli.cli.merging import merge_command, same_kind
from crmcli.cli.options import ExitCode, Limit, OutputFormat, count
from crmcli.cli.records import ref_argument
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)

_PAIR = (
    ("ref", "Ref", "text"),
    ("name", "Name", "text"),
    ("other_ref", "Other", "text"),
    ("other_name", "Name", "text"),
)
_SCANNED = (("score", "Score", "int"), ("certainty", "Certainty", "text"), *_PAIR, ("reasons", "Why", "tags"))
_NOUNS = ("lead", "org", "contact")

Nouns = Annotated[
    str | None,
    typer.Argument(
        metavar="[lead|org|contact]",
        help="Which records; all three without.",
        autocompletion=completing.choices(_NOUNS),
    ),
]
MinScore = Annotated[
    int, typer.Option("--min-score", metavar="N", parser=count(0), help="From 0 to 100; 50 by default.")
]
One = Annotated[str, ref_argument(None)]
Other = Annotated[str, ref_argument(None)]


@app.command()
def scan(
    noun: Nouns = None,
    min_score: MinScore = 50,
    limit: Limit = None,
    output: OutputFormat = None,
    exit_code: ExitCode = False,
) -> None:
    """List records that may be one, the likeliest first.

    Strong: the same e-mail, phone, profile, VAT number or domain of an organization. Weak: names that are alike in one
    organization, domain or city, or at a shared address. The ids format prints each record once.

    Examples:
        crm dedupe scan
        crm dedupe scan contact --min-score 80
        crm dedupe scan org -o json
    """
    from crmcli.output.tables import choose_format
    from crmcli.queries.duplicates import rows_of
    from crmcli.queries.duplicates import scan as find_pairs

    session = current()
    form = choose_format(output, session.streams)
    con = session.reader()
    found = [candidate for entity in _entities(noun) for candidate in find_pairs(con, entity, min_score)]
    most = session.settings.rows if limit is None and form == "table" and session.streams.is_terminal else limit
    shown = found if most is None else found[:most]
    _write(rows_of(con, shown), _SCANNED, "duplicates", form, len(found))
    if exit_code and not found:
        raise typer.Exit(1)


@app.command()
@writes
def ignore(one: One, other: Other, asked: Asked) -> None:
    """Remember that two records are not duplicates.

    Examples:
        crm dedupe ignore C7 C9
        crm dedupe ignore C7 C9 --reason "Mother and daughter"
    """
    from crmcli.cli.answers import answer, context
    from crmcli.services import distinctions

    entity, (first, second) = _two(one, other)
    answer(
        distinctions.ignore(context(asked), entity, first, second),
        asked,
        entity,
        verb="Told apart",
        ids=[first, second],
    )


@app.command()
@writes
def unignore(one: One, other: Other, asked: Asked) -> None:
    """Forget that two records are not duplicates.

    Examples:
        crm dedupe unignore C7 C9
    """
    from crmcli.cli.answers import answer, context
    from crmcli.services import distinctions

    entity, (first, second) = _two(one, other)
    result = distinctions.unignore(context(asked), entity, first, second)
    answer(result, asked, entity, verb="No longer told apart", ids=[first, second])


@app.command()
def ignored(noun: Nouns = None, output: OutputFormat = None) -> None:
    """List the pairs that are not duplicates.

    Examples:
        crm dedupe ignored
    """
    from crmcli.queries.duplicates import ignored_rows

    rows = [row for entity in _entities(noun) for row in ignored_rows(current().reader(), entity)]
    _write(rows, _PAIR, "ignored pairs", output, len(rows))


app.command("merge")(
    merge_command(
        None,
        "Merge records of one kind into the first.",
        "crm dedupe merge C7 C9 C12 --dry-run",
        "crm dedupe merge C7 C9 --take email=C9",
        "crm dedupe merge O3 O8 --auto",
    )
)


def _entities(noun: str | None) -> tuple[str, ...]:
    from crmcli.cli.finding import find_noun
    from crmcli.queries.duplicates import SCANNED

    if noun is None:
        return SCANNED
    entity = find_noun(noun).name
    if entity not in SCANNED:
        raise UsageError(
            f"{ENTITIES[entity].plural} are not searched for duplicates", hint=f"one of {', '.join(_NOUNS)}"
        )
    return (entity,)


def _two(one: str, other: str) -> tuple[str, tuple[int, int]]:
    entity, ids = same_kind(None, [one, other])
    if len(ids) < 2:
        raise UsageError(f"{one} and {other} are one record", hint="name two")
    return entity, (ids[0], ids[1])


def _write(
    rows: Iterable[Mapping[str, object]],
    columns: tuple[tuple[str, str, str], ...],
    noun: str,
    output: str | None,
    total: int,
) -> None:
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import Column, Table, write_table

    if output == "ids":
        refs = dict.fromkeys(ref for row in rows for ref in (row["ref"], row["other_ref"]))
        rows, total = [{"ref": ref} for ref in refs], len(refs)
    table = Table(tuple(Column(*column) for column in columns), rows, total, noun=noun)
    write_table(table, current().streams, output, output_options())
