"""The table of contents: each part has its paths in its package."""

from jurisprudence.datajud.urls import urlpatterns as datajud

app_name = "jurisprudence"
urlpatterns = [*datajud]
