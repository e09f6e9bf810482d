"""Pages found in given files, for the assistant."""

import pytest
from django.utils import timezone

from accounts.models import User
from projects.models import Project
from uploads.models import Upload, UploadPage
from uploads.search import find_pages

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def make_file(user: User, *pages: str, name: str = "autos.pdf", **fields: object) -> Upload:
    upload = Upload.objects.create(user=user, original_filename=name, upload_status="ready", **fields)
    UploadPage.objects.bulk_create(
        UploadPage(upload=upload, number=number, text=text) for number, text in enumerate(pages, 1)
    )
    return upload


@pytest.fixture
def laudo(owner: User) -> Upload:
    return make_file(
        owner,
        "Laudo pericial. O perito foi nomeado pelo juízo.",
        "A perícia conclui pela incapacidade parcial e permanente.",
        "Incapacidade, incapacidade, incapacidade: é o que se discute. A incapacidade é total.",
        name="laudo.pdf",
    )


def pages(upload: Upload, query: str) -> list[int]:
    return [hit.number for hit in find_pages([upload.pk], query)]


def test_the_best_page_comes_first_with_its_words(laudo: Upload) -> None:
    first, second = find_pages([laudo.pk], "incapacidade")
    assert (first.upload_id, first.number, second.number) == (laudo.pk, 3, 2)
    assert first.rank > second.rank > 0
    assert "parcial e permanente" in second.snippet
    assert first.has_all


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("pericia parcial", [2]),
        ("incapacidades -total", [2]),
        ('"parcial e permanente"', [2]),
        ('"permanente parcial"', []),
        ("nomeado OU total", [1, 3]),
        ("usucapião", []),
        ("-incapacidade", []),
        ("", []),
    ],
)
def test_it_is_asked_as_in_the_search_box(laudo: Upload, query: str, expected: list[int]) -> None:
    assert sorted(pages(laudo, query)) == expected


def test_when_no_page_has_all_the_words_those_with_most_of_them_are_found(laudo: Upload) -> None:
    hits = find_pages([laudo.pk], "perito incapacidade parcial")
    assert {hit.number for hit in hits} == {1, 2, 3}
    assert not any(hit.has_all for hit in hits)


def test_only_the_given_files_are_looked_into(laudo: Upload, owner: User) -> None:
    other = make_file(owner, "incapacidade civil")
    assert {hit.upload_id for hit in find_pages([laudo.pk], "incapacidade")} == {laudo.pk}
    assert {hit.upload_id for hit in find_pages([laudo.pk, other.pk], "incapacidade")} == {laudo.pk, other.pk}
    assert find_pages([], "incapacidade") == []


def test_files_of_a_project_are_looked_into_too(owner: User) -> None:
    project = Project.objects.create(user=owner, name="Caso")
    upload = make_file(owner, "incapacidade", project=project)
    assert pages(upload, "incapacidade") == [1]
    Upload.objects.filter(pk=upload.pk).update(project=None)
    assert pages(upload, "incapacidade") == [1]


def test_nothing_is_found_in_a_deleted_file(laudo: Upload) -> None:
    Upload.objects.filter(pk=laudo.pk).update(deleted_at=timezone.now())
    assert find_pages([laudo.pk], "incapacidade") == []


def test_as_many_as_were_asked_for(laudo: Upload) -> None:
    assert [hit.number for hit in find_pages([laudo.pk], "incapacidade", limit=1)] == [3]
