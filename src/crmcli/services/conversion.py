"""Conversion: a lead becomes a contact, with an organization and a deal where there are such, and can be taken back.

Everything happens in one write or not at all. Whom the lead is about is decided by ``matching``, what it brings by
``handover``.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from crmcli.catalogue import ENTITIES
from crmcli.domain.dates import Moment
from crmcli.domain.enums import kind
from crmcli.domain.money import Amount
from crmcli.errors import NotFoundError
from crmcli.queries.references import title_of
from crmcli.services.employments import begin_employment
from crmcli.services.handover import contact_values, deal_values, fill, organization_values
from crmcli.services.images import Image
from crmcli.services.invariants.shared import further_life_cycle
from crmcli.services.lead_states import refuse_closed
from crmcli.services.matching import Choice, choose, match_contact, match_organization
from crmcli.services.notes import add_note
from crmcli.services.results import Wanted

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_ACTIVITIES = ("task", "event", "interaction")


@dataclass(frozen=True)
class ConvertOptions:
    """How a lead is converted where its own fields and the known records do not decide."""

    organization: Choice | Literal["none"] = None
    contact: Choice = None
    deal: str | None = None  # its name; by default that of the customer
    with_deal: bool = True
    amount: Amount | Decimal | None = None  # by default what the lead expects
    pipeline: int | None = None
    stage: int | str | None = None
    expected_close: Moment | str | None = None
    owner: int | None = None  # by default the lead's
    activities: Literal["move", "link"] = "move"


def convert_lead(writer: "Writer", lead_id: int, options: ConvertOptions) -> None:
    """Convert an open lead inside an open write.

    RefusedError when it is converted or lost; ConflictError with the candidates when it is not clear whom it is about.
    """
    _Conversion(writer, lead_id, options).run()


class _Conversion:
    def __init__(self, writer: "Writer", lead_id: int, options: ConvertOptions) -> None:
        self._writer = writer
        self._options = options
        self._lead = writer.image("lead", lead_id)
        self._owner = options.owner or self._lead["owner_id"]
        self._funnel = "opportunity" if options.with_deal else "sql"
        self._organization: int | None = None
        self._contact: int | None = None
        self._deal: int | None = None
        self._told: list[str] = []

    def run(self) -> None:
        if self._lead["deleted_at"]:
            raise NotFoundError("lead", ENTITIES["lead"].ref(self._lead["id"]))
        refuse_closed(self._lead)
        self._organization = self._settle_organization()
        self._contact = self._settle_contact()
        self._deal = self._make_deal() if self._options.with_deal else None
        for entity in _ACTIVITIES:
            self._relink(entity)
        self._close_lead()
        if self._contact is not None:
            self._writer.subjects.join([("lead", self._lead["id"]), ("contact", self._contact)])
        if self._told:
            main = ("contact", self._contact) if self._contact else ("organization", self._organization or 0)
            subject = f"Conversion of {ENTITIES['lead'].ref(self._lead['id'])}"
            add_note(self._writer, "\n".join(self._told), [main], subject)

    def _settle_organization(self) -> int | None:
        choice, lead = self._options.organization, self._lead
        if choice == "none":
            return None
        found = choose(self._writer, lead, "organization", match_organization(self._writer, lead), choice)
        if found is None and not lead["company_name"] and choice != "new":
            return None  # a private person
        currency = self._writer.image("organization", found)["currency"] if found else lead["currency"]
        values = organization_values(self._writer, lead, currency)
        return self._take("organization", found, values)

    def _settle_contact(self) -> int | None:
        lead, employer = self._lead, self._organization
        hits = match_contact(self._writer, lead, employer)
        found = choose(self._writer, lead, "contact", hits, self._options.contact)
        named = lead["first_name"] or lead["last_name"] or lead["emails"] or lead["phones"]
        if found is None and not named and self._options.contact != "new":
            return None  # a company of which nobody is known yet
        values = contact_values(self._writer, lead, alone=employer is None)
        if found is None:
            return self._take("contact", None, {**values, "organization": employer})
        if employer is not None and not _works_at(self._writer.image("contact", found), employer):
            begin_employment(self._writer, found, employer, lead["job_title"], intent="convert")
        return self._take("contact", found, values)

    def _take(self, entity: str, found: int | None, values: dict[str, Any]) -> int:
        """Fill a known record or create one, and return its id."""
        values["lifecycle_stage"] = self._funnel
        if found is None:
            return self._writer.create(entity, {**values, "owner": self._owner}, intent="convert").id
        for difference in fill(self._writer, entity, found, values):
            self._tell(f"{ENTITIES[entity].ref(found)} keeps {difference}")
        return found

    def _make_deal(self) -> int:
        options, values = self._options, deal_values(self._writer, self._lead)
        values |= {"name": options.deal or self._customer(), "owner": self._owner, "pipeline": options.pipeline}
        values |= {"organization": self._organization, "contact": self._contact}
        values["expected_close"] = options.expected_close
        if options.amount is not None:
            values["amount"] = options.amount
        if options.stage is not None:
            book = self._writer.stages
            values["stage"] = book.resolve(options.pipeline or book.default_pipeline(), options.stage).id
        return self._writer.create("deal", values, intent="convert").id

    def _customer(self) -> str:
        entity, record_id = ("organization", self._organization) if self._organization else ("contact", self._contact)
        return title_of(self._writer.unit.raw, entity, record_id or 0)

    def _results(self) -> list[tuple[str, int]]:
        """Return what the lead became, the one that its activities belong to first."""
        made = (("deal", self._deal), ("organization", self._organization), ("contact", self._contact))
        return [(entity, record_id) for entity, record_id in made if record_id is not None]

    def _relink(self, entity: str) -> None:
        """Link the lead's activities to what it became; moved ones belong to that, unless another record had them."""
        table = ENTITIES[entity].table
        rows = self._writer.all(
            "SELECT a.id FROM activity_link l CROSS JOIN "  # a table of the catalogue
            f"{table} a ON a.id = l.activity_id WHERE l.entity = 'lead' AND l.record_id = ? AND l.activity_entity = ?"
            " AND a.deleted_at IS NULL ORDER BY a.id",
            self._lead["id"], entity,
        )  # fmt: skip
        wanted = [Wanted(self._moved(entity, row["id"]), row["id"], intent="convert") for row in rows]
        self._writer.save_many(entity, wanted)

    def _moved(self, entity: str, activity_id: int) -> dict[str, Any]:
        image = self._writer.image(entity, activity_id)
        links = {(row["entity"], row["record_id"]): row for row in image["links"]}
        moves = self._options.activities == "move" and links["lead", self._lead["id"]]["is_main"]
        for number, key in enumerate(self._results()):
            row = links.setdefault(key, {"entity": key[0], "record_id": key[1], "is_main": 0, "role": None})
            links[key] = row | ({"is_main": int(number == 0)} if moves else {})
        if moves:
            links["lead", self._lead["id"]] |= {"is_main": 0}
        values: dict[str, Any] = {"links": list(links.values())}
        if entity == "task" and self._options.owner and kind("task_status", image["status"]) == "open":
            values |= {"owner": self._owner, "assignee": self._owner}
        return values

    def _close_lead(self) -> None:
        values = {
            "status": "converted",
            "converted_at": self._writer.now,
            "converted_by": self._writer.me,
            "lifecycle_stage": further_life_cycle(self._lead["lifecycle_stage"], self._funnel),
        }
        values |= {f"converted_{entity}": record_id for entity, record_id in self._results()}
        self._writer.update("lead", self._lead["id"], values, intent="convert")

    def _tell(self, text: str) -> None:
        self._told.append(text)
        self._writer.warn(text)


def _works_at(contact: Image, organization_id: int) -> bool:
    return any(row["is_active"] for row in contact["organizations"] if row["organization_id"] == organization_id)
