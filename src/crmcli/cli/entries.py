"""What the command tree is made of: commands as plain data, and the usual sets of verbs. The tree: ``registry``."""

from collections.abc import Iterator
from typing import NamedTuple

ALIASES = {"ls": "list", "del": "rm"}
COMPLETE = "_CRM_COMPLETE"  # variable by which the completion script of a shell asks for answers


class Entry(NamedTuple):
    """One command, or a group of commands when it has verbs."""

    name: str
    summary: str
    module: str = ""  # under crmcli.cli; a verb without one lives in its group's module
    panel: str = ""  # heading in the help of the group above
    reads: bool = False  # never writes, so it must start without the write side
    verbs: tuple["Entry", ...] = ()
    usual: str = ""  # the verb that is meant where none is named
    own: str = ""  # module under crmcli.cli that knows further verbs, of the user's own

    def find(self, name: str) -> "Entry | None":
        """Return the verb called so, by name or alias; None when there is none."""
        wanted = ALIASES.get(name, name)
        found = next((verb for verb in self.verbs if verb.name in (name, wanted)), None)
        return found if found is None or found.module else found._replace(module=self.module)


def walk(entry: Entry, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Entry]]:
    """Yield every single command below an entry with its path, such as ``("lead", "add")``, modules filled in."""
    for verb in entry.verbs:
        found = entry.find(verb.name) or verb
        if found.verbs:
            yield from walk(found, (*path, found.name))
        else:
            yield (*path, found.name), found


def reading(name: str, summary: str, module: str = "") -> Entry:
    """Return a verb that only reads."""
    return Entry(name, summary, module, reads=True)


def record(name: str, summary: str, one: str, many: str, *more: Entry, panel: str = "Records") -> Entry:
    """Return a noun with the verbs that every record has, then its own."""
    verbs = (
        Entry("add", f"Add {one}."),
        reading("list", f"List {many}."),
        reading("show", f"Show {one}, whole."),
        Entry("edit", f"Change {one}, or many by a condition."),
        Entry("rm", f"Remove {many}."),
        Entry("restore", f"Bring removed {many} back."),
    )
    return Entry(name, summary, name, panel, verbs=verbs + more)


def configured(name: str, summary: str, *verbs: Entry, module: str = "") -> Entry:
    """Return a noun of what users configure."""
    return Entry(name, summary, module or name, "Your own words", verbs=verbs)
