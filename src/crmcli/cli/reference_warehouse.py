"""The page of the reference on the warehouse: its diagram, and every table with its columns, from their definitions."""

from collections.abc import Iterator

from crmcli.reports.warehouse import diagram
from crmcli.reports.warehouse_tables import DIMENSIONS, FACTS, TYPES, Table

_INTRO = """\
The star schema that `crm export warehouse` writes, and that `crm sql` and reports of your own read as views.

- Keys are the numbers of records, which never change. The row with the key 0 of a dimension, `(none)` of
  `dim_source`, stands for none, so that a join loses no fact. A date that is missing is empty.
- Removed records are in no fact; `dim_organization` and `dim_contact` keep them, marked.
- Dates are those of your time zone. Instants are UTC.
- `amount` is in the `currency` of the deal, `base_amount` in the base currency: at the rate that was frozen when the
  deal was closed, of an open deal at that of the day. It is exact and not rounded, so that its sum, rounded once, is
  the figure of the reports. Without a rate it is empty.
- In Parquet decimals are exact. SQLite knows no decimals: in its file, and in the views, they are numbers to reckon
  with, of which sums want `ROUND(..., 2)`.
"""


def warehouse_page(made: str) -> str:
    """Return the page; ``made`` is the line that says where it comes from."""
    drawn = "\n".join(diagram())
    parts = [f"# Warehouse\n\n{made}\n{_INTRO}\n## Diagram\n\n```mermaid\n{drawn}\n```\n"]
    for title, tables in (("Facts", FACTS), ("Dimensions", DIMENSIONS)):
        parts.append(f"\n## {title}\n")
        parts += ["".join(_table(table)) for table in tables]
    return "".join(parts)


def _table(table: Table) -> Iterator[str]:
    yield f"\n### {table.name}\n\n{table.about}\n\n"
    yield "| column | type | leads to | what it is |\n| --- | --- | --- | --- |\n"
    for number, column in enumerate(table.columns):
        leads = f"[{column.of}](#{column.of})" if column.of else "" if number else "its key"
        yield f"| `{column.key}` | {TYPES[column.type]} | {leads} | {column.about} |\n"
