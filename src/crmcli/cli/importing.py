"""``crm import``: records from files, one kind at a time or all exports of another CRM at once, and what came of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli.answers import context
from crmcli.cli.options import ReceiptFormat, count
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, Command, asked_parameters, parameter
from crmcli.errors import PartialError, UsageError
from crmcli.output.formats import RECEIPT

if TYPE_CHECKING:
    from crmcli.domain.schema import Entity
    from crmcli.importing.presets import Kind
    from crmcli.importing.sources import Source
    from crmcli.services.imports.job import File, Imported, Progress, Terms
    from crmcli.services.results import Context

app = typer.Typer(add_completion=False)


class Wishes(NamedTuple):
    """How a file is to be read and what may come of it, as given on the command line."""

    preset: str | None = None
    map: list[str] | None = None
    stage_map: list[str] | None = None
    owner_map: list[str] | None = None
    date_format: str | None = None
    number_format: str | None = None
    key: str | None = None
    update: bool = False
    blank_erases: bool = False
    consent_basis: str | None = None
    consent_date: str | None = None
    create: bool = False
    strict: bool = False
    pipeline: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    rejects: Path | None = None
    include_private: bool = False
    with_rules: bool = False
    strict_rows: bool = False
    batch: int | None = None


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
    "owner_map": Annotated[
        list[str] | None, _option(metavar="A=B", help="Read an owner A as your user B; can be repeated.")
    ],
    "date_format": Annotated[str | None, _option(metavar="FORMAT", help="Such as DD/MM/YYYY or MM/DD/YYYY.")],
    "number_format": Annotated[str | None, _option(metavar="en|it", help="1,234.50 or 1.234,50.")],
    "key": Annotated[str | None, _option(metavar="FIELD", help="Find records that are here by this field.")],
    "update": Annotated[bool, _option("--update", help="Change records that are here already.")],
    "blank_erases": Annotated[bool, _option("--blank-erases", help="With --update: a blank cell empties its field.")],
    "consent_basis": Annotated[
        str | None, _option(metavar="BASIS", help="Take columns that tell who agreed; what that rests on.")
    ],
    "consent_date": Annotated[
        str | None, _option(metavar="WHEN", help="When they agreed, where no column says (consent_at).")
    ],
    "create": Annotated[bool, _option("--create", help="Create what rows name and is not here.")],
    "strict": Annotated[bool, _option("--strict", help="Create nothing but the rows' own records.")],
    "pipeline": Annotated[str | None, _option(metavar="NAME", help="The pipeline of all deals of the file.")],
    "delimiter": Annotated[str | None, _option(metavar="CHARACTER", help="Between the cells; found by default.")],
    "encoding": Annotated[str | None, _option(metavar="NAME", help="Such as utf-8, cp1252; found by default.")],
    "rejects": Annotated[Path | None, _option(metavar="FILE", help="Where rejected rows go; a folder for auto.")],
    "include_private": Annotated[bool, _option("--include-private", help="Take rows that are marked private too.")],
    "with_rules": Annotated[bool, _option("--with-rules", help="Let every rule act on the rows.")],
    "batch": Annotated[
        int | None, typer.Option(metavar="N", parser=count(1), help="Save after every N rows, to go on if stopped.")
    ],
    "strict_rows": Annotated[bool, _option("--strict-rows", help="Refuse the file on its first bad row.")],
}


def _command(name: str, doc: str, source: Parameter, run: Callable[[Any, Wishes, Asked], None]) -> None:
    """Register a command that takes a file, or several, and all the wishes."""

    def call(**given: Any) -> None:
        wishes = Wishes(**{key: given.pop(key) for key in Wishes._fields})
        asked = Asked(**{key: given.pop(key) for key in Asked._fields})
        _check(wishes)
        _check_rejects(wishes.rejects, in_folder=source is _PATHS)
        run(given[source.name], wishes, asked)

    wished = [parameter(key, _ANNOTATIONS[key], Wishes._field_defaults[key]) for key in Wishes._fields]
    app.command(name)(Command(name, doc, call, [source, *wished, *asked_parameters(output=ReceiptFormat)]))


_FILE_HELP = "A file, or a folder of items; - is standard input."
_FILE = parameter("file", Annotated[str, typer.Argument(metavar="FILE", help=_FILE_HELP)], ...)
_PATHS = parameter("paths", Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders.")], ...)


_TITLES = {"lead": "full_name", "org": "name", "contact": "full_name", "deal": "name", "event": "title"}


def _add_noun(noun: str, entity: "Entity") -> None:
    doc = f"""Import {entity.plural} from a file.

    CSV, Excel, JSON, vCard, iCalendar or mail, told apart by what stands in it, of this program or another.
    Good rows go in as one step that undo takes back; bad rows go to a file of their own, which can be mended and
    imported. The same file again changes nothing. Columns are known by their headers; --map says what they are.

    Examples:
        crm import {noun} {noun}s.csv --dry-run
        crm import {noun} {noun}s.csv --create --map "Kunde={_TITLES.get(noun, "subject")}"
        crm import {noun} - < {noun}s.csv
    """
    _command(noun, doc, _FILE, lambda file, wishes, asked: _import_file(entity.name, file, wishes, asked))


for _entity in ENTITIES.values():
    if _entity.letter:
        _add_noun(_entity.noun, _entity)


def _import_file(entity: str, named: str, wishes: Wishes, asked: Asked) -> None:
    from crmcli.cli.import_reading import ask_kind, presets
    from crmcli.importing.plan import kinds_of
    from crmcli.importing.presets import ORDER, choose_kind
    from crmcli.importing.sources import open_source, read_header

    with open_source(named, encoding=wishes.encoding, delimiter=wishes.delimiter) as source:
        known, header = presets(), read_header(source)
        own = choose_kind(header, known, entity, wishes.preset, label=source.label, choose=ask_kind)
        kinds = [own] if wishes.strict else kinds_of(own, header, known[own.preset])
        if not wishes.create:  # what a record is linked to is made on demand only; what completes it comes along
            kinds = [kind for kind in kinds if ORDER.index(kind.entity) >= ORDER.index(own.entity)]
        files = [_file(source, kind, wishes, named, "" if kind is own else kind.name) for kind in kinds]
        done = _run(files, [named], wishes, asked, create=wishes.create)
        if source.folder:
            _tell_missing(source)
    _tell(done, asked, several=len(files) > 1)


def _tell_missing(source: "Source") -> None:
    """Tell of records that came from a folder and whose files are gone from it; they stay."""
    from crmcli.domain.plurals import listed
    from crmcli.importing.sources import identities
    from crmcli.queries.imports import missing_items

    refs = missing_items(current().reader(), source.label, identities(source))
    if refs:
        current().streams.note(f"{source.label}: no longer in it, and not removed here: {listed(refs)}")


def _import_all(paths: Sequence[Path], wishes: Wishes, asked: Asked) -> None:
    from crmcli.cli.import_reading import ask_kind, presets
    from crmcli.importing.plan import plan_files
    from crmcli.importing.presets import find_preset
    from crmcli.importing.sources import open_source

    known = presets()
    if wishes.preset:
        known = {wishes.preset: find_preset(known, wishes.preset)}
    plan = plan_files(paths, known, encoding=wishes.encoding, delimiter=wishes.delimiter, choose=ask_kind)
    for path in plan.unrecognised:
        current().streams.note(f"left out, not recognised: {path}")
    with ExitStack() as opened:
        files = []
        for number, planned in enumerate(plan.files, start=1):
            given = open_source(str(planned.path), encoding=wishes.encoding, delimiter=wishes.delimiter)
            source = opened.enter_context(given)
            files.append(_file(source, planned.kind, wishes, str(planned.path), str(number)))
        done = _run(files, [str(path) for path in paths], wishes, asked, create=not wishes.strict)
    _tell(done, asked, several=True)


def _file(source: "Source", kind: "Kind", wishes: Wishes, named: str, part: str) -> "File":
    """Return a file ready to be imported; ``part`` tells its rejects file from those of the same command."""
    from crmcli.cli.import_reading import options_of, prepared
    from crmcli.domain.text import slug

    stem = "stdin" if named == "-" else Path(named).stem
    options = options_of(
        maps=wishes.map,
        stage_map=wishes.stage_map,
        owner_map=wishes.owner_map,
        date_format=wishes.date_format,
        number_format=wishes.number_format,
        pipeline=wishes.pipeline,
        system=slug(stem),
        include_private=wishes.include_private,
        blank_erases=wishes.blank_erases,
        consent_basis=wishes.consent_basis,
        consent_date=wishes.consent_date,
    )
    asked = _named_rejects(wishes.rejects, part)
    return prepared(source, kind, options, asked or _new_rejects(wishes.rejects, stem, part), beside=not asked)


_AUTO = """Recognise the exports of another CRM and import them all.

    Files are recognised by their headers, put in order (organizations, contacts, leads, deals, activities, tickets)
    and linked. Missing owners, pipelines and organizations are created, unless --strict. All files are one step.

    Examples:
        crm import auto hubspot-export/
        crm import auto accounts.csv opportunities.csv --dry-run
    """
_command("auto", _AUTO, _PATHS, _import_all)


def _check(wishes: Wishes) -> None:
    """Refuse wishes that make no sense together."""
    if wishes.create and wishes.strict:
        raise UsageError("--create and --strict contradict each other", hint="leave out one of them")
    if wishes.consent_date and not wishes.consent_basis:
        raise UsageError("--consent-date is about consents: say what they rest on by --consent-basis")
    if wishes.blank_erases and not wishes.update:
        raise UsageError("--blank-erases is about records that --update changes", hint="--update --blank-erases")


def _check_rejects(asked: Path | None, *, in_folder: bool) -> None:
    """Refuse a place for rejects that is not there: a slip of the pen makes no folders."""
    if asked is None or asked.is_dir():
        return
    folder = asked if in_folder else asked.parent
    if not folder.is_dir():
        from shlex import quote

        hint = None if folder.exists() else f"mkdir -p {quote(str(folder))}"
        raise UsageError(f"--rejects: there is no folder {folder}", hint=hint, code="rejects.no_folder")


def _named_rejects(asked: Path | None, part: str) -> Path | None:
    """Return the file asked for where rejected rows go, or one beside it; None when it is not named."""
    if asked is None or part.isdecimal() or asked.is_dir():
        return None
    return asked.with_stem(f"{asked.stem}-{part}") if part else asked


def _new_rejects(folder: Path | None, stem: str, part: str) -> Path:
    """Return what a file of rejected rows is called that nobody named."""
    from crmcli import clock
    from crmcli.importing.receipts import REJECTS

    name = f"{f'{part}-' if part else ''}{stem}"
    return (folder or current().paths.state / "imports") / f"{clock.now():%Y%m%dT%H%M%S}-{name}{REJECTS}"


def _run(files: "Sequence[File]", named: Sequence[str], wishes: Wishes, asked: Asked, *, create: bool) -> "Imported":
    from crmcli.services.imports.batches import import_in_batches
    from crmcli.services.imports.job import Imported, Terms, run_import

    terms = Terms(create, wishes.update, wishes.key, wishes.strict_rows, wishes.batch, wishes.with_rules)
    given = _context(named, terms, asked)
    with _progress() as progress:
        if terms.batch is None or asked.dry_run:
            return run_import(given, files, terms, progress)
        return Imported([import_in_batches(given, file, terms, progress) for file in files])


def go_on(stored: Mapping[str, Any], named: str | None, asked: Asked) -> None:
    """Import the rest of a file whose import in batches was stopped; ``stored`` is the row of its job."""
    from json import loads

    from crmcli.cli.import_reading import as_before, prepared, presets
    from crmcli.importing.sources import open_source
    from crmcli.services.imports.batches import import_in_batches, stopped_import
    from crmcli.services.imports.job import Imported, Terms, run_import

    kept = loads(stored["options"])
    terms = Terms(**{name: kept[name] for name in Terms._fields if name in kept})
    named = named or kept["path"]
    with open_source(named, encoding=kept["encoding"] or None, delimiter=kept["delimiter"] or None) as source:
        kind = presets()[kept["preset"]].kinds[kept["kind"]]
        file = prepared(source, kind, as_before(kept), Path(kept["rejects"]))
        stopped = stopped_import(stored, file)
        given = _context([named], terms, asked)
        with _progress(stopped.rows) as progress:
            if asked.dry_run:
                done = run_import(given, [file], terms, progress)
            else:
                done = Imported([import_in_batches(given, file, terms, progress, stopped)])
    _tell(done, asked, several=False)


def _context(named: Sequence[str], terms: "Terms", asked: Asked) -> "Context":
    """Return what the service is called with; the history keeps the names of files, as the jobs do."""
    from dataclasses import replace

    if terms.batch is not None and asked.idempotency_key is not None:
        raise UsageError("--batch and --idempotency-key contradict each other", hint="crm import resume goes on")
    given = context(asked, kind="import", plain=named, formats=RECEIPT)
    return replace(given, command=replace(given.command, with_rules=terms.with_rules, explain=asked.explain))


@contextmanager
def _progress(before: int = 0) -> "Iterator[Progress]":
    """Show on a terminal how far the file is that is being imported, ``before`` rows of which another run has done.

    What an interrupt has to say is told.
    """
    from crmcli.output.progress import Progress

    shown: dict[Path, Progress] = {}
    with ExitStack() as opened:

        def tell(file: "File", done: int, rejected: int) -> None:
            if file.rejects not in shown:
                opened.close()
                prepared = file.prepared
                line = Progress(current().streams, prepared.source.label, prepared.decisions.rows, before=before)
                shown[file.rejects] = opened.enter_context(line)
            shown[file.rejects].update(done, rejected)

        try:
            yield tell
        except KeyboardInterrupt as interrupt:
            opened.close()
            for note in getattr(interrupt, "__notes__", ()):
                current().streams.note(note)
            raise


def _tell(done: "Imported", asked: Asked, *, several: bool) -> None:
    """Write the receipts: for people on standard error, for programs on standard output; PartialError for bad rows."""
    from crmcli.cli.receipts import receipt_lines
    from crmcli.domain.plurals import counted
    from crmcli.output.json import dumps

    streams = current().streams
    if asked.dry_run:
        streams.note("Dry run: nothing was saved")
    if done.replayed:
        streams.note("this was done before, under the same key")
    told = [receipt.as_json() for receipt in done.receipts]
    if asked.output == "json":
        streams.write(dumps(told if several else told[0], indent=2) + "\n")
    else:
        for receipt in told:
            for line in receipt_lines(receipt, mapping=asked.dry_run or current().verbose > 0):
                streams.note(line)
    rejected = sum(receipt.rejected for receipt in done.receipts)
    if rejected:
        written = [receipt.rejects_file for receipt in done.receipts if receipt.rejects_file]
        hint = f"mend them and import the file they are in: {', '.join(written)}" if written else None
        rows = f"{counted(rejected, 'row')} {'was' if rejected == 1 else 'were'}"
        raise PartialError(f"{rows} rejected", hint=hint, code="import.rejected")
