"""What every way of merging records on the command line shares: ``dedupe merge`` and ``merge`` of a noun are one."""

from collections.abc import Sequence
from typing import Annotated

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli import completing
from crmcli.cli.records import refs_argument
from crmcli.cli.signatures import Asked, Function, writes
from crmcli.errors import RefusedError, UsageError

Auto = Annotated[bool, typer.Option("--auto", help="Let the fullest record stay, else the oldest.")]


def merge_command(entity: str | None, summary: str, *examples: str) -> Function:
    """Return the command that merges records of a kind; of any kind without an entity."""
    Refs = Annotated[list[str], refs_argument(entity)]
    option = typer.Option(
        "--take",
        metavar="FIELD=REF",
        help="Whose value counts, such as email=C9 or address=C9; can be repeated.",
        autocompletion=completing.takes(entity),
    )
    Take = Annotated[list[str] | None, option]

    def merge(refs: Refs, asked: Asked, take: Take = None, auto: Auto = False) -> None:
        merge_refs(entity, refs, take or (), auto, asked)

    merge.__doc__ = _HELP.format(summary=summary, examples="\n".join(f"    {line}" for line in examples))
    return writes(merge)


_HELP = """{summary}

The first one stays. What it does not say is taken of the others, whose refs lead to it from then on, and everything
that belonged to them belongs to it. Undo takes the merge back.

Examples:
{examples}
"""


def merge_refs(entity: str | None, refs: Sequence[str], take: Sequence[str], auto: bool, asked: Asked) -> None:
    """Merge the records that are named into the first and answer."""
    from crmcli.cli.answers import answer, context
    from crmcli.services.merging import merge

    kind, ids = same_kind(entity, refs)
    takes = _takes(kind, take)
    harmless = [word for word in take if word.partition("=")[2].upper() in map(ENTITIES[kind].ref, takes.values())]
    result = merge(context(asked, plain=harmless), kind, ids[0], ids[1:], takes=takes, auto=auto)
    survivors = [saved.after["merged_into_id"] for saved in result.saved if "merged_into_id" in saved.after]
    answer(result, asked, kind, verb="Merged into", ids=survivors[:1] or ids[:1])


def same_kind(entity: str | None, refs: Sequence[str]) -> tuple[str, list[int]]:
    """Return the one kind and the ids of the records that are named; RefusedError when they are of several kinds."""
    from crmcli.cli.finding import find_all, find_ids

    if entity is not None:
        return entity, find_ids(entity, refs)
    found = find_all(refs)
    if len(found) > 1:
        raise RefusedError(
            f"records of several kinds are never one: {', '.join(ENTITIES[name].plural for name in found)}",
            hint="crm lead convert L12 --contact C7" if {"lead", "contact"} <= found.keys() else None,
            code="merge.kinds",
        )
    if not found:
        raise UsageError("name the records")
    return next(iter(found.items()))


def _takes(entity: str, take: Sequence[str]) -> dict[str, int]:
    from crmcli.cli.finding import find_id

    takes = {}
    for word in take:
        field, equals, ref = word.partition("=")
        if not equals or not field.strip() or not ref.strip():
            raise UsageError(f"--take takes FIELD=REF, not {word!r}")
        takes[field.strip()] = find_id(entity, ref.strip())
    return takes
