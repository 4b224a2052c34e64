"""The chance of a deal whose probability the model gives, reckoned by every write of it."""

from typing import TYPE_CHECKING, Any

from crmcli.domain.win_chance import Model, chance, factors
from crmcli.queries.win_chances import read_model, values_of

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


class Chances:
    """The models of one transaction, each pipeline read once."""

    def __init__(self, writer: "Writer") -> None:
        self._writer = writer
        self._models: dict[int, Model] = {}

    def of(self, deal: dict[str, Any]) -> int | None:
        """Return the chance of a deal, saved or not, in basis points; None where there is nothing to learn from."""
        con, pipeline_id = self._writer.unit.raw, deal["pipeline_id"]
        if pipeline_id not in self._models:
            self._models[pipeline_id] = read_model(con, pipeline_id)
        model = self._models[pipeline_id]
        tags = [row["tag_id"] for row in deal["tags"]]
        return chance(model, factors(model, values_of(con, deal, tags), deal["stage_id"]))
