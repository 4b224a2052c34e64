"""The chances of all open deals that follow the model, reckoned anew: what was closed meanwhile counts."""

from contextlib import closing

from crmcli.services.results import Context, Result
from crmcli.services.writer import Writer, write
from crmcli.store.reader import open_reader

_MODELLED = (
    "SELECT id FROM deal WHERE outcome = 'open' AND probability_source = 'auto' AND deleted_at IS NULL ORDER BY id"
)


def reckon_chances(context: Context) -> Result | None:
    """Save the chances that are not what they should be; None, and nothing written, where no deal follows the model."""
    with closing(open_reader(context.store, context.settings.timezone)) as con:
        if con.execute(_MODELLED).fetchone() is None:
            return None

    def work(writer: Writer) -> None:
        for row in writer.all(_MODELLED):
            writer.update("deal", row["id"], {"probability_source": "auto"})

    return write(context, work)
