"""``crm rate``: what other currencies are worth, for reports that add up."""

import typer

from crmcli.cli.records import Noun, register

app = typer.Typer(add_completion=False)
RATE = Noun(
    "currency_rate",
    {
        "add": """
            crm rate add USD --rate 0.92
            crm rate add GBP --rate 1.15 --on 2026-01-01
        """,
        "list": "crm rate list --sort -on",
        "edit": "crm rate edit USD/2026-01-01 --rate 0.93",
        "rm": "crm rate rm USD/2026-01-01",
    },
    title="currency",
)
register(app, RATE, ("add", "list", "edit", "rm"))
