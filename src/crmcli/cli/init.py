"""``crm init``: the store and the configuration file, made once; asked again, it says that they are there."""

import typer

from crmcli.cli.session import current

app = typer.Typer(add_completion=False)


@app.command()
def init() -> None:
    """Create the store and a commented configuration.

    A store that an older version made is brought up to date, after a backup.

    Examples:
        crm init
        CRMCLI_HOME=/srv/crm crm init
    """
    from crmcli.services.setup import create_store

    session = current()
    store = session.store_path
    was_there = store.exists()
    made = create_store(store, session.settings)
    if not made:
        session.streams.note(f"the store is there: {store}")
    elif was_there:
        session.streams.note(f"brought up to date: {store}; as it was before, it is in {store.parent / 'backups'}")
    else:
        session.streams.note(f"created the store {store}")
    if write_configuration():
        session.streams.note(f"wrote {session.paths.config_file}, which explains every setting")
    if made and not was_there:
        session.streams.note('next: crm lead add "Anna Rossi" --email anna@example.com, or crm demo to look around')


def write_configuration() -> bool:
    """Write the commented configuration file unless there is one, beside an empty folder for rules."""
    from crmcli.config.paths import ensure
    from crmcli.config.template import template
    from crmcli.formats.files import write_text

    file = current().paths.config_file
    if file.exists():
        return False
    ensure(file.parent)
    ensure(current().paths.rules)
    write_text(file, template())
    return True
