"""How all property tests run: as long as they need, since a busy machine is no defect of what they test."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "crmcli", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("crmcli")
