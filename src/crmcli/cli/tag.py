"""``crm tag``: tags put on records of any kind, taken off, and counted."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.records import Noun, register
from crmcli.cli.signatures import Asked, writes

if TYPE_CHECKING:
    from crmcli.services.results import Context, Result

    Service = Callable[[Context, Mapping[str, Sequence[int]], Sequence[str]], Result]

app = typer.Typer(add_completion=False)
TAG = Noun("tag", {"list": "crm tag list --sort -records"})
register(app, TAG, ("list",))

Words = Annotated[
    list[str],
    typer.Argument(
        metavar="REF... TAG",
        help="Records of any kind, then the tag; several tags with commas; - reads refs from standard input.",
        autocompletion=completing.refs_or_tags,
    ),
]


@app.command()
@writes
def add(words: Words, asked: Asked) -> None:
    """Tag records.

    A tag that is new is created.

    Examples:
        crm tag add L12 vip
        crm contact list --where "city = Rome" -o ids | crm tag add - rome
    """
    from crmcli.services.tagging import tag

    _change(tag, words, asked)


@app.command()
@writes
def rm(words: Words, asked: Asked) -> None:
    """Take tags off records.

    Examples:
        crm tag rm L12 vip
    """
    from crmcli.services.tagging import untag

    _change(untag, words, asked, "-tags")


def _change(service: "Service", words: list[str], asked: Asked, key: str = "+tags") -> None:
    from crmcli.cli.answers import answer_all, context
    from crmcli.cli.finding import find_all
    from crmcli.cli.inputs import Inputs
    from crmcli.errors import UsageError

    *refs, tags = words
    if not refs:
        raise UsageError("name the records and then the tag", hint="crm tag add L12 vip")
    if not tags.strip(" ,"):
        raise UsageError("name the tag after the records", hint="crm tag add L12 vip")
    about = find_all(refs)
    names = Inputs("lead").value(key, [tags])  # tags are the same for every kind of record
    answer_all(service(context(asked), about, names), asked, about)
