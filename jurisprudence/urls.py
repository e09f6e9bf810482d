from django.urls import URLPattern

app_name = "jurisprudence"
urlpatterns: list[URLPattern] = []
