"""The two years before the one that the sample workspace is about: fewer deals, some of whose customers come back.

They give the figures of today something to stand beside: cohorts, retention, the same quarter of last year.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from random import Random

from crmcli.services.conversion import ConvertOptions, convert_lead
from crmcli.services.invariants.links import link_rows
from crmcli.services.samples import cast
from crmcli.services.samples.diary import Diary
from crmcli.services.samples.tickets import plan_tickets

_SEED = 11
_LAST = 385  # days ago, when the last of these deals begins
_APART = 27  # days between two of them
_CUSTOMERS = (  # of each deal, by their place among the companies: some come back, some are never seen again
    12, 15, 12, 15, 0, 7, 16, 0, 18, 5, 18, 11, 3, 22, 16, 22, 14, 19, 21, 11, 3, 8, 0, 14,
)  # fmt: skip
_LEADS_APART = 55


def plan_before(diary: Diary, people: Sequence[tuple[int, int]]) -> None:
    """Plan everything of these years; ``people`` are contacts with their organizations."""
    random = Random(_SEED)  # noqa: S311  # a plot, no secret
    stages = {row["key"]: row["id"] for row in diary.writer.all("SELECT id, key FROM stage")}
    for number in range(len(_CUSTOMERS)):
        _plan_deal(diary, random, number, people[_CUSTOMERS[number]], stages)
    for number, newcomer in enumerate(cast.NEWCOMERS_BEFORE):
        _plan_lead(diary, number, *newcomer)
    plan_tickets(diary, people[1:], cast.QUESTIONS_BEFORE)


def _plan_deal(diary: Diary, random: Random, number: int, who: tuple[int, int], stages: dict[str, int]) -> None:
    writer, (contact, company) = diary.writer, who
    born = _LAST + (len(_CUSTOMERS) - 1 - number) * _APART + random.randrange(12)
    offer, price = cast.OFFERS[(number * 3) % len(cast.OFFERS)]
    values = {
        "name": f"{offer} for {writer.image('organization', company)['name']}",
        "organization": company,
        "contact": contact,
        "amount": Decimal(round(price * random.uniform(0.5, 1.2) / 50) * 50),
        "source": cast.SOURCES[(number * 5) % len(cast.SOURCES)],
        "expected_close": diary.day(born - 45),
        "owner": writer.me,
    }
    made: list[int] = []
    diary.on(born, lambda: made.append(writer.create("deal", values).id))
    days_ago = born
    end = "lost" if number % 4 == 1 else "won"
    for place, key in enumerate(("negotiation", "quote_sent", end)):
        days_ago -= random.randrange(7, 26)
        step: dict[str, object] = {"stage": stages[key]}
        if key == "lost":
            step["lost_reason"] = cast.REASONS[number % len(cast.REASONS)]
        diary.on(days_ago, lambda step=step: writer.update("deal", made[0], step))  # type: ignore[misc]  # a lambda's default is its own type
        if place < 2:
            _plan_talk(diary, days_ago + 3, number * 2 + place, lambda: [("deal", made[0]), ("contact", contact)])


def _plan_talk(diary: Diary, days_ago: float, number: int, links: Callable[[], list[tuple[str, int]]]) -> None:
    kind, text, outcome, minutes = cast.TALKS[number % len(cast.TALKS)]
    values = {"kind": kind, "body": text, "outcome": outcome, "duration_seconds": minutes and minutes * 60}
    if kind == "email":
        values["subject"] = text
    diary.on(days_ago, lambda: diary.writer.create("interaction", values | {"links": link_rows(links())}))


def _plan_lead(diary: Diary, number: int, first: str, last: str, company: str) -> None:
    writer = diary.writer
    born = _LAST + 10 + number * _LEADS_APART
    values = {
        "first_name": first,
        "last_name": last,
        "company_name": company,
        "industry": cast.TRADES[number % len(cast.TRADES)],
        "emails": [f"{first.lower()}.{last.lower()}@example.org"],
        "source": cast.SOURCES[number % len(cast.SOURCES)],
        "rating": ("warm", "hot", "cold")[number % 3],
        "owner": writer.me,
    }
    made: list[int] = []
    diary.on(born, lambda: made.append(writer.create("lead", values).id))
    _plan_talk(diary, born - 2, number, lambda: [("lead", made[0])])
    diary.on(born - 4, lambda: writer.update("lead", made[0], {"status": "contacted"}))
    if number < 2:
        diary.on(born - 12, lambda: writer.update("lead", made[0], {"status": "qualified"}))
        diary.on(born - 20, lambda: convert_lead(writer, made[0], ConvertOptions(with_deal=False)))
        return
    loss = {"status": "unqualified", "lost_reason": cast.REASONS[number % len(cast.REASONS)]}
    diary.on(born - 25, lambda: writer.update("lead", made[0], loss))
