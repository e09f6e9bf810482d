from django.apps import AppConfig


class RomAgentConfig(AppConfig):
    """The roof: what joins all apps, and the SQL that several of them stand on."""

    name = "romagent"
    verbose_name = "ROM Agent"
