"""``crm org``: companies: customers, partners, competitors."""

import typer

from crmcli.cli.merging import merge_command
from crmcli.cli.records import Noun, register

app = typer.Typer(add_completion=False)
ORGANIZATION = Noun(
    "organization",
    {
        "add": """
            crm org add Acme --domain acme.example.com --country IT --type prospect
            crm org add "Forlì Impianti Srl" --vat IT01234567890 --set payment_terms="30 days"
        """,
        "list": """
            crm org list
            crm org list --where "type = customer and country = IT" --columns ref,name,open_deals --sort -open_deals
        """,
        "show": """
            crm org show O3
            crm org show acme.example.com -o json
        """,
        "edit": """
            crm org edit O3 --industry steel --add-phone "+39 02 1234567"
            crm org edit O3
        """,
        "rm": """
            crm org rm O3
            crm org rm O3 --cascade
        """,
        "restore": "crm org restore O3",
    },
)
register(app, ORGANIZATION)
app.command("merge")(
    merge_command("organization", "Merge organizations into the first.", "crm org merge O3 O8 --take name=O8")
)
