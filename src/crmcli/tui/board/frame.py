"""The frame of a board: lanes side by side, read in threads, and a cursor among their cards.

Whatever reads runs in a thread and comes back as a message, so that no key waits for the store. What narrows the board
is in ``narrowing``, what changes records in ``screen``.
"""

from collections.abc import Mapping
from typing import NamedTuple

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.geometry import Offset
from textual.widgets import Footer, Input, Static
from textual.worker import Worker

from crmcli.catalogue import ENTITIES
from crmcli.domain.plurals import counted
from crmcli.errors import CrmError
from crmcli.output.safe import safe
from crmcli.queries.board import KINDS, Lane
from crmcli.tui.board.cards import Card, amount_text
from crmcli.tui.board.lane import PAGE, LaneView
from crmcli.tui.board.reading import Sight, Wanted, read_board, read_page
from crmcli.tui.desk import Desk, Record, Written
from crmcli.tui.screen import DeskScreen, Read
from crmcli.tui.visible import Visible

_EXAMPLE = "condition, such as amount >= 10k and owner = me"
_WIDE = 24  # cells of a lane that is read with ease
_LEAST = 21  # cells of one that can be read
_NARROW = 8  # cells of one that shows only its count


class Column(NamedTuple):
    """A lane with the lines over it."""

    head: Static
    view: LaneView


