"""A new store: schema, the person at the keyboard, the default pipeline."""

from pathlib import Path

from crmcli.config.paths import ensure
from crmcli.config.settings import Settings
from crmcli.services.pipelines import create_pipeline, preset_stages
from crmcli.services.results import Command, Context, manner_of
from crmcli.services.writer import Writer, write
from crmcli.store import migrate


def create_store(path: Path, settings: Settings) -> bool:
    """Create the store with its first records, or migrate an older one; False when it was there and current."""
    ensure(path.parent)
    fresh = not path.exists()
    if not fresh and migrate.is_current(path):
        return False
    if not fresh:
        from crmcli.store.backup import create_backup

        create_backup(path, path.parent / "backups", "before-migration")
    migrate.upgrade(path, manner_of(settings))
    if fresh:
        write(
            Context(path, settings, Command("crm init", kind="setup")), lambda writer: _first_records(writer, settings)
        )
    return True


def _first_records(writer: Writer, settings: Settings) -> None:
    user = writer.create("user", {"handle": settings.user})
    writer.me = user.id
    create_pipeline(writer, {"key": settings.pipeline, "name": "Sales"}, preset_stages("sales"))
