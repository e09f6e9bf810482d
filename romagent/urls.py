"""All paths of the product."""

from django.contrib import admin
from django.urls import include, path

from romagent import health, usage, views

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", health.alive, name="health"),
    path("health/database", health.database, name="health-database"),
    path("admin/", admin.site.urls),
    path("meu-uso/", usage.my_usage, name="my-usage"),
    path("", include("accounts.urls")),
    path("", include("conversations.urls")),
    path("", include("uploads.urls")),
]

handler400 = "romagent.views.bad_request"
handler403 = "romagent.views.forbidden"
handler404 = "romagent.views.not_found"
handler500 = "romagent.views.server_error"
