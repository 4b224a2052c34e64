"""``crm contact``: people, alone or in organizations."""

import typer

from crmcli.cli.records import Noun, register

app = typer.Typer(add_completion=False)
CONTACT = Noun(
    "contact",
    {
        "add": """
            crm contact add "Anna Rossi" --org Acme --title CTO --email anna@example.com
            crm contact add "Bob Brown" --org "Brown Ltd" --create --phone "+44 20 7946 0000"
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
    },
    title="full_name",
)
register(app, CONTACT)
