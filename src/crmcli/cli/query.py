"""``crm query``: addresses in the form in which mutt and aerc ask for them."""

from typing import Annotated

import typer

from crmcli.cli.options import count
from crmcli.cli.session import current
from crmcli.domain.plurals import counted

app = typer.Typer(add_completion=False)


@app.command()
def query(
    words: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Parts of a name, a company or an address.")],
    limit: Annotated[int, typer.Option(metavar="N", parser=count(1), help="At most so many addresses.")] = 100,
) -> None:
    """Addresses, for mutt and aerc.

    Finds those who have all the words in their name, their company or their e-mail. The first line says how many
    there are, each further one is an e-mail, a name and a note, with a tab between. Exit code 1 when there is none.

    Examples:
        crm query rossi
        crm query anna
    """
    from crmcli.output.safe import safe
    from crmcli.queries.addresses import find_addresses

    session = current()
    found = find_addresses(session.reader(), " ".join(words), limit)
    lines = [counted(len(found), "address", "addresses"), *("\t".join(map(safe, address)) for address in found)]
    session.streams.write("\n".join(lines) + "\n")
    if not found:
        raise typer.Exit(1)
