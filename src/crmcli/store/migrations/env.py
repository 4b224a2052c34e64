"""Alembic's entry: runs on the connection that ``store.migrate`` opened, inside its one transaction."""

from alembic import context
from sqlmodel import SQLModel

from crmcli.model.registry import load_all

load_all()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    include_object=lambda _object, name, kind, *_rest: not (kind == "table" and str(name).startswith("search_index")),
)
context.run_migrations()
