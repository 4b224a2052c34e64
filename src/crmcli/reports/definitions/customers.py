"""Key figures of what customers buy. A purchase is a deal that was won, dated by its closing."""

from crmcli.reports.acts import ACTS, ACTS_OF_CUSTOMERS, IN_NEXT, IN_P
from crmcli.reports.definitions.kpi import CUSTOMERS, Kpi, Tally
from crmcli.reports.measures import AMOUNT, PURCHASE
from crmcli.reports.sets import RecordSet
from crmcli.reports.terms import Term

_SUBJECTS = RecordSet("contact", "contacts of the target")  # or leads, or organizations: see ``responses``
_NO_TARGET = "no customer in the target"


def _tally(key: str, label: str, unit: str, tally: Tally, definition: str, missing: str = _NO_TARGET) -> Kpi:
    """Define a figure that counts customers."""
    return Kpi(key, label, unit, "tallies", Term(ACTS), definition, CUSTOMERS, missing, tally=tally)


def _money(how: str, key: str, label: str, term: Term, definition: str, missing: str) -> Kpi:
    return Kpi(key, label, "money", how, term, definition, CUSTOMERS, missing)


def _response(key: str, label: str, unit: str, nouns: tuple[str, str], definition: str, missing: str) -> Kpi:
    """Define a figure of those who responded."""
    tally = Tally("", nouns[0], "", nouns[1])
    return Kpi(key, label, unit, "responses", Term(_SUBJECTS), definition, "Responses", missing, tally=tally)


FIGURES = (
    Kpi("purchases", "Purchases", "n", "count", Term(ACTS), "Deals won, by their closing.", CUSTOMERS),
    _tally(
        "buyers", "Buyers", "n", Tally(f"MAX({IN_P})", "customers who bought in the period"),
        "Distinct customers with a purchase in the period: organizations, or the contact where a deal has none.",
    ),
    _money(
        "sum", "sales", "Sales", Term(ACTS, AMOUNT),
        "Sum of the amounts of the purchases, at the rate frozen on each.", "no rate for any of the amounts",
    ),
    _money(
        "mean", "average_purchase", "Average purchase", Term(ACTS, PURCHASE),
        "Value of the purchases / purchases; those of no or negative value stand on neither side.", "no purchases",
    ),
    _money(
        "sum", "customer_sales", "Sales to customers", Term(ACTS_OF_CUSTOMERS, AMOUNT),
        "Sum of the amounts of the purchases that have a customer.", "no rate for any of the amounts",
    ),
    Kpi(
        "value_per_buyer", "Value per buyer", "money", "quotients", Term(ACTS),
        "Sum of the amounts of the purchases that have a customer / distinct customers who bought.", CUSTOMERS,
        "no buyers", parts=("customer_sales", "buyers"),
    ),
    _tally(
        "frequency", "Purchase frequency", "x",
        Tally(f"SUM({IN_P})", "purchases", f"MAX({IN_P})", "customers who bought"),
        "Purchases in the period / distinct customers who bought in it, not those of the target.", "no buyers",
    ),
    _tally(
        "repeat_rate", "Repeat rate", "ratio",
        Tally(f"SUM({IN_P}) >= 2", "customers with two purchases or more", f"MAX({IN_P})", "those with one or more"),
        "Customers with two purchases or more in the period / those with one or more.", "no buyers",
    ),
    _tally(
        "trial", "Trial", "ratio", Tally("MIN(a.at) >= :p_from AND MIN(a.at) < :p_to", "first purchase in the period"),
        "Customers of the target whose first purchase ever falls in the period / customers of the target.",
    ),
    _tally(
        "trial_customers", "New customers", "n",
        Tally("MIN(a.at) >= :p_from AND MIN(a.at) < :p_to", "customers whose first purchase falls in the period"),
        "Customers of the target whose first purchase ever falls in the period.",
    ),
    _tally(
        "customers_before", "Customers before", "n",
        Tally("MIN(a.at) < :p_from", "customers who bought before the period"),
        "Customers of the target who had bought before the period began.",
    ),
    _tally(
        "penetration", "Penetration", "ratio", Tally(f"MAX({IN_P})", "customers who bought"),
        "Distinct customers of the target with a purchase in the period / customers of the target.",
    ),
    _tally(
        "retention", "Retention", "ratio",
        Tally(f"MAX({IN_P}) AND MAX({IN_NEXT})", "bought in the period and in the next", limits=("start", "end")),
        "Customers of the target who bought in the period and in the next one / customers of the target.",
    ),
    _tally(
        "retention_active", "Retention of the active", "ratio",
        Tally(
            f"MAX({IN_P}) AND MAX({IN_NEXT})", "bought in the period and in the next",
            f"MAX({IN_P})", "customers who bought in the period", ("start", "end"),
        ),
        "Customers of the target who bought in the period and in the next one / those who bought in the period.",
        "no buyers in the period",
    ),
    _tally(
        "churn", "Churn", "ratio",
        Tally("{active} AND {lost}", "active at the start and lost", "{active}", "customers active at the start",
              ("start",)),
        "Customers active at the start of the period and lost in it / customers active at the start. Lost is who bought"
        " nothing for 365 days, or whom the settings or the question say so of.", "no customer active at the start",
    ),
    _tally(
        "customers_active", "Customers active", "n",
        Tally("{active}", "customers active at the start"), "Customers active at the start of the period.",
    ),
    Kpi(
        "churn_revenue", "Revenue churn", "ratio", "recurring", Term(ACTS),
        "Recurring value lost with customers and contracted / recurring value at the start of the period.", CUSTOMERS,
        "no recurring value at the start",
        tally=Tally("", "recurring value lost and contracted", "", "recurring value at the start"),
    ),
    Kpi(
        "nrr", "Net revenue retention", "ratio", "recurring", Term(ACTS),
        "Recurring value at the end of the period of the customers who had some at its start, expansion in, lost and"
        " contracted value out / recurring value at the start.", CUSTOMERS, "no recurring value at the start",
        tally=Tally("", "recurring value at the end", "", "recurring value at the start"),
    ),
    Kpi(
        "clv", "Customer lifetime value", "money", "lifetime", Term(ACTS),
        "Average purchase x purchases of a buyer a year x margin x years, which are 1 / yearly churn; where churn is 0"
        " or not known, the max_years of the settings.", CUSTOMERS, "no buyers",
        parts=("average_purchase", "frequency", "churn"),
    ),
    Kpi(
        "clv_historic", "Margin to date per customer", "money", "lifetime", Term(ACTS),
        "Sales to customers x margin / buyers, from the first purchase to the end of the period.", CUSTOMERS,
        "no buyers", parts=("customer_sales", "buyers"),
    ),
    _response(
        "redemption", "Redemption", "ratio", ("those who responded", "those reached"),
        "Those of a target who responded / those who were reached.", "nobody in the target",
    ),
    _response(
        "responses", "Responses", "n", ("those who responded", ""), "Those of a target who responded, each once.",
        "nobody in the target",
    ),
    _response("reached", "Reached", "n", ("those reached", ""), "All of a target.", "nobody in the target"),
    _response(
        "contacts_made", "Contacts made", "n", ("contacts made", ""),
        "Outgoing interactions of the period with those of a target, or the sum of a field that counts contacts.",
        "nobody in the target",
    ),
    _response(
        "contacts_per_response", "Contacts per response", "x", ("contacts made", "those who responded"),
        "Contacts made with a target / those who responded.", "nobody responded",
    ),
)  # fmt: skip
