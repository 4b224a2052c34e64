"""What all screens of records have in common: reading and writing in threads, and what can be done to any record.

A screen says which records the next action is about (``chosen``) and how it is read (``read``).
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual import work
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerCancelled, get_current_worker

from crmcli.catalogue import ENTITIES
from crmcli.errors import CrmError
from crmcli.output.safe import safe
from crmcli.tui import records as acts
from crmcli.tui.actions import bindings
from crmcli.tui.desk import Desk, Record, Written
from crmcli.tui.dialogs import Asked, Choice, ChooseDialog, FormDialog
from crmcli.tui.threads import call_on, is_there

if TYPE_CHECKING:
    from crmcli.tui.app import CrmApp

T = TypeVar("T")
_SETTLED = (
    Choice("stored", "Keep what is stored"),
    Choice("mine", "Save mine over it"),
    Choice("form", "Go back to the form"),
)


class Read(Message, Generic[T]):
    """A reading came back; it is made by the worker that read."""

    def __init__(self, found: T) -> None:
        super().__init__()
        self.found = found
        self.reading = get_current_worker()


class DeskScreen(Screen[None]):
    """A screen that works on the records of a desk."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("records")]
    app: "CrmApp"
    _following: Record | None = None
    _reading: object = None

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    # what a screen has of its own

    def chosen(self) -> list[Record]:
        """Return the records that the next action is about: those selected, or the one the cursor is on."""
        raise NotImplementedError

    def read(self) -> Worker[None] | None:
        """Begin to read what is shown, in a thread; who shows it puts the cursor on the record ``followed``."""
        raise NotImplementedError

    def kept(self) -> dict[str, str]:
        """Return what is to be the same when the screen is shown the next time."""
        return {}

    def targets(self) -> dict[str, DOMNode]:
        """Return the targets of actions that there are on this screen now, and who acts for each."""
        return {"records": self}

    def written(self, what: str, done: Written, about: list[Record]) -> None:
        """Take note of the write that has just been made, or forget what was for it, such as a selection.

        ``about`` are the records that were chosen when it was asked for, since others may be by now.
        """

    # reading and writing

    def action_reload(self, follow: Record | None = None) -> None:
        """Read again what is shown; the cursor goes to the record ``follow``, if that is there.

        It does so too when yet another reading takes the place of this one before it has come back.
        """
        self._following = follow or self._following
        self._reading = self.read()

    def is_late(self, message: Read[Any]) -> bool:
        """Say whether another reading was begun while this one waited to be shown, so that it is not to be any more."""
        return message.reading is not self._reading

    def followed(self) -> Record | None:
        """Return the record that the cursor is to go to, once."""
        following, self._following = self._following, None
        return following

    async def find_out(self, ask: Callable[[], T], then: Callable[[T], object]) -> None:
        """Ask something that blocks, in a thread, and go on with the answer; a refusal is told.

        An action waits for it, so that what is typed meanwhile for the form that opens does nothing to the records.
        """
        with suppress(WorkerCancelled):
            await self._find_out(ask, then).wait()

    @work(thread=True)
    def _find_out(self, ask: Callable[[], T], then: Callable[[T], object]) -> None:
        try:
            found = ask()
        except CrmError as error:
            self.refuse_from_thread(error)
        else:
            self.later(then, found)

    def write(self, act: Callable[[], Written], told: str = "", entity: str = "", what: str = "") -> None:
        """Do something that writes, tell what came of it, and read again; the cursor goes to what was written.

        ``entity`` is the kind of record to follow, any where it is empty; ``what`` says to ``written`` what it was.
        """

        def again(error: CrmError) -> None:
            self.refuse(error)
            self.action_reload()  # what is shown may be why it was refused

        self._write(act, again, told, entity, what)

    def submit(
        self, act: Callable[[], Written], again: Callable[[CrmError], None], entity: str = "", what: str = ""
    ) -> None:
        """Save a form; when it is refused, call ``again`` with the reason, to open it with its texts."""
        self._write(act, again, "", entity, what)

    def _write(
        self, act: Callable[[], Written], again: Callable[[CrmError], None], told: str, entity: str, what: str
    ) -> None:
        """Write, and tell what came of it, on another screen when this one was left by then."""
        app, about = self.app, self.chosen()

        def wrote(done: Written) -> None:
            self.written(what, done, about)
            self._tell(app, [told, *done.told] if told else done.told, done.first(entity))

        def failed(error: CrmError) -> None:
            (again if is_there(self) else app.refuse)(error)

        app.write(act, wrote, failed)

    def _tell(self, app: "CrmApp", told: list[str], follow: Record | None) -> None:
        if told:
            app.notify("\n".join(map(safe, told)), markup=False)
        if is_there(self):
            self.action_reload(follow)
        else:
            app.reload()

    def refuse(self, error: CrmError) -> None:
        """Say why something was not done."""
        self.app.refuse(error)

    def later(self, call: Callable[..., object], *arguments: object) -> None:
        """Call something from a thread, if this screen was not left."""
        call_on(self, call, *arguments)

    def refuse_from_thread(self, error: CrmError) -> None:
        """Say why something was not done, from a thread."""
        self.later(self.refuse, error)

    # what can be done to any record

    def action_open_record(self) -> None:
        """Show the record whole."""
        for record in self.chosen()[:1]:
            self.app.open_record(record)

    def action_undo(self) -> None:
        """Take back the last step, whoever made it where."""
        self.write(lambda: acts.take_back(self.desk, again=False), what="undone")

    def action_redo(self) -> None:
        """Do again what was taken back last."""
        self.write(lambda: acts.take_back(self.desk, again=True), what="redone")

    async def action_edit(self) -> None:
        """Open the short form of the record."""
        for record in self.chosen()[:1]:
            await self.find_out(partial(acts.draft_of, self.desk, record), self.ask_edit)

    def ask_edit(self, draft: acts.Draft) -> None:
        """Open the form of a draft."""
        self._ask_edit(draft, draft.texts)

    def _ask_edit(self, draft: acts.Draft, texts: Mapping[str, str], error: str = "") -> None:
        def save(filled: Mapping[str, str] | None) -> None:
            given = {key: text for key, text in (filled or {}).items() if text != draft.texts[key]}
            if filled is not None and given:
                self._save(draft, given)

        self.open_form(draft.record.ref, draft.record.entity, texts, save, error)

    def _save(self, draft: acts.Draft, given: Mapping[str, str]) -> None:
        def again(error: CrmError) -> None:
            if error.code == "version.conflict":
                self._ask_clash(draft.record, given, error)
            else:
                self._ask_edit(draft, {**draft.texts, **given}, safe(str(error)))

        if draft.save:
            act = partial(draft.save, given)
        else:
            act = partial(acts.edit, self.desk, [draft.record], given, draft.version)
        self.submit(act, again, draft.record.entity, "edited")

    def _ask_clash(self, record: Record, given: Mapping[str, str], error: CrmError) -> None:
        """Show what somebody else saved beside what was typed, and let the user say which it is to be."""

        async def settle(answer: str | None) -> None:
            if answer in ("mine", "form"):
                await self._edit_anew(record, given, is_sure=answer == "mine")

        lines = [f"{record.ref} was changed meanwhile by somebody else"]
        lines += [f"{key}: {two['stored']} (stored), {two['wanted']} (yours)" for key, two in _values(error)]
        self.app.push_screen(ChooseDialog("\n".join(map(safe, lines)), _SETTLED), settle)

    async def _edit_anew(self, record: Record, given: Mapping[str, str], *, is_sure: bool) -> None:
        """Take what was typed to the record as it is now: at once, or once more through the form."""

        def go_on(draft: acts.Draft) -> None:
            if is_sure:
                self._save(draft, given)
            else:
                self._ask_edit(draft, {**draft.texts, **given})

        await self.find_out(lambda: acts.draft_of(self.desk, record), go_on)

    def open_form(
        self,
        title: str,
        entity: str,
        texts: Mapping[str, str],
        then: Callable[[Mapping[str, str] | None], None],
        error: str = "",
    ) -> None:
        """Open the short form of a kind of record with texts in it."""
        lines = [Asked(key, ENTITIES[entity].fields[key].label, texts.get(key, "")) for key in acts.FORMS[entity]]
        self.app.push_screen(FormDialog(title, lines, error, acts.checker(self.desk, entity)), then)

    def action_log(self, texts: Mapping[str, str] | None = None, error: str = "") -> None:
        """Ask what happened with the records, and keep it; Enter alone keeps a call."""
        records = self.chosen()
        if not records:
            return

        def keep(filled: Mapping[str, str] | None) -> None:
            if filled is not None:
                self.submit(
                    lambda: acts.log(self.desk, records, filled),
                    lambda error: self.action_log(filled, safe(str(error))),
                    what="logged",
                )

        given = texts or {"title": "Call", "kind": "call"}
        lines = [Asked("title", "What happened", given["title"]), Asked("kind", "Kind", given["kind"])]
        title = f"Log with {', '.join(record.ref for record in records[:5])}"
        self.app.push_screen(FormDialog(title, lines, error, saves_on_enter=True), keep)

    async def action_open_address(self) -> None:
        """Open the mail or web address of the record with the configured program."""
        for record in self.chosen()[:1]:
            open_it = partial(acts.open_address, self.desk, record)
            await self.find_out(open_it, lambda told: self.notify(safe(told), markup=False))

    async def action_copy(self) -> None:
        """Copy the e-mail, phone or name of the record to the clipboard of the terminal, by OSC 52."""

        def copy(text: str) -> None:
            self.app.copy_to_clipboard(text)
            self.notify(f"copied {text}", markup=False)

        for record in self.chosen()[:1]:
            await self.find_out(partial(acts.copied, self.desk, record), copy)


def _values(error: CrmError) -> list[tuple[str, Mapping[str, object]]]:
    """Return what a clash says of each field: the values that are stored and wanted."""
    return list(error.details.get("fields", {}).items())
