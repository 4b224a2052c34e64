"""Somebody who is reminded: asks what is new at a moment and keeps that it was told."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field

from crmcli import clock
from crmcli.config.remind_settings import RemindSettings
from crmcli.queries.occurrences import Row
from crmcli.queries.reminders import Audience, new_things, present
from crmcli.queries.watch import Thing, Watch
from crmcli.services.reminding import keep_told
from crmcli.store.reader import open_reader
from tests.services.world import Store


@dataclass
class Reminded:
    """The audience of a store. ``told`` is all that was told, with the stored instant."""

    store: Store
    name: str = "terminal"
    settings: RemindSettings = field(default_factory=RemindSettings)
    told: list[tuple[str, Thing]] = field(default_factory=list)
    is_walking: bool = False  # asks thousands of times and writes nothing meanwhile, so that reading goes on
    _con: sqlite3.Connection | None = None

    def new(self, *, again: bool = False, since: str | None = None, user: int | None = None) -> list[Thing]:
        """Return what is to be told now."""
        settings = self.store.settings
        watch = Watch(self.settings, settings.timezone, user, None, settings.calendar, settings.service_levels)
        if self._con is None:
            self._con = open_reader(self.store.path, settings.timezone)
        found = new_things(self._con, watch, Audience(self.name, again, since))
        if not self.is_walking:
            self.close()
        return found

    def close(self) -> None:
        """End the reading, so that what was written since is seen."""
        if self._con is not None:
            self._con.close()
            self._con = None

    def tell(self) -> list[Thing]:
        """Return what is to be told now, and keep that it was told."""
        things = self.new()
        if things:
            self.close()
            keep_told(self.store.context(), self.name, things)
            self.told += [(clock.now_text(), thing) for thing in things]
        return things

    def rows(self) -> list[Row]:
        """Return what is to be told now as rows."""
        things = self.new()
        with closing(open_reader(self.store.path, self.store.settings.timezone)) as con:
            return present(con, things)


def named(things: list[Thing]) -> list[tuple[str, str, str]]:
    """Return what tells things apart: urgency, kind and ref."""
    letters = {"task": "T", "event": "E", "deal": "D", "lead": "L", "contact": "C", "ticket": "K"}
    return [(thing.urgency, thing.kind, f"{letters[thing.entity]}{thing.id}") for thing in things]
