"""Property tests here are judged by their results: the first example pays for late imports, so none has a deadline."""

from hypothesis import settings

settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")
