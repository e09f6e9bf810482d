"""The table of contents: each part has its paths in its package."""

from jurisprudence.deadlines.urls import urlpatterns as deadlines

app_name = "jurisprudence"
urlpatterns = [*deadlines]
