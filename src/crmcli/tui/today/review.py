"""The review: stale deals one at a time, each with its card and keys for what becomes of it; then what came of all."""

import sqlite3
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.dom import DOMNode
from textual.widgets import Footer, Static
from textual.worker import Worker

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.domain.plurals import counted
from crmcli.errors import CrmError, NotFoundError
from crmcli.output.cards import card_of
from crmcli.output.safe import safe
from crmcli.queries.cards import Sheet, sheet
from crmcli.queries.records import ListQuery, list_records
from crmcli.tui.actions import bindings
from crmcli.tui.board.closing import ClosingScreen
from crmcli.tui.board.work import move
from crmcli.tui.desk import Desk, Record, Written
from crmcli.tui.dialogs import Choice, ChooseDialog
from crmcli.tui.pages import card_page
from crmcli.tui.today.walk import SKIPPED, Walk
from crmcli.tui.working import WorkScreen

_MARGIN = 4  # cells beside the card
_TIMELINE = 10  # entries
_COUNTED = ("logged", "moved", "snoozed", "won", "lost", "edited", "done")
_SUMMARY = (
    ("Moved", ("moved",)),
    ("Logged", ("logged",)),
    ("Put off", ("snoozed",)),
    ("Closed", ("won", "lost")),
    ("Changed", ("edited", "done")),
    ("Skipped", (SKIPPED,)),
)
_STAGES = "r.kind = 'open' AND r.pipeline_id = (SELECT d.pipeline_id FROM deal d WHERE d.id = :deal)"


class ReviewScreen(ClosingScreen, WorkScreen):
    """The deal that a walk is at, and at its end what was done."""

    DEFAULT_CSS = """
    ReviewScreen #title { height: 1; padding: 0 1; }
    ReviewScreen VerticalScroll { padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("review")]

    def __init__(self, desk: Desk, walk: Walk, reasons: Mapping[int, str]) -> None:
        super().__init__(desk)
        self._walk = walk
        self._reasons = reasons
        self._shown: int | None = None

    def compose(self) -> ComposeResult:
        """Draw the frame; the card comes with the first reading."""
        yield Static(id="title")
        with VerticalScroll():
            yield Static(id="card")
        yield Footer()

    def on_mount(self) -> None:
        """Read the deal."""
        self.action_reload()

    def chosen(self) -> list[Record]:
        """Return the deal once it is shown, none at the end: what was not seen is not acted on."""
        deal = self._walk.deal
        return [Record("deal", deal)] if deal is not None and deal == self._shown else []

    def targets(self) -> dict[str, DOMNode]:
        """Add those of this screen."""
        return {**super().targets(), "review": self}

    @property
    def kind(self) -> str:
        """What a deal is there for: its next step."""
        return "next_step"

    def written(self, what: str, done: Written, about: list[Record]) -> None:
        """Count what was done with the deal, or count it no more."""
        first, refs = done.first(), {Record(one.entity, one.id).ref for result in done.results for one in result.saved}
        if what == "undone":
            self._walk.take_back(refs)
        elif what == "redone":
            self._walk.do_again(refs)
        elif what in _COUNTED and first and about:
            self._walk.note(about[0].id, what, first.ref)

    # reading

    def read(self) -> Worker[None] | None:
        """Read the deal, or sum up when there is none any more."""
        if self._walk.deal is not None:
            return self._read(self._walk.deal)
        self._sum_up()
        return None

    @work(thread=True, exclusive=True, group="read")
    def _read(self, deal: int) -> None:
        try:
            found = self.desk.read(lambda con: sheet(con, ENTITIES["deal"], deal, timeline=_TIMELINE))
        except NotFoundError:
            self.later(self._pass_over, deal)
        except CrmError as error:
            self.refuse_from_thread(error)
        else:
            is_gone = bool(found.record.get("deleted_at"))
            self.later(*((self._pass_over, deal) if is_gone else (self._show, deal, found)))

    def _show(self, deal: int, found: Sheet) -> None:
        if deal != self._walk.deal:
            return
        self._shown = deal
        head = Text(f"{self._walk.place + 1} of {len(self._walk.ids)}", style="bold", no_wrap=True, overflow="ellipsis")
        head.append(f"  {safe(self._reasons.get(deal, ''))}", style="dim")
        self.query_one("#title", Static).update(head)
        self.query_one("#card", Static).update(card_page(card_of(found), self.desk, self.size.width - _MARGIN))
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def _pass_over(self, deal: int) -> None:
        self._walk.drop(deal)
        self.action_reload()

    def _sum_up(self) -> None:
        """Show how many deals there were, and what was done."""
        self.query_one("#title", Static).update(Text("The review is over", style="bold"))
        page = Text(f"{counted(len(self._walk.ids), 'deal')}\n\n")
        for label, what in _SUMMARY:
            detail = ", ".join(
                f"{self._walk.count(one)} {one}" for one in what if len(what) > 1 and self._walk.count(one)
            )
            page.append(f"{label:<10}{self._walk.count(*what):>5}").append(f"   {detail}\n", style="dim")
        self.query_one("#card", Static).update(page.append("\nEscape leaves, b goes back\n", style="dim"))

    # going through

    def action_skip(self) -> None:
        """Go on to the next deal."""
        self._walk.skip()
        self.action_reload()

    def action_back(self) -> None:
        """Go to the deal before."""
        self._walk.back()
        self.action_reload()

    def action_leave(self) -> None:
        """Go back to the day; a review that is not at its end goes on from here another time."""
        self.app.leave()

    # writing

    def action_snooze(self, until: str = "+1w", error: str = "") -> None:
        """Ask for the day of the next step; Enter alone means in a week."""
        super().action_snooze(until, error)

    async def action_move(self) -> None:
        """Ask which stage the deal goes to."""
        for record in self.chosen():
            stages = partial(_stages, deal=record.id)
            await self.find_out(partial(self.desk.read, stages), partial(self._ask_stage, record))

    def _ask_stage(self, record: Record, stages: list[Choice]) -> None:
        def go(stage: str | None) -> None:
            if stage:
                label = next(one.label for one in stages if one.key == stage)
                self.write(lambda: move(self.desk, [record], int(stage)), f"{record.ref} to {label}", "deal", "moved")

        self.app.push_screen(ChooseDialog(f"Move {record.ref} to", stages), go)


def _stages(con: sqlite3.Connection, deal: int) -> list[Choice]:
    """Return the open stages of the pipeline of a deal."""
    query = ListQuery(Clause(_STAGES, {"deal": deal}), sort="position", columns=("name",))
    return [Choice(str(row["id"]), safe(str(row["name"]))) for row in list_records(con, ENTITIES["stage"], query).rows]
