from django.apps import AppConfig
from django.contrib.admin import apps as admin


class RomAgentConfig(AppConfig):
    """The roof: what joins all apps, and the SQL that several of them stand on."""

    name = "romagent"
    verbose_name = "ROM Agent"
    default = True

    def ready(self) -> None:
        """Every process begins here: web, worker and commands."""
        from django.conf import settings

        if settings.SENTRY_DSN:  # else its import is not paid for
            from romagent import sentry

            sentry.start()


class AdminConfig(admin.AdminConfig):
    """Django's admin with a site of ours."""

    default = False
    default_site = "romagent.administration.AdminSite"
