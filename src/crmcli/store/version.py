"""What stands in the header of a store file, so that a reader knows with one PRAGMA whether it may read."""

APPLICATION_ID = 0x43524D43  # "CRMC"
SCHEMA_VERSION = 6  # number of the newest migration
