"""Where published data and exports lie that tests read: beside the checkout, of which they are no part.

``expected.json`` in a folder of them holds figures that were computed independently. Without the folder their tests are
skipped.
"""

from pathlib import Path

import pytest

PUBLISHED = Path(__file__).parents[2] / "shared" / "data"
needs_published = pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"no published data in {PUBLISHED}")
