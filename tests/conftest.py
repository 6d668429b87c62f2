"""What all tests stand on: the real servers, and hypothesis on machines that others use too."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["servers.fixtures"]

# How long an example takes says more about the machine than about the program; what must be quick says so itself.
settings.register_profile("mailbot", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("mailbot")
