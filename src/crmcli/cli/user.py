"""``crm user``: people who own records."""

import typer

from crmcli.cli.records import Noun, register

app = typer.Typer(add_completion=False)
USER = Noun(
    "user",
    {
        "add": """
            crm user add bruno --name "Bruno Bianchi" --email bruno@example.com
        """,
        "list": "crm user list",
        "edit": """
            crm user edit bruno --timezone Europe/Rome
            crm user edit bruno --set is_active=no
        """,
    },
    title="handle",
)
register(app, USER, ("add", "list", "edit"))
