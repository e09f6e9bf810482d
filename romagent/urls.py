"""All paths of the product."""

from django.contrib import admin
from django.urls import include, path

from projects.urls import urlpatterns as projects
from romagent import deadline_suggestions, health, mydata, projects_page, search, usage, views

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", health.alive, name="health"),
    path("health/database", health.database, name="health-database"),
    path("admin/", admin.site.urls),
    path("busca/", search.page, name="search"),
    path("prazos/sugestoes/", deadline_suggestions.page, name="deadline-suggestions"),
    path("meu-uso/", usage.my_usage, name="my-usage"),
    path("meus-dados/", mydata.page, name="my-data"),
    path("meus-dados/andamento/", mydata.progress, name="my-data-progress"),
    path("meus-dados/preparar/", mydata.prepare, name="my-data-prepare"),
    path("meus-dados/<uuid:pk>/cancelar/", mydata.cancel, name="my-data-cancel"),
    path("meus-dados/<uuid:pk>/baixar/", mydata.download, name="my-data-download"),
    path("", include("accounts.urls")),
    path("", include(([*projects, path("projetos/<uuid:pk>/", projects_page.page, name="detail")], "projects"))),
    path("", include("conversations.urls")),
    path("", include("documents.urls")),
    path("", include("jurisprudence.urls")),
    path("", include("uploads.urls")),
]

handler400 = "romagent.views.bad_request"
handler403 = "romagent.views.forbidden"
handler404 = "romagent.views.not_found"
handler500 = "romagent.views.server_error"
