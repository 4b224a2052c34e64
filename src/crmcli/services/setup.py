"""A new store: schema, the person at the keyboard, the default pipeline."""

from pathlib import Path
from typing import Any

from crmcli.config.paths import ensure
from crmcli.config.settings import Settings
from crmcli.domain.stages import PRESETS
from crmcli.services.results import Command, Context
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
    migrate.upgrade(path, settings.timezone)
    if fresh:
        write(Context(path, settings, Command("crm init", kind="setup")), lambda writer: _first_records(writer, settings))
    return True


def _first_records(writer: Writer, settings: Settings) -> None:
    user = writer.create("user", {"handle": settings.user})
    writer.me = user.id
    add_pipeline(writer, "sales", settings.pipeline, "Sales")


def add_pipeline(writer: Writer, preset: str, key: str, name: str) -> int:
    """Add a pipeline with the stages of a ready-made one and return its id."""
    pipeline = writer.create("pipeline", {"key": key, "name": name})
    for position, stage in enumerate(PRESETS[preset], start=1):
        writer.create("stage", stage_values(pipeline.id, position, stage))
    return pipeline.id


def stage_values(pipeline_id: int, position: int, stage: Any) -> dict[str, Any]:
    """Return the values of a stage record for a ready-made stage."""
    from decimal import Decimal

    return {
        "pipeline": pipeline_id,
        "key": stage.key,
        "name": stage.name,
        "aliases": sorted({stage.italian.casefold(), *stage.aliases}),
        "position": position,
        "kind": stage.kind,
        "probability": Decimal(stage.probability_bp) / 100,
        "forecast_category": stage.forecast_category,
    }
