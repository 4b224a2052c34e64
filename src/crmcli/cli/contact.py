"""``crm contact``: people, alone or in organizations."""

import typer

from crmcli.cli.merging import merge_command
from crmcli.cli.records import Noun, register

app = typer.Typer(add_completion=False)
CONTACT = Noun(
    "contact",
    {
        "add": """
            crm contact add "Anna Rossi" --org Acme --create --title CTO --email anna@example.com
            crm contact add "Bob Brown" --org O3 --phone "+44 20 7946 0958"
        """,
        "list": """
            crm contact list
            crm contact list --where "organization.country = IT and email is not empty" --columns ref,name,organization
        """,
        "show": """
            crm contact show C7
            crm contact show anna@example.com
        """,
        "edit": """
            crm contact edit C7 --title CEO --add-email anna.rossi@example.org
            crm contact edit C7 --unset birthdate
            crm contact edit C7
        """,
        "rm": "crm contact rm C7",
        "restore": "crm contact restore C7",
    },
    title="full_name",
)
register(app, CONTACT)
app.command("merge")(
    merge_command(
        "contact",
        "Merge contacts into the first.",
        "crm contact merge C7 C9",
        "crm contact merge C7 C9 --take address=C9",
    )
)
