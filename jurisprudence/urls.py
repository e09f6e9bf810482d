"""The table of contents."""

from django.urls import path

from jurisprudence.datajud.urls import urlpatterns as datajud
from jurisprudence.deadlines.urls import urlpatterns as deadlines
from jurisprudence.precedents import views as precedents

app_name = "jurisprudence"
urlpatterns = [
    path("jurisprudencia/", precedents.precedents, name="search"),
    path("jurisprudencia/<uuid:pk>/", precedents.precedent, name="precedent"),
    *deadlines,
    *datajud,
]
