"""``crm import``: records from files, one kind at a time or all exports of another CRM at once, and what came of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli.answers import context
from crmcli.cli.options import OutputFormat
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, Command, asked_parameters, parameter, writes
from crmcli.errors import NotFoundError, PartialError, RefusedError, UsageError

if TYPE_CHECKING:
    from crmcli.domain.schema import Entity
    from crmcli.importing.options import Options
    from crmcli.importing.presets import Kind, Preset
    from crmcli.importing.receipts import Receipt
    from crmcli.importing.sources import Source
    from crmcli.services.imports.job import File, Progress
    from crmcli.services.results import Context

app = typer.Typer(add_completion=False)

_LISTED = (("job", "Job", "int"), ("at", "When", "instant"), ("file", "File", "text"), ("entity", "Of", "text"),
           ("preset", "Read as", "text"), ("rows", "Rows", "int"), ("created", "Created", "int"),
           ("updated", "Updated", "int"), ("unchanged", "Unchanged", "int"), ("rejected", "Rejected", "int"),
           ("undone", "Taken back", "bool"))  # fmt: skip


class Wishes(NamedTuple):
    """How a file is to be read and what may come of it, as given on the command line."""

    preset: str | None = None
    map: list[str] | None = None
    stage_map: list[str] | None = None
    date_format: str | None = None
    number_format: str | None = None
    key: str | None = None
    update: bool = False
    create: bool = False
    strict: bool = False
    pipeline: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    rejects: Path | None = None
    with_rules: bool = False
    strict_rows: bool = False


def _option(*names: str, help: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, metavar=metavar, help=help)


_ANNOTATIONS: dict[str, Any] = {
    "preset": Annotated[str | None, _option(metavar="NAME", help="Read it so; see crm import preset list.")],
    "map": Annotated[
        list[str] | None, _option("--map", metavar="COLUMN=FIELD", help="What a column becomes; can be repeated.")
    ],
    "stage_map": Annotated[
        list[str] | None, _option(metavar="A=B", help="Read a stage or status A as B; can be repeated.")
    ],
    "date_format": Annotated[str | None, _option(metavar="FORMAT", help="Such as DD/MM/YYYY or MM/DD/YYYY.")],
    "number_format": Annotated[str | None, _option(metavar="en|it", help="1,234.50 or 1.234,50.")],
    "key": Annotated[str | None, _option(metavar="FIELD", help="Find records that are here by this field.")],
    "update": Annotated[bool, _option("--update", help="Change records that are here already.")],
    "create": Annotated[bool, _option("--create", help="Create what rows name and is not here.")],
    "strict": Annotated[bool, _option("--strict", help="Create nothing but the rows' own records.")],
    "pipeline": Annotated[str | None, _option(metavar="NAME", help="The pipeline of all deals of the file.")],
    "delimiter": Annotated[str | None, _option(metavar="CHARACTER", help="Between the cells; found by default.")],
    "encoding": Annotated[str | None, _option(metavar="NAME", help="Such as utf-8, cp1252; found by default.")],
    "rejects": Annotated[Path | None, _option(metavar="FILE", help="Where rejected rows go; a folder for auto.")],
    "with_rules": Annotated[bool, _option("--with-rules", help="Let every rule act on the rows.")],
    "strict_rows": Annotated[bool, _option("--strict-rows", help="Refuse the file on its first bad row.")],
}


def _command(name: str, doc: str, source: Parameter, run: Callable[[Any, Wishes, Asked], None]) -> None:
    """Register a command that takes a file, or several, and all the wishes."""

    def call(**given: Any) -> None:
        wishes = Wishes(**{key: given.pop(key) for key in Wishes._fields})
        asked = Asked(**{key: given.pop(key) for key in Asked._fields})
        run(given[source.name], wishes, asked)

    wished = [parameter(key, _ANNOTATIONS[key], Wishes._field_defaults[key]) for key in Wishes._fields]
    app.command(name)(Command(name, doc, call, [source, *wished, *asked_parameters()]))


_FILE = parameter("file", Annotated[str, typer.Argument(metavar="FILE", help="A CSV file; - is standard input.")], ...)
_PATHS = parameter("paths", Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders.")], ...)


def _add_noun(noun: str, entity: "Entity") -> None:
    doc = f"""Import {entity.plural} from a CSV file.

    Good rows go in as one step that undo takes back; bad rows go to a file of their own, which can be mended and
    imported. The same file again changes nothing. Columns are known by their headers; --map says what they are.

    Examples:
        crm import {noun} {noun}s.csv --dry-run
        crm import {noun} {noun}s.csv --create --map "Kunde=name"
        crm import {noun} - < {noun}s.csv
    """
    _command(noun, doc, _FILE, lambda file, wishes, asked: _import_file(entity.name, file, wishes, asked))


for _entity in ENTITIES.values():
    if _entity.letter:
        _add_noun(_entity.noun, _entity)


def _import_file(entity: str, named: str, wishes: Wishes, asked: Asked) -> None:
    from crmcli.domain.text import slug
    from crmcli.importing.presets import choose_kind
    from crmcli.importing.sources import open_source, read_header

    if wishes.create and wishes.strict:
        raise UsageError("--create and --strict contradict each other")
    with open_source(named, encoding=wishes.encoding, delimiter=wishes.delimiter) as source:
        kind = choose_kind(read_header(source), _presets(), entity, wishes.preset)
        stem = "stdin" if named == "-" else Path(named).stem
        file = _prepared(source, kind, wishes, slug(stem), wishes.rejects or _rejects_folder() / _rejects_name(stem))
        receipts = _run([file], [named], wishes, asked, create=wishes.create)
    _tell(receipts, asked, several=False)


def _import_all(paths: Sequence[Path], wishes: Wishes, asked: Asked) -> None:
    from crmcli.domain.text import slug
    from crmcli.importing.plan import plan_files
    from crmcli.importing.presets import find_preset
    from crmcli.importing.sources import open_source

    presets = _presets()
    if wishes.preset:
        presets = {wishes.preset: find_preset(presets, wishes.preset)}
    plan = plan_files(paths, presets, encoding=wishes.encoding, delimiter=wishes.delimiter)
    for path in plan.unrecognised:
        current().streams.note(f"left out, not recognised: {path}")
    folder = wishes.rejects or _rejects_folder()
    with ExitStack() as opened:
        files = []
        for number, planned in enumerate(plan.files, start=1):
            given = open_source(str(planned.path), encoding=wishes.encoding, delimiter=wishes.delimiter)
            rejects = folder / _rejects_name(f"{number}-{planned.path.stem}")
            stem = slug(planned.path.stem)
            files.append(_prepared(opened.enter_context(given), planned.kind, wishes, stem, rejects))
        receipts = _run(files, [str(path) for path in paths], wishes, asked, create=not wishes.strict)
    _tell(receipts, asked, several=True)


_AUTO = """Recognise the exports of another CRM and import them all.

    Files are recognised by their headers, put in order (organizations, contacts, leads, deals, activities, tickets)
    and linked. Missing owners, pipelines and organizations are created, unless --strict. All files are one step.

    Examples:
        crm import auto hubspot-export/
        crm import auto accounts.csv opportunities.csv --dry-run
    """
_command("auto", _AUTO, _PATHS, _import_all)


@app.command("list")
def list_(output: OutputFormat = None) -> None:
    """List imports.

    Examples:
        crm import list
    """
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.queries.imports import list_jobs

    columns = tuple(Column(*column) for column in _LISTED)
    table = Table(columns, list_jobs(current().reader()), noun="imports")
    write_table(table, current().streams, output, output_options())


Job = Annotated[int, typer.Argument(metavar="JOB", help="Number of an import; see crm import list.")]


@app.command()
def show(job: Job, output: OutputFormat = None) -> None:
    """Show the receipt of an import.

    Examples:
        crm import show 3
        crm import show 3 -o json
    """
    from crmcli.cli.receipts import receipt_lines
    from crmcli.output.records import write_object

    streams = current().streams
    found = _job(job)
    if _is_json(output):
        write_object(found, streams)
        return
    for line in receipt_lines(found["receipt"] | {"job": job}, mapping=True):
        streams.data(line)
    if found["undone"]:
        streams.data("  taken back")


@app.command()
@writes
def undo(
    job: Job,
    force: Annotated[bool, typer.Option("--force", help="Put the old values back over later changes too.")] = False,
    *,
    asked: Asked,
) -> None:
    """Take an import back.

    Exactly what the import did goes back, updates included. Files imported by one command are one step.

    Examples:
        crm import undo 3
        crm import undo 3 --yes
    """
    from crmcli.cli.undo import take_back
    from crmcli.queries.history import undo_stack
    from crmcli.queries.imports import jobs_of

    con = current().reader()
    operation = _job(job)["operation"]
    step = next((step for step in undo_stack(con) if step["id"] == operation), None)
    if step is None:
        raise RefusedError(f"import {job} is taken back already", code="undo.empty", hint="crm import list")
    together = [str(other) for other in jobs_of(con, operation) if other != job]
    if together:
        current().streams.note(f"imports of the same command go with it: {', '.join(together)}")
    take_back([step], asked, kind="undo", done="Took back", force=force, again=f"crm import undo {job}")


def _job(number: int) -> dict[str, Any]:
    from crmcli.queries.imports import get_job

    found = get_job(current().reader(), number)
    if found is None:
        raise NotFoundError("import", str(number), hint="crm import list")
    return found


def _presets() -> "dict[str, Preset]":
    from crmcli.importing.presets import load_presets

    return load_presets(current().paths.config)


def _prepared(source: "Source", kind: "Kind", wishes: Wishes, system: str, rejects: Path) -> "File":
    from crmcli.importing.rows import prepare
    from crmcli.services.imports.job import File

    prepared = prepare(source, kind, _options(wishes, system))
    for notice in prepared.notices:
        current().streams.note(f"{source.label}: {notice}")
    return File(prepared, rejects)


def _options(wishes: Wishes, system: str) -> "Options":
    from crmcli.importing.options import Options
    from crmcli.queries.fields import custom_fields
    from crmcli.queries.imports import stage_kinds

    session = current()
    con = session.reader()
    return Options(
        zone=session.zone,
        maps=_pairs(wishes.map, "--map", "COLUMN=FIELD"),
        stage_map=_pairs(wishes.stage_map, "--stage-map", "A=B"),
        stage_kinds=stage_kinds(con),
        custom=custom_fields(con),
        date_format=wishes.date_format,
        number_format=wishes.number_format,
        pipeline=wishes.pipeline,
        system=system,
    )


def _pairs(given: list[str] | None, option: str, form: str) -> dict[str, str]:
    pairs = {}
    for text in given or ():
        left, equals, right = text.rpartition("=")
        if not equals or not left:
            raise UsageError(f"{option} takes {form}, not {text!r}")
        pairs[left.strip()] = right.strip()
    return pairs


def _rejects_folder() -> Path:
    return current().paths.state / "imports"


def _rejects_name(stem: str) -> str:
    from crmcli import clock

    return f"{clock.now():%Y%m%dT%H%M%S}-{stem}.rejects.csv"


def _run(
    files: "Sequence[File]", named: Sequence[str], wishes: Wishes, asked: Asked, *, create: bool
) -> "list[Receipt]":
    from crmcli.services.imports.job import Terms, run_import

    terms = Terms(create, wishes.update, wishes.key, wishes.strict_rows)
    given = _context(named, wishes, asked)
    with _progress() as progress:
        return run_import(given, files, terms, progress)


def _context(named: Sequence[str], wishes: Wishes, asked: Asked) -> "Context":
    """Return what the service is called with; the history keeps the names of files, as the jobs do."""
    from dataclasses import replace

    given = context(asked, kind="import", plain=named)
    return replace(given, command=replace(given.command, with_rules=wishes.with_rules, explain=asked.explain))


@contextmanager
def _progress() -> "Iterator[Progress]":
    """Show on a terminal how far the file is that is being imported."""
    from crmcli.output.progress import Progress

    shown: dict[Path, Progress] = {}
    with ExitStack() as opened:

        def tell(file: "File", done: int, rejected: int) -> None:
            if file.rejects not in shown:
                opened.close()
                prepared = file.prepared
                line = Progress(current().streams, prepared.source.label, prepared.decisions.rows)
                shown[file.rejects] = opened.enter_context(line)
            shown[file.rejects].update(done, rejected)

        yield tell


def _tell(receipts: "Sequence[Receipt]", asked: Asked, *, several: bool) -> None:
    """Write the receipts: for people on standard error, for programs on standard output; PartialError for bad rows."""
    from crmcli.cli.receipts import receipt_lines
    from crmcli.domain.plurals import counted
    from crmcli.output.json import dumps

    streams = current().streams
    if asked.dry_run:
        streams.note("Dry run: nothing was saved")
    if not receipts:
        streams.note("this was done before, under the same key")
    told = [receipt.as_json() for receipt in receipts]
    if _is_json(asked.output):
        streams.write(dumps(told if several else told[0] if told else {}, indent=2) + "\n")
    else:
        for receipt in told:
            for line in receipt_lines(receipt, mapping=asked.dry_run or current().verbose > 0):
                streams.note(line)
    rejected = sum(receipt.rejected for receipt in receipts)
    if rejected:
        written = [receipt.rejects_file for receipt in receipts if receipt.rejects_file]
        hint = f"mend them and import the file they are in: {', '.join(written)}" if written else None
        rows = f"{counted(rejected, 'row')} {'was' if rejected == 1 else 'were'}"
        raise PartialError(f"{rows} rejected", hint=hint, code="import.rejected")


def _is_json(output: str | None) -> bool:
    if output not in (None, "table", "json"):
        raise UsageError(f"a receipt is told as text or json, not {output!r}")
    return output == "json"
