from django.urls import path

from jurisprudence.precedents import views as precedents

app_name = "jurisprudence"
urlpatterns = [
    path("jurisprudencia/", precedents.precedents, name="search"),
    path("jurisprudencia/<uuid:pk>/", precedents.precedent, name="precedent"),
]
