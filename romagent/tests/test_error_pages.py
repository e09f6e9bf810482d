"""What went wrong is said in plain Portuguese, without the database, and never with internals."""

from pathlib import Path

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from romagent import views

handler400, handler403, handler404, handler500 = views.bad_request, views.forbidden, views.not_found, views.server_error


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("segredo interno em /caminho/do/servidor.py")


urlpatterns = [path("quebrado/", broken)]
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FRAGMENT = {"hx-request": "true"}
STREAM = {"accept": "text/event-stream"}


def test_a_page_that_does_not_exist(client: Client) -> None:
    response = client.get("/nada/")
    html = response.content.decode()
    assert response.status_code == 404
    assert "<h1>Página não encontrada</h1>" in html
    assert '<html lang="pt-BR">' in html
    assert "/nada/" not in html


@pytest.mark.parametrize("headers", [FRAGMENT, STREAM], ids=["fragment", "stream"])
def test_code_gets_a_sentence_and_no_page(client: Client, headers: dict[str, str]) -> None:
    response = client.get("/nada/", headers=headers)
    assert (response.status_code, response.json()) == (404, {"error": "Não encontrado."})


@pytest.mark.urls("romagent.tests.test_error_pages")
@pytest.mark.parametrize("headers", [{}, FRAGMENT, STREAM], ids=["page", "fragment", "stream"])
def test_a_failure_of_ours_tells_nothing_of_the_inside(
    headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    response = Client(raise_request_exception=False).get("/quebrado/", headers=headers)
    text = response.content.decode()
    assert response.status_code == 500
    assert "segredo interno" not in text
    assert "Traceback" not in text
    assert ("Algo falhou do nosso lado" in text) == (not headers) or "Algo falhou" in text
    assert "segredo interno" in caplog.text  # for us


@pytest.mark.django_db
def test_a_form_that_was_open_too_long_is_refused_in_words(as_owner: Client) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = as_owner.cookies
    response = client.post("/conversas/", {"content": "Pergunta"})
    assert response.status_code == 403
    assert "Isto não foi permitido" in response.content.decode()
    response = client.post("/conversas/", {"content": "Pergunta"}, headers=STREAM)
    assert response.status_code == 403
    assert "Recarregue e tente de novo" in response.json()["error"]


def test_a_request_that_makes_no_sense_is_refused_in_words(client: Client) -> None:
    response = client.get("/entrar/", headers={"host": "outro.example"})
    assert response.status_code == 400
    assert "O pedido chegou incompleto" in response.content.decode()


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_every_error_page_is_in_portuguese_and_shows_the_way_back(status: int) -> None:
    text = (TEMPLATES / f"{status}.html").read_text()
    assert text.startswith('{% extends "error.html" %}')
    assert "<h1>" in text
    assert "Ir para o início" in text or "Tentar agora" in text
    for word in ["Error", "error", "Sorry", "Please", "server"]:
        assert f" {word} " not in text


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_every_error_has_words_for_code(status: int) -> None:
    assert views.ERRORS[status].endswith(".")


@pytest.mark.parametrize("path_", ["/%00/", "/conversas/%ff/", "/../../etc/passwd", "/conversas/" + "a" * 5000, "//"])
def test_no_path_breaks_anything(client: Client, path_: str) -> None:
    assert client.get(path_).status_code in {301, 302, 404}
