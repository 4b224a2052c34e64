"""The version of the product: the one literal, read by the build, by ``--version`` and by the journal."""

VERSION = "0.1.0"
