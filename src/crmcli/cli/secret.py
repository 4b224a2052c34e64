"""``crm secret``: the passwords of accounts, kept where they are safe and never shown."""

import sys
from typing import Annotated

import typer

from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.session import current
from crmcli.errors import NotFoundError, UsageError

app = typer.Typer(add_completion=False)


def _names(incomplete: str) -> list[str]:
    from crmcli.integrations.secrets import wanted_by

    return [name for name in wanted_by(current().settings) if name.startswith(incomplete)]


_HELP = "An account of the configuration, or webhook."
Name = Annotated[str, typer.Argument(metavar="ACCOUNT", help=_HELP, autocompletion=_names)]
AnyName = Annotated[str | None, typer.Argument(metavar="[ACCOUNT]", help=_HELP, autocompletion=_names)]


@app.command("set", context_settings={"allow_extra_args": True})
def set_(
    context: typer.Context,
    account: Name,
    insecure_storage: Annotated[
        bool, typer.Option("--insecure-storage", help="Keep it as plain text in a file that only you can read.")
    ] = False,
) -> None:
    """Keep the password of an account.

    It is asked for, or read from standard input, and kept in the keyring of the desktop. `webhook` signs web hooks.

    Examples:
        crm secret set work
        pass show mail/work | crm secret set work
        crm secret set work --insecure-storage < password.txt
    """
    from crmcli.integrations import hidden
    from crmcli.integrations.secrets import named, put_secret

    session = current()
    wanted = named(account, session.settings)
    if context.args:  # it is not repeated, being perhaps the password
        raise UsageError("a secret is never typed behind the command", hint=f"crm secret set {account} asks for it")
    where = put_secret(wanted, session.paths, _ask(account), insecure=insecure_storage)
    session.streams.note(f"the secret of {account} is in {where}")
    if insecure_storage:
        session.streams.warn(f"{where} is not encrypted")
    first = wanted.variable if hidden.find(wanted.variable) else "password_command" if wanted.command else ""
    if first:
        session.streams.warn(f"{first} comes first, so this one is not used")


@app.command()
def status(account: AnyName = None, output: FormatWithoutRefs = None) -> None:
    """Show where secrets come from.

    Only the source is named: environment, command, keyring, file or none; unknown when
    the keyring does not answer.

    Examples:
        crm secret status
        crm secret status work -o json
    """
    from crmcli.integrations.secrets import named, source_of, wanted_by
    from crmcli.output.tables import Column, Table, write_table

    session = current()
    settings = session.settings
    wanted = wanted_by(settings).values() if account is None else [named(account, settings)]
    found = [(one.name, source_of(one, session.paths)) for one in wanted]
    rows = [{"account": name, "source": source.kind, "where": source.where or None} for name, source in found]
    columns = (Column("account", "Account"), Column("source", "Source"), Column("where", "Where"))
    write_table(Table(columns, rows, noun="secrets"), session.streams, output)


@app.command()
def rm(account: Name) -> None:
    """Forget the password of an account.

    Examples:
        crm secret rm work
    """
    from crmcli.integrations.secrets import named, remove_secret

    session = current()
    gone = remove_secret(named(account, session.settings), session.paths)
    if not gone:
        raise NotFoundError("secret", account, hint="crm secret status")
    session.streams.note(f"the secret of {account} is no longer in {' or '.join(gone)}")


def _ask(account: str) -> str:
    """Return the secret: typed unseen at a terminal, else the first line of standard input."""
    if sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty():
        secret: str = typer.prompt(f"Secret of {account}", hide_input=True, err=True)
        return secret
    from crmcli.formats.files import standard_input

    return standard_input("the secret").readline(2000).rstrip("\r\n")
