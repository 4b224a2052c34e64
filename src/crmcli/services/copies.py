"""Records that begin as another one is: the next occurrence of a task, an event changed on one of its days."""

from collections.abc import Collection
from typing import Any

from crmcli.services.images import Image

_OWN = frozenset({
    "id", "uid", "created_at", "created_by_id", "updated_at", "updated_by_id", "version", "deleted_at",
    "merged_into_id", "external_refs",
})  # fmt: skip


def likeness(image: Image, apart: Collection[str]) -> dict[str, Any]:
    """Return what a new record takes over of the image of another: neither its identity nor what stands ``apart``."""
    return {key: value for key, value in image.items() if key not in _OWN and key not in apart}