class BoardFrame(DeskScreen):
    """A board to look at: its lanes and the cursor; ``entity`` is the kind of record, ``wanted`` what is seen of it."""

    DEFAULT_CSS = """
    BoardFrame #title { height: 1; padding: 0 1; }
    BoardFrame #lanes { height: 1fr; }
    BoardFrame .column { width: 1fr; padding: 0 1 0 0; }
    BoardFrame .column.-collapsed { width: 8; }
    BoardFrame .column.-away { display: none; }
    BoardFrame .head { height: 2; text-wrap: nowrap; text-overflow: ellipsis; }
    BoardFrame #filter { display: none; dock: bottom; margin-bottom: 1; }
    BoardFrame #filter.-open { display: block; }
    """

    AUTO_FOCUS = ""  # the first lane is there when it was read; until then no line takes the keys

    def __init__(self, desk: Desk, entity: str, kept: Mapping[str, str]) -> None:
        super().__init__(desk)
        self.entity = entity
        group = kept.get("group", "")
        is_known = group in KINDS[entity].groups
        self.wanted = Wanted(
            kept.get("filter", ""), kept.get("view", ""), group if is_known else "", kept.get("pipeline", "")
        )
        self.columns: list[Column] = []
        self._sight: Sight | None = None
        self._said = "", "bold"
        self._current = int(kept.get("lane", "0"))

    # drawing

    def compose(self) -> ComposeResult:
        """Draw the frame; the lanes come with the first reading."""
        yield Static(id="title")
        yield Horizontal(id="lanes")
        yield Input(
            self.wanted.condition, _EXAMPLE, id="filter", compact=True, highlighter=Visible(), disabled=True
        )  # takes no keys until it is seen
        yield Footer()

    def on_mount(self) -> None:
        """Read the board, and again whenever somebody wrote."""
        self.action_reload()

    async def on_read(self, message: Read[Sight]) -> None:
        """Show what was read; the cursor goes with the record it is to follow."""
        if self.is_late(message):
            return
        sight, self._sight = message.found, message.found
        if [column.view.lane.key for column in self.columns] != [lane.key for lane in sight.lanes]:
            await self._lay_out(sight.lanes)
        for column, lane in zip(self.columns, sight.lanes, strict=True):
            column.view.show(lane, dict(sight.cards[lane.key]), sight.layout(lane))
            column.head.update(self._head(lane))
        self.tell(*self._said)
        if followed := self.followed():
            self._follow(followed)

    async def _lay_out(self, lanes: list[Lane]) -> None:
        """Make the widgets of the lanes anew."""
        await self.query("#lanes > *").remove()
        self.columns = [Column(Static(classes="head"), LaneView(lane)) for lane in lanes]
        self._current = min(self._current, max(0, len(lanes) - 1))
        await self.query_one("#lanes").mount(*(Vertical(*column, classes="column") for column in self.columns))
        if self.columns:
            self._go_to(self._current)

    def _head(self, lane: Lane) -> Text:
        """Return the two lines over a lane: its name and count, what it adds up to and that weighted."""
        told = Text(no_wrap=True, overflow="ellipsis")
        told.append(safe(lane.label), style="bold").append(f"  {lane.records:,}")
        if lane.sums:
            first, locale = lane.sums[0], self.desk.settings.locale
            amount, weighted = (amount_text(one, first.currency, locale) for one in (first.amount, first.weighted))
            more = f" +{len(lane.sums) - 1}" if len(lane.sums) > 1 else ""
            told.append(f"\n{amount}{more}").append(f"  ~{weighted}", style="dim")
        return told

    def tell(self, text: str = "", style: str = "bold") -> None:
        """Say something in the line over the board, until another thing is said; without a text, what is seen."""
        self._said = text, style
        told = Text(safe(text), style=style, no_wrap=True, overflow="ellipsis")
        if not text and self._sight:
            told = self._title(self._sight)
        self.query_one("#title", Static).update(told)

    def _title(self, sight: Sight) -> Text:
        """Return the line over the board: its name and count, and what is seen of it."""
        kind, wanted, shown = ENTITIES[self.entity], self.wanted, sum(lane.records for lane in sight.lanes)
        told = Text(no_wrap=True, overflow="ellipsis").append(safe(sight.name), style="bold")
        told.append(
            f"  {f'{shown:,} of ' if wanted.condition else ''}{counted(sight.total, kind.label.lower(), kind.plural)}"
        )
        if not sight.lanes:
            told.append("  no stages; crm pipeline edit adds them")
        if wanted.group:
            told.append(f"  by {kind.fields[wanted.group.removeprefix('-')].label.lower()}")
        if wanted.view:
            told.append(f"  {safe(wanted.view)}", style="bold")
        return told.append(f"  / {safe(wanted.condition)}" if wanted.condition else "", style="italic")

    def on_resize(self, _: Resize) -> None:
        """Collapse lanes that there is no room for."""
        self._fit()

    def _fit(self) -> None:
        """Give room to the lanes around the current one; others show only their count, as many as there is room for."""
        if not self.columns:
            return
        room = max(1, self.size.width // _WIDE)
        first = max(0, min(self._current - room // 2, len(self.columns) - room))
        apart = [max(first - place, place - first - room + 1, 0) for place in range(len(self.columns))]
        beside = max(0, self.size.width - room * _LEAST) // _NARROW
        near = sorted(range(len(apart)), key=apart.__getitem__)[: room + beside]
        for place, column in enumerate(self.columns):
            is_out = apart[place] > 0
            column.view.set_class(is_out, "-collapsed")
            column.view.set_class(place == first, "-first")
            if column.view.parent is not None:
                column.view.parent.set_class(is_out, "-collapsed")
                column.view.parent.set_class(place not in near, "-away")

    # reading

    def read(self) -> Worker[None]:
        """Read the board, as deep as it is shown."""
        depths = {column.view.lane.key: max(column.view.cards, default=0) for column in self.columns}
        return self._read(self.wanted, depths)

    @work(thread=True, exclusive=True, group="read")
    def _read(self, wanted: Wanted, depths: Mapping[int | str, int]) -> None:
        try:
            sight = read_board(self.desk, self.entity, wanted, depths)
        except CrmError as error:
            self.refuse_from_thread(error)
            if wanted.condition and self._sight is None:  # kept from the last time, and without a meaning by now
                self.later(self.look_at, Wanted(group=wanted.group, pipeline=wanted.pipeline))
        else:
            self.later(self.post_message, Read(sight))

    def look_at(self, wanted: Wanted, follow: Record | None = None) -> None:
        """Show something else of the board."""
        line = self.query_one("#filter", Input)
        if not line.has_focus:
            line.value = wanted.condition
        if wanted != self.wanted:
            self.wanted = wanted
            self.action_reload(follow)

    def on_lane_view_more_wanted(self, message: LaneView.MoreWanted) -> None:
        """Read the cards that come into sight."""
        if self._sight is not None:
            self._read_page(message.lane, message.offset, self._sight)

    @work(thread=True, group="page")
    def _read_page(self, view: LaneView, offset: int, sight: Sight) -> None:
        try:
            cards = read_page(self.desk, sight, view.lane.key, offset, PAGE)
        except CrmError as error:
            self.refuse_from_thread(error)
        else:
            self.later(self._add_page, view, cards, sight)

    def _add_page(self, view: LaneView, cards: dict[int, Card], sight: Sight) -> None:
        """Show a page that was read, unless the board was read anew since; then its lanes ask again."""
        if self._sight is sight:
            view.add_cards(cards)

    # the cursor

    @property
    def view(self) -> LaneView | None:
        """The lane that the cursor is in."""
        return self.columns[self._current].view if self.columns else None

    def on_descendant_focus(self) -> None:
        """Keep in mind which lane the cursor is in."""
        for place, column in enumerate(self.columns):
            if column.view is self.focused and place != self._current:
                self._current = place
                self._fit()

    def on_lane_view_scrolled(self, message: LaneView.Scrolled) -> None:
        """Let bands stand side by side in all lanes."""
        if self.wanted.group:
            for column in self.columns:
                if column.view is not message.lane:
                    column.view.scroll_with(message.lane)

    def lane_at(self, point: Offset) -> int | None:
        """Return the place of the lane that is at a point of the screen."""
        areas = (column.head.region.union(column.view.region) for column in self.columns)
        return next((place for place, area in enumerate(areas) if area.contains_point(point)), None)

    def action_go(self, way: str) -> None:
        """Go to the next lane to the left or right."""
        place = self._current + (1 if way == "right" else -1)
        if 0 <= place < len(self.columns) and self.view:
            if self.wanted.group:  # to what stands beside it
                beside = self.columns[place].view
                beside.cursor = beside.layout_of_cards.near(self.view.line)
                beside.watch_cursor()  # which may be out of sight, and on that card already
            self._go_to(place)

    def _go_to(self, place: int) -> None:
        """Put the cursor into a lane, at once; a condition that is being typed keeps the keys."""
        self._current = place
        self._fit()
        if self.focused is not self.query_one("#filter"):
            self.set_focus(self.columns[place].view)

    def _follow(self, record: Record) -> None:
        """Put the cursor on a record, in whatever lane it is now."""
        for place, column in enumerate(self.columns):
            found = column.view.find(record.id) if record.entity == self.entity else None
            if found is not None:
                column.view.cursor = found
                self._go_to(place)

    def chosen(self) -> list[Record]:
        """Return the selected cards, or the one the cursor is on."""
        selected = [one for column in self.columns for one in sorted(column.view.selected)]
        if not selected and self.view and self.view.card:
            selected = [self.view.card.id]
        return [Record(self.entity, one) for one in selected]

    def kept(self) -> dict[str, str]:
        """Return what is seen, and the lane."""
        wanted = self.wanted
        return {
            "filter": wanted.condition,
            "view": wanted.view,
            "group": wanted.group,
            "pipeline": wanted.pipeline,
            "lane": str(self._current),
        }

    def written(self, what: str, done: Written, about: list[Record]) -> None:
        """Select nothing any more."""
        for column in self.columns:
            column.view.selected = set()

    def action_select(self) -> None:
        """Select the card for what is to be done to several together."""
        if self.view:
            self.view.toggle()

    def action_open_record(self) -> None:
        """Show the record under the cursor whole, whatever is selected."""
        if self.view and self.view.card:
            self.app.open_record(Record(self.entity, self.view.card.id))

    def on_lane_view_opened(self) -> None:
        """Show the record that was clicked twice."""
        self.action_open_record()
