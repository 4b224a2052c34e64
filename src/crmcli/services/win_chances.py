"""The chances of all open deals that follow the model, reckoned anew: what was closed meanwhile counts."""

from crmcli.services.results import Context, Result
from crmcli.services.writer import Writer, write

_MODELLED = (
    "SELECT id FROM deal WHERE outcome = 'open' AND probability_source = 'auto' AND deleted_at IS NULL ORDER BY id"
)


def reckon_chances(context: Context) -> Result:
    """Save the chances that are not what they should be."""

    def work(writer: Writer) -> None:
        for row in writer.all(_MODELLED):
            writer.update("deal", row["id"], {"probability_source": "auto"})

    return write(context, work)
