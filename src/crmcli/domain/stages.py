"""What stages of a pipeline mean, whatever their names: categories, where a deal goes when closed, ready-made sets.

Stored stages are edited by users; the presets here only fill a new pipeline. Moving deals belongs in the services.
"""

from collections.abc import Iterable
from typing import NamedTuple, Protocol, TypeVar


class StagePreset(NamedTuple):
    """One stage of a ready-made pipeline; ``probability_bp`` is in basis points."""

    key: str
    name: str
    italian: str
    kind: str
    probability_bp: int
    forecast_category: str
    aliases: tuple[str, ...] = ()


class Placed(Protocol):
    """Anything with a place in a pipeline: ``kind`` is open, won or lost."""

    @property
    def position(self) -> int:
        """Order in the pipeline."""

    @property
    def kind(self) -> str:
        """Kind of the stage: open, won or lost."""


Stage = TypeVar("Stage", bound=Placed)


def forecast_category(kind: str, probability_bp: int) -> str:
    """Return the category of a stage: pipeline below 50 %, best case below 80 %, then commit; closed once won."""
    if kind != "open":
        return {"won": "closed", "lost": "omitted"}[kind]
    if probability_bp < 5000:
        return "pipeline"
    return "best_case" if probability_bp < 8000 else "commit"


def closing_stage(stages: Iterable[Stage], kind: str, position: int) -> Stage | None:
    """Return the stage in which a deal at a position is closed: the first of that kind after it, else the last before.

    ``kind`` is won or lost; None when the pipeline has no such stage.
    """
    closing = sorted((stage for stage in stages if stage.kind == kind), key=lambda stage: stage.position)
    after = (stage for stage in closing if stage.position > position)
    return next(after, closing[-1] if closing else None)


def furthest_open(stages: Iterable[Stage]) -> Stage | None:
    """Return the last open stage, where a deal stood that arrives as lost and without history."""
    return max((stage for stage in stages if stage.kind == "open"), key=lambda stage: stage.position, default=None)


def is_push(old: str | None, new: str | None) -> bool:
    """Say whether an expected close moved from one date to a later calendar month, which counts as a push."""
    return bool(old and new and new[:7] > old[:7])


def _stage(key: str, name: str, italian: str, percent: int, *aliases: str, kind: str = "open") -> StagePreset:
    points = percent * 100
    return StagePreset(key, name, italian, kind, points, forecast_category(kind, points), aliases)


def _ends(won: str = "Closed Won", lost: str = "Closed Lost") -> tuple[StagePreset, StagePreset]:
    return (
        _stage("won", won, "Chiusa vinta", 100, "closed won", kind="won"),
        _stage("lost", lost, "Chiusa persa", 0, "closed lost", kind="lost"),
    )


PRESETS: dict[str, tuple[StagePreset, ...]] = {
    "sales": (
        _stage(
            "potential",
            "Potential",
            "Potenziale",
            10,
            "prospecting",
            "qualification",
            "qualified to buy",
            "appointment scheduled",
        ),
        _stage(
            "negotiation",
            "Negotiating",
            "In trattativa",
            40,
            "needs analysis",
            "value proposition",
            "presentation scheduled",
            "id. decision makers",
            "negotiation/review",
        ),
        _stage(
            "quote_sent",
            "Quote sent",
            "Inviato preventivo",
            65,
            "proposal",
            "proposal/price quote",
            "quotation",
            "contract sent",
            "decision maker bought-in",
        ),
        *_ends("Won", "Lost"),
    ),
    "classic": (
        _stage("prospecting", "Prospecting", "Ricerca", 10),
        _stage("qualification", "Qualification", "Qualificazione", 20),
        _stage("proposal", "Proposal", "Proposta", 50),
        _stage("negotiation", "Negotiation", "Trattativa", 80),
        *_ends(),
    ),
    "detailed": (
        _stage("prospecting", "Prospecting", "Ricerca", 10),
        _stage("qualification", "Qualification", "Qualificazione", 20),
        _stage("needs_analysis", "Needs Analysis", "Analisi dei bisogni", 25),
        _stage("value_proposition", "Value Proposition", "Proposta di valore", 30),
        _stage(
            "decision_makers",
            "Identifying Decision Makers",
            "Individuazione dei decisori",
            40,
            "id. decision makers",
        ),
        _stage("perception_analysis", "Perception Analysis", "Analisi della percezione", 50),
        _stage("proposal", "Proposal/Price Quote", "Proposta e preventivo", 65),
        _stage("negotiation", "Negotiation/Review", "Trattativa e revisione", 80),
        *_ends(),
    ),
    "frappe": (
        _stage("qualification", "Qualification", "Qualificazione", 10),
        _stage("demo", "Demo/Making", "Dimostrazione", 25),
        _stage("proposal", "Proposal/Quotation", "Proposta e preventivo", 50),
        _stage("negotiation", "Negotiation", "Trattativa", 70),
        _stage("ready_to_close", "Ready to Close", "Pronta alla chiusura", 90),
        *_ends("Won", "Lost"),
    ),
    "hubspot": (
        _stage("appointment_scheduled", "Appointment scheduled", "Appuntamento fissato", 20, "appointmentscheduled"),
        _stage("qualified_to_buy", "Qualified to buy", "Qualificata all'acquisto", 40, "qualifiedtobuy"),
        _stage(
            "presentation_scheduled", "Presentation scheduled", "Presentazione fissata", 60, "presentationscheduled"
        ),
        _stage(
            "decision_maker_bought_in",
            "Decision maker bought-in",
            "Decisore convinto",
            80,
            "decisionmakerboughtin",
        ),
        _stage("contract_sent", "Contract sent", "Contratto inviato", 90, "contractsent"),
        *_ends("Closed won", "Closed lost"),
    ),
    "salesforce": (
        _stage("prospecting", "Prospecting", "Ricerca", 10),
        _stage("qualification", "Qualification", "Qualificazione", 10),
        _stage("needs_analysis", "Needs Analysis", "Analisi dei bisogni", 20),
        _stage("value_proposition", "Value Proposition", "Proposta di valore", 50),
        _stage(
            "decision_makers",
            "Id. Decision Makers",
            "Individuazione dei decisori",
            60,
            "identifying decision makers",
        ),
        _stage("perception_analysis", "Perception Analysis", "Analisi della percezione", 70),
        _stage("proposal", "Proposal/Price Quote", "Proposta e preventivo", 75),
        _stage("negotiation", "Negotiation/Review", "Trattativa e revisione", 90),
        *_ends(),
    ),
}
