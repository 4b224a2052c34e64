"""Ways to see a board and to work on it without keys: saved views, groups, the mouse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.tui.board.bands import HEIGHT, Band, layout_of
from crmcli.tui.board.lane import LaneView
from crmcli.tui.record.screen import RecordScreen
from tests.cli.workspace import Workspace
from tests.tui.driving import Driver, drive


@pytest.fixture
def team(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok("user", "add", "bruno", "--name", "Bruno")
        workspace.ok("org", "add", "Acme")
        for name, amount, owner, close in (
            ("Big", "40k", "bruno", "2026-04-01"),
            ("Small", "2k", "anna", "2026-04-02"),
            ("Other", "5k", "bruno", "2026-04-03"),
            ("Last", "7k", "anna", "2026-04-04"),
        ):
            workspace.ok("deal", "add", name, "--org", "O1", "--amount", amount, "--owner", owner)
            workspace.ok("deal", "edit", name, "--expected-close", close)

    return workspace.once(make)


def potential(user: Driver) -> LaneView:
    return user.board.columns[0].view


def lines(user: Driver) -> list[str]:
    """What is drawn in the first lane, without blank lines."""
    view = potential(user)
    drawn = ("".join(part.text for part in view.render_line(y)).strip() for y in range(view.size.height))
    return [line for line in drawn if line]


def headings(user: Driver) -> list[str]:
    """What is said over the bands."""
    return [line.strip("─ ") for line in lines(user) if line.startswith("──")]


async def carry(user: Driver, row: int, lane: int) -> None:
    """Take the card of a row of the first lane with the mouse, and let it go over another lane."""
    await user.pilot.mouse_down(potential(user), offset=(3, 1 + row * HEIGHT))
    await user.pilot.hover(user.board.columns[lane].view, offset=(3, 5))
    await user.settle()


async def let_go(user: Driver, lane: int) -> None:
    await user.pilot.mouse_up(user.board.columns[lane].view, offset=(3, 5))
    await user.settle()


def test_a_saved_view_is_chosen_and_left(team: Workspace) -> None:
    team.ok("view", "save", "Large ones", "--on", "deal", "--where", "amount >= 6k")
    team.ok("view", "save", "Of leads", "--on", "lead", "--where", "rating = hot")

    async def story(user: Driver) -> None:
        await user.press("v")
        assert "Large ones  amount >= 6k" in user.screen_text()
        assert "Of leads" not in user.screen_text()
        await user.press("down", "enter")
        assert user.lanes["Potential"] == ["Big", "Last"]
        title = user.screen_text().splitlines()[0]
        assert "2 of 4 deals" in title
        assert "Large ones  / amount >= 6k" in title
        await user.press("slash", "end", "backspace", "backspace", *"4k")
        assert user.lanes["Potential"] == ["Big", "Other", "Last"], "a view is where a filter can begin"
        assert "Large ones" not in user.screen_text().splitlines()[0]
        await user.press("enter", "v", "enter")
        assert len(user.lanes["Potential"]) == 4

    drive(team, story)


def test_a_view_that_has_no_meaning_any_more_is_told(team: Workspace) -> None:
    team.ok("field", "add", "deal", "region", "--type", "text")
    team.ok("view", "save", "North", "--on", "deal", "--where", "region = north")
    team.ok("field", "rm", "deal.region", "--yes")

    async def story(user: Driver) -> None:
        await user.press("v", "down", "enter")
        assert "region" in user.screen_text().splitlines()[0]
        assert len(user.lanes["Potential"]) == 4

    drive(team, story)


def test_the_view_and_the_groups_are_there_the_next_time(team: Workspace) -> None:
    team.ok("view", "save", "Large ones", "--on", "deal", "--where", "amount >= 6k")

    async def leave(user: Driver) -> None:
        await user.press("v", "down", "enter", "z")

    async def come_back(user: Driver) -> None:
        title = user.screen_text().splitlines()[0]
        assert "by owner  Large ones" in title
        assert user.lanes["Potential"] == ["Last", "Big"]

    drive(team, leave)
    drive(team, come_back, "")


def test_another_pipeline_is_chosen_and_kept(team: Workspace) -> None:
    team.ok("pipeline", "add", "Renewals", "--stage", "Asked:40")
    team.ok("deal", "add", "Second year", "--org", "O1", "--pipeline", "renewals")

    async def choose(user: Driver) -> None:
        await user.press("l", "l", "p")
        assert "Renewals" in user.screen_text()
        await user.press("down", "enter")
        assert user.screen_text().splitlines()[0].split()[0] == "Renewals"
        assert user.lanes == {"Asked": ["Second year"]}
        await user.press("a", *"Third", "tab", *"Acme", "ctrl+s")
        assert user.shown("deal", "Third")["pipeline_ref"] == "renewals"

    async def come_back(user: Driver) -> None:
        assert sorted(user.lanes["Asked"]) == ["Second year", "Third"]
        await user.press("p", "enter")
        assert len(user.lanes["Potential"]) == 4
        await user.press("2", "p")
        assert "only deals are in pipelines" in user.told

    drive(team, choose)
    drive(team, come_back)


def test_cards_are_grouped_under_headings(team: Workspace) -> None:
    async def story(user: Driver) -> None:
        assert user.lanes["Potential"] == ["Big", "Small", "Other", "Last"]
        await user.press("z")
        assert user.lanes["Potential"] == ["Small", "Last", "Big", "Other"]
        assert user.card == "Big", "the cursor stays with its card"
        drawn = lines(user)
        assert [drawn[place].rstrip("─") for place in (0, 7)] == ["── anna  2 ", "── bruno  2 "]
        assert sum(line.startswith("──") for line in drawn) == 2
        await user.press("z")
        assert user.lanes["Potential"] == ["Big", "Small", "Other", "Last"]
        assert not any(line.startswith("──") for line in lines(user))

    drive(team, story)


def test_bands_stand_side_by_side_in_all_lanes(team: Workspace) -> None:
    team.ok("deal", "move", "D1", "negotiation")
    team.ok("deal", "move", "D4", "quote_sent")

    async def story(user: Driver) -> None:
        await user.press("z")
        found = user.screen_text().splitlines()
        bands = [line for line in found if line.startswith(("── anna  2 ─", "── bruno  2 ─"))]
        assert len(bands) == 2
        assert all(line.count("─") > 100 for line in bands), "the heading goes across all lanes"
        place = {
            name: next(y for y, line in enumerate(found) if name in line) for name in ("Small", "Last", "Other", "Big")
        }
        assert place["Small"] == place["Last"] < place["Other"] == place["Big"]
        await user.press("g", "l")
        assert user.card == "Big", "the nearest card of a lane that has none in this band"
        await user.press("l")
        assert user.card == "Last"
        await user.press("h", "h")
        assert user.card == "Other", "what stands beside it"

    drive(team, story)


def test_lanes_in_bands_are_scrolled_together(team: Workspace) -> None:
    rows = [f"Deal {number:04},Acme,{number},{'anna' if number % 2 else 'bruno'}" for number in range(300)]
    file = team.home / "deals.csv"
    file.write_text("\n".join(["name,organization,amount,owner", *rows]), encoding="utf-8")
    team.ok("import", "deal", str(file))
    team.ok("deal", "move", "D4", "negotiation")

    async def story(user: Driver) -> None:
        await user.press("z", "G")
        offsets = {column.view.scroll_offset.y for column in user.board.columns}
        assert len(offsets) == 1
        assert offsets != {0}
        await user.press("l")
        assert user.card == "Last"
        assert {column.view.scroll_offset.y for column in user.board.columns} == {0}
        await user.press("z")
        user.board.columns[0].view.scroll_to(y=40, animate=False)
        await user.settle()
        assert user.board.columns[1].view.scroll_offset.y == 0, "each for itself, where there are no bands"

    drive(team, story)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=6).filter(
        lambda one: all(map(any, one))
    )
)
def test_every_line_of_a_band_has_its_card(counts: list[tuple[int, int]]) -> None:
    bands = [Band(f"B{number}", {"left": left, "right": right}) for number, (left, right) in enumerate(counts)]
    left, right = (layout_of(bands, lane) for lane in ("left", "right"))
    assert left.lines == right.lines
    assert [spot.heading for line in range(left.lines) if (spot := left.at(line)).heading] == [
        right.at(line).heading for line in range(left.lines) if left.at(line).heading
    ]
    for layout, side in ((left, 0), (right, 1)):
        total = sum(count[side] for count in counts)
        seen = [
            spot.place for line in range(layout.lines) if (spot := layout.at(line)).place is not None and not spot.part
        ]
        assert seen == list(range(total))
        for place in seen:
            assert layout.at(layout.line_of(place)) == (place, 0, "")
            assert layout.near(layout.line_of(place)) == place


def test_tickets_and_leads_have_groups_of_their_own(team: Workspace) -> None:
    for subject, priority in (("Slow", "low"), ("Down", "urgent")):
        team.ok("ticket", "open", subject, "--priority", priority, "--assignee", "anna")
    team.ok("lead", "add", "Anna Rossi", "--rating", "cold")
    team.ok("lead", "add", "Ugo Neri")

    async def story(user: Driver) -> None:
        await user.press("z")
        assert headings(user) == ["anna  2"]
        await user.press("z")
        assert headings(user) == ["Urgent  1", "Low  1"]
        await user.press("2", "z", "z")
        assert headings(user) == ["Cold  1", "no rating  1"]

    drive(team, story, "ticket")


def test_groups_of_many_cards_are_read_as_they_come_into_sight(team: Workspace) -> None:
    rows = [f"Deal {number:04},Acme,{number},{'anna' if number % 2 else 'bruno'}" for number in range(300)]
    file = team.home / "deals.csv"
    file.write_text("\n".join(["name,organization,amount,owner", *rows]), encoding="utf-8")
    team.ok("import", "deal", str(file))

    async def story(user: Driver) -> None:
        await user.press("z", "G")
        view = potential(user)
        assert view.cursor == 303
        assert view.card
        assert user.shown("deal", view.card.ref)["owner"] == "bruno"
        await user.press("g")
        assert user.shown("deal", view.card.ref)["owner"] == "anna"
        assert lines(user)[0].startswith("── anna  152 ─")

    drive(team, story)


def test_a_card_is_carried_to_another_lane(team: Workspace) -> None:
    async def story(user: Driver) -> None:
        await carry(user, row=1, lane=2)
        assert "Small → Quote sent" in user.screen_text().splitlines()[0]
        assert [column.view.has_class("-target") for column in user.board.columns] == [False, False, True]
        assert user.lanes["Quote sent"] == [], "nothing is done before it is let go"
        await let_go(user, lane=2)
        assert user.lanes["Quote sent"] == ["Small"]
        assert user.shown("deal", "D2")["stage_ref"] == "quote_sent"
        assert not any(column.view.has_class("-target") for column in user.board.columns)
        await user.press("u")
        assert user.shown("deal", "D2")["stage_ref"] == "potential"

    drive(team, story)


def test_selected_cards_are_carried_together(team: Workspace) -> None:
    async def story(user: Driver) -> None:
        await user.press("space", "j", "space")
        await carry(user, row=0, lane=1)
        assert "2 deals → Negotiating" in user.screen_text().splitlines()[0]
        await let_go(user, lane=1)
        assert user.lanes["Negotiating"] == ["Big", "Small"]

    drive(team, story)


def test_a_card_that_is_let_go_where_it_was_or_outside_stays(team: Workspace) -> None:
    async def story(user: Driver) -> None:
        before = user.crm("undo", "--list")
        await carry(user, row=0, lane=2)
        await user.pilot.hover(potential(user), offset=(3, 5))
        await user.settle()
        assert "4 deals" in user.screen_text().splitlines()[0]
        await let_go(user, lane=0)
        await carry(user, row=0, lane=2)
        await user.pilot.mouse_up("#title")
        await user.settle()
        assert user.crm("undo", "--list") == before

    drive(team, story)


def test_escape_lets_go_of_what_the_mouse_holds(team: Workspace) -> None:
    async def story(user: Driver) -> None:
        before = user.crm("undo", "--list")
        await carry(user, row=0, lane=2)
        await user.press("escape")
        assert not any(column.view.has_class("-target") for column in user.board.columns)
        await let_go(user, lane=2)
        assert user.crm("undo", "--list") == before
        await user.press("slash", *"amount > 6k", "escape", "j")
        assert user.lanes["Potential"] == ["Big", "Last"], "the line is left, and the filter stays"
        assert user.card == "Last"

    drive(team, story)


def test_a_click_moves_the_cursor_and_two_open_the_record(team: Workspace) -> None:
    team.ok("deal", "move", "D4", "negotiation")

    async def story(user: Driver) -> None:
        await user.pilot.click(potential(user), offset=(3, 1 + 2 * HEIGHT))
        await user.settle()
        assert user.card == "Other"
        await user.pilot.click(user.board.columns[1].view, offset=(3, 1))
        await user.settle()
        assert user.card == "Last", "one click opens nothing, in a lane that the cursor comes to neither"
        await user.pilot.click(user.board.columns[1].view, offset=(3, 1), times=2)
        await user.settle()
        assert isinstance(user.app.screen, RecordScreen)

    drive(team, story)


@pytest.mark.parametrize("width", [40, 80, 100])
def test_of_many_lanes_those_around_the_cursor_are_on_the_screen(team: Workspace, width: int) -> None:
    for number in range(9):
        team.ok("pipeline", "edit", "1", "--add-stage", f"Step {number}", "--after", "potential", "--probability", "20")

    async def story(user: Driver) -> None:
        for _ in user.board.columns[1:]:
            view = user.board.view
            assert view
            assert view.region.width >= 19
            shown = [column.view.region for column in user.board.columns if column.view.region.width]
            assert max(region.right for region in shown) <= width
            await user.press("l")
        assert user.board.view is user.board.columns[-1].view

    drive(team, story, size=(width, 24))
