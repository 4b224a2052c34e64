"""The workspaces of the commands serve the screens, too."""

from tests.cli.conftest import fresh_home, kept_homes, workspace

__all__ = ["fresh_home", "kept_homes", "workspace"]
