"""A year in the life of a consultant, written through the one write path as one step: what ``crm demo`` shows.

The plot is the same on every run and ends today. Steps are gathered with their moments and then done in the order of
time, so that histories, clocks and figures come out as if the year had been lived. The two years before are planned
in ``earlier``.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from random import Random

from crmcli.domain.dates import Moment
from crmcli.domain.zones import to_utc
from crmcli.services.conversion import ConvertOptions, convert_lead
from crmcli.services.invariants.links import Link, link_rows
from crmcli.services.life_cycle import CAUSE
from crmcli.services.results import Context, Result, Wanted
from crmcli.services.samples import cast
from crmcli.services.samples.diary import Diary
from crmcli.services.samples.earlier import plan_before
from crmcli.services.samples.tickets import plan_tickets
from crmcli.services.writer import Writer, write

_SEED = 7
_YEAR_DAYS = 355
_DEALS = 40
_CROWDING = 1.4  # business grows: deals lie closer together towards today
_CONTACTS = 60
_FOUNDED = 1100  # days ago, before anything happens


def fill(context: Context) -> Result:
    """Fill a new store with the sample workspace, in one undoable step."""
    return write(context, lambda writer: _Year(writer).live())


class _Year:
    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._random = Random(_SEED)  # noqa: S311  # a plot, no secret
        self._diary = Diary(writer)
        self._stages = {row["key"]: row["id"] for row in writer.all("SELECT id, key FROM stage")}
        self._companies: list[int] = []
        self._people: list[tuple[int, int]] = []  # contact and the organization it belongs to
        self._deals: dict[int, int] = {}  # by their place in the plot

    def live(self) -> None:
        """Do everything, the oldest first."""
        self._found()
        for number in range(_DEALS):
            self._plan_deal(number)
        for number, company in enumerate(cast.NEWCOMERS):
            self._plan_lead(number, company)
        self._plan_tasks()
        self._plan_meetings()
        plan_tickets(self._diary, self._people, cast.QUESTIONS)
        plan_before(self._diary, self._people)
        self._diary.play()
        self._writer.create(
            "view",
            {"key": "mine", "entity": "deal", "condition": "owner = me and outcome = open", "sort": "expected_close"},
        )
        for metric, value, owner in cast.TARGETS:
            aimed = {"metric": metric, "period": "this-quarter", "value": value}
            self._writer.create("target", aimed | ({"owner": self._writer.me} if owner else {}))

    def _found(self) -> None:
        """Put the organizations and their people there, before anything happens."""
        with self._writer.at(to_utc(self._diary.day(_FOUNDED), self._writer.zone)):
            for number, company in enumerate(cast.COMPANIES):
                self._companies.append(self._company(number, company))
            for number in range(_CONTACTS):
                self._people.append(self._person(number, self._companies[number % len(self._companies)]))

    def _company(self, number: int, company: cast.Company) -> int:
        values = company._asdict() | {
            "domain": f"{_slug(company.name)}.example.com",
            "website": f"https://{_slug(company.name)}.example.com",
            "source": cast.SOURCES[number % len(cast.SOURCES)],
            "employees": 5 + self._random.randrange(1, 30) * 5,
            "owner": self._writer.me,
            "tags": ["key account"] if number % 8 == 0 else [],
        }
        return self._writer.create("organization", values).id

    def _person(self, number: int, company: int) -> tuple[int, int]:
        first, last = _name(number)
        domain = f"{_slug(cast.COMPANIES[number % len(cast.COMPANIES)].name)}.example.com"
        values = {
            "first_name": first,
            "last_name": last,
            "job_title": cast.JOBS[number % len(cast.JOBS)],
            "organization": company,
            "emails": [f"{_slug(first)}.{_slug(last)}@{domain}"],
            "phones": [f"+44 20 7946 0{number:03}"],
            "owner": self._writer.me,
            "tags": ["newsletter"] if number % 3 == 0 else [],
        }
        return self._writer.create("contact", values).id, company

    def _plan_deal(self, number: int) -> None:
        born = 1 + int(_YEAR_DAYS * (1 - number / _DEALS) ** _CROWDING)
        contact, company = self._people[(number * 7) % len(self._people)]
        offer, price = cast.OFFERS[number % len(cast.OFFERS)]
        customer = cast.COMPANIES[self._companies.index(company)].name
        values = {
            "name": f"{offer} for {customer}",
            "organization": company,
            "contact": contact,
            "amount": Decimal(round(price * self._random.uniform(0.6, 1.5) / 50) * 50),
            "source": cast.SOURCES[number % len(cast.SOURCES)],
            "expected_close": self._diary.day(max(born - 60, -5) - self._random.randrange(30)),
            "owner": self._writer.me,
        }
        self._diary.on(born, lambda: self._deals.update({number: self._writer.create("deal", values).id}))

        def links() -> list[Link]:
            return [("deal", self._deals[number]), ("contact", contact), ("organization", company)]

        self._talk(born, number, links)
        self._plan_stages(number, company, born, links)

    def _plan_stages(self, number: int, company: int, born: float, links: Callable[[], list[Link]]) -> None:
        """Let a deal go forward until it is decided or today has come."""
        luck = self._random.random()
        days_ago = born
        for place, stage in enumerate(("negotiation", "quote_sent", "won"), start=1):
            days_ago -= self._random.randrange(6, 24)
            if days_ago < 1:
                break
            if luck > (0.86, 0.74, 0.62)[place - 1]:
                self._diary.on(days_ago, lambda: self._change(number, self._loss(number)))
                return
            self._diary.on(days_ago, lambda stage=stage: self._change(number, {"stage": self._stages[stage]}))  # type: ignore[misc]  # a lambda's default is its own type
            if stage == "won":
                self._diary.on(days_ago, lambda: self._come_closer(company))
            self._talk(days_ago, number + place, links)
        else:
            return
        step = {"next_step": cast.NEXT_STEPS[number % len(cast.NEXT_STEPS)]}
        self._diary.on(
            1, lambda: self._change(number, step | {"expected_close": self._diary.day(-self._random.randrange(-3, 50))})
        )

    def _come_closer(self, company: int) -> None:
        """Let a relationship reach the next phase with a deal won, as was proposed then."""
        phase = "expansion" if self._writer.image("organization", company)["lifecycle_phase"] else "exploration"
        with self._writer.caused_by(CAUSE):
            self._writer.save_many("organization", [Wanted({"lifecycle_phase": phase}, company, intent="derive")])

    def _loss(self, number: int) -> dict[str, object]:
        return {"stage": self._stages["lost"], "lost_reason": cast.REASONS[number % len(cast.REASONS)]}

    def _change(self, number: int, values: Mapping[str, object]) -> None:
        self._writer.update("deal", self._deals[number], dict(values))

    def _talk(self, days_ago: float, number: int, links: Callable[[], list[Link]]) -> None:
        """Plan something that was said about then."""
        kind, text, outcome, minutes = cast.TALKS[number % len(cast.TALKS)]
        values = {"kind": kind, "body": text, "outcome": outcome, "duration_seconds": minutes and minutes * 60}
        if kind == "email":
            values["subject"] = text
        self._diary.on(days_ago - 1, lambda: self._writer.create("interaction", values | {"links": link_rows(links())}))

    def _plan_lead(self, number: int, company: str) -> None:
        first, last = _name(number + _CONTACTS)
        born = 160 - number * 11 + self._random.randrange(5)
        values = {
            "first_name": first,
            "last_name": last,
            "company_name": company,
            "industry": cast.TRADES[number % len(cast.TRADES)],
            "lifecycle_stage": "mql" if number % 2 else "lead",
            "job_title": cast.JOBS[number % len(cast.JOBS)],
            "emails": [f"{_slug(first)}@{_slug(company)}.example.org"],
            "source": cast.SOURCES[(number + 1) % len(cast.SOURCES)],
            "rating": ("hot", "warm", "cold")[number % 3],
            "referred_by": self._people[number][0] if number % 3 == 0 else None,
            "expected_amount": Decimal(cast.OFFERS[number % len(cast.OFFERS)][1]),
            "owner": self._writer.me,
        }
        made: list[int] = []
        self._diary.on(born, lambda: made.append(self._writer.create("lead", values).id))
        if number == len(cast.NEWCOMERS) - 1:
            return  # nobody has called yet
        self._talk(born - number % 3, number, lambda: [("lead", made[0])])
        self._diary.on(born - 3, lambda: self._writer.update("lead", made[0], {"status": "contacted"}))
        if number % 5 == 1:
            loss = {"status": "unqualified", "lost_reason": cast.REASONS[number % len(cast.REASONS)]}
            self._diary.on(born - 12, lambda: self._writer.update("lead", made[0], loss))
        elif number % 3 == 0 and born > 20:
            self._diary.on(born - 9, lambda: self._writer.update("lead", made[0], {"status": "qualified"}))
            self._diary.on(born - 15, lambda: convert_lead(self._writer, made[0], ConvertOptions()))

    def _plan_tasks(self) -> None:
        for number, (subject, days, hour, priority) in enumerate(cast.TODAY):
            contact, company = self._people[(number * 5) % len(self._people)]
            values = {
                "subject": subject,
                "priority": priority,
                "due_at": self._due(days, hour),
                "links": link_rows([("contact", contact), ("organization", company)]),
            }
            self._diary.on(7 - min(days, 0), lambda values=values: self._writer.create("task", values))  # type: ignore[misc]  # a lambda's default is its own type
        for number in range(3 * len(cast.DONE)):
            self._plan_done(number, cast.DONE[number % len(cast.DONE)])

    def _plan_done(self, number: int, subject: str) -> None:
        contact, _ = self._people[number]
        values = {
            "subject": subject,
            "due_at": self._due(-10 - number * 9, None),
            "links": link_rows([("contact", contact)]),
        }
        made: list[int] = []
        self._diary.on(16 + number * 9, lambda: made.append(self._writer.create("task", values).id))
        self._diary.on(9 + number * 9, lambda: self._writer.update("task", made[0], {"status": "done"}))

    def _due(self, days: int, hour: int | None) -> Moment:
        zone, day = self._writer.zone, self._diary.day(-days)
        wall = day if hour is None else f"{day}T{hour:02}:00"
        return Moment(wall, hour is None, to_utc(wall, zone), zone)

    def _plan_meetings(self) -> None:
        for number, (title, days, hour, where) in enumerate(cast.MEETINGS):
            contact, company = self._people[(number * 11) % len(self._people)]
            values = {
                "title": title,
                "start_at": self._due(days, hour),
                "location": where,
                "links": link_rows([("organization", company)]),
                "attendees": link_rows([("contact", contact)]),
            }
            self._plan_meeting(values, days)

    def _plan_meeting(self, values: Mapping[str, object], days: int) -> None:
        made: list[int] = []
        self._diary.on(12 - min(days, 0), lambda: made.append(self._writer.create("event", dict(values)).id))
        if days < 0:
            self._diary.on(-days - 1, lambda: self._writer.update("event", made[0], {"status": "held"}))


def _name(number: int) -> tuple[str, str]:
    """Return first and last name of a person; 600 different pairs."""
    firsts, lasts = cast.FIRST_NAMES, cast.LAST_NAMES
    return firsts[number % len(firsts)], lasts[(number * 5 + number // len(firsts)) % len(lasts)]


def _slug(text: str) -> str:
    """Return a name as part of a domain or an address: small ASCII letters and hyphens."""
    from unicodedata import normalize

    plain = normalize("NFKD", text).encode("ascii", "ignore").decode().lower().replace("'", "")
    return "-".join("".join(letter if letter.isalnum() else " " for letter in plain).split())
