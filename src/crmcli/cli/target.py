"""``crm target``: what is to be reached in a period; how far it was reached is told by ``crm report attainment``."""

import typer

from crmcli.cli.records import Noun, register

app = typer.Typer(add_completion=False)
TARGET = Noun(
    "target",
    {
        "add": """
            crm target add won_amount --period 2026-Q2 --value 250k
            crm target add deals_won --period this-month --value 12 --owner anna
        """,
        "list": """
            crm target list
            crm target list --where "period = 2026-Q2" --sort owner
        """,
        "show": "crm target show won_amount/2026-Q2",
        "edit": "crm target edit won_amount/2026-Q2 --value 300k",
        "rm": "crm target rm won_amount/2026-Q2",
    },
    title="metric",
)
register(app, TARGET, ("add", "list", "show", "edit", "rm"))
