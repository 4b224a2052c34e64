"""``crm view``: a condition, columns and an order under a name, for ``--view`` of lists."""

from typing import Annotated, Any

import typer

from crmcli.cli import completing
from crmcli.cli.options import Columns, Sort, Where
from crmcli.cli.records import Noun, register
from crmcli.cli.signatures import Asked, writes

app = typer.Typer(add_completion=False)
VIEW = Noun("view", {"list": "crm view list", "show": "crm view show hot-it", "rm": "crm view rm hot-it"})
register(app, VIEW, ("list", "show", "rm"))

Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is called.", autocompletion=completing.refs("view"))]
On = Annotated[str, typer.Option("--on", metavar="NOUN", help="Kind of record.", autocompletion=completing.nouns)]
Pinned = Annotated[bool | None, typer.Option("--pinned/--not-pinned", help="Whether it comes first on screens.")]


@app.command()
@writes
def save(
    name: Name,
    on: On,
    asked: Asked,
    where: Where = None,
    columns: Columns = None,
    sort: Sort = None,
    pinned: Pinned = None,
) -> None:
    """Save a view.

    A view of that name is replaced.

    Examples:
        crm view save hot-it --on lead --where "rating = hot and country = IT" --columns ref,name,owner --sort -score
        crm lead list --view hot-it
    """
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_noun
    from crmcli.cli.inputs import split_list
    from crmcli.cli.listing import compile_clause
    from crmcli.services.views import save_view

    entity = find_noun(on).name
    if where is not None:
        compile_clause(entity, where)  # an empty one would be stored as none
    values: dict[str, Any] = {
        "entity": entity,
        "condition": where,
        "columns": list(split_list(columns)),
        "sort": sort,
    }
    if pinned is not None:
        values["pinned"] = pinned
    answer(save_view(context(asked), name, values), asked, "view", verb="Saved")
