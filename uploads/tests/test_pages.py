"""A file's pages as they are shown: who may see them, the passage marked, and what is said when it is not there."""

from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conftest import signed_in
from projects.models import Project, ProjectMember
from uploads.models import Upload, UploadPage
from uploads.pages import address

pytestmark = pytest.mark.django_db
FRAGMENT = {"hx-request": "true"}


@pytest.fixture
def upload(owner: User) -> Upload:
    made: Upload = Upload.objects.create(
        user=owner, original_filename="Laudo <b>pericial</b>.pdf", file_path="arquivos/x.pdf", file_size=2048,
        mime_type="application/pdf", upload_status="ready", page_count=3, pages_done=3,
    )  # fmt: skip
    UploadPage.objects.create(upload=made, number=1, text="O réu reconheceu a dí-\nvida de R$ 10,00 <script>.")
    UploadPage.objects.create(upload=made, number=2, text="Transcrita.", source="vision")
    return made


def html_of(client: Client, path: str, **options: object) -> str:
    response = client.get(path, **options)
    assert response.status_code == 200
    return response.content.decode()


def test_a_page_shows_its_text_and_nothing_of_it_is_html(as_owner: Client, upload: Upload) -> None:
    html = html_of(as_owner, f"/arquivos/{upload.pk}/paginas/1/")
    assert "O réu reconheceu a dí-\nvida de R$ 10,00 &lt;script&gt;." in html
    assert "Laudo &lt;b&gt;pericial&lt;/b&gt;.pdf" in html
    assert "página 1 de 3" in html
    assert "<mark" not in html
    assert "lido da imagem" not in html


def test_the_passage_is_marked_where_it_stands(as_owner: Client, upload: Upload) -> None:
    html = html_of(as_owner, address(upload, 1, "reconheceu a dívida"))
    assert 'O réu <mark id="trecho" data-passage tabindex="-1">reconheceu a dí-\nvida</mark> de R$ 10,00' in html
    assert "palavra por palavra" not in html


@pytest.mark.parametrize("quoted", ["reconheceu a divida", "R$ 100,00", "<b>negou</b>"])
def test_a_passage_that_is_not_there_is_said_not_to_be(as_owner: Client, upload: Upload, quoted: str) -> None:
    html = html_of(as_owner, f"/arquivos/{upload.pk}/paginas/1/?trecho={quote(quoted)}")
    assert "<mark" not in html
    assert "não está, palavra por palavra, nesta página" in html
    assert "<b>negou" not in html


def test_what_was_read_from_the_image_says_so(as_owner: Client, upload: Upload) -> None:
    assert "lido da imagem" in html_of(as_owner, f"/arquivos/{upload.pk}/paginas/2/")


def test_a_page_that_was_not_read_yet_says_so(as_owner: Client, upload: Upload) -> None:
    assert "Esta página ainda não foi lida." in html_of(as_owner, f"/arquivos/{upload.pk}/paginas/3/")


def test_pages_are_turned_as_far_as_there_are_any(as_owner: Client, upload: Upload) -> None:
    first, middle, last = (html_of(as_owner, f"/arquivos/{upload.pk}/paginas/{n}/") for n in (1, 2, 3))
    assert ("Página anterior" in first, "Próxima página" in first) == (False, True)
    assert f'rel="prev" href="/arquivos/{upload.pk}/paginas/1/"' in middle
    assert f'rel="next" href="/arquivos/{upload.pk}/paginas/3/"' in middle
    assert ("Página anterior" in last, "Próxima página" in last) == (True, False)
    for number in (0, 4):
        assert as_owner.get(f"/arquivos/{upload.pk}/paginas/{number}/").status_code == 404


def test_beside_a_conversation_the_page_comes_without_its_frame(as_owner: Client, upload: Upload) -> None:
    html = html_of(as_owner, address(upload, 1, "O réu").removesuffix("#trecho"), headers=FRAGMENT)
    assert html.lstrip().startswith('<article class="file-page"')
    assert "data-passage" in html
    assert "<html" not in html


def test_a_page_of_volumes_says_which_one_it_comes_from(as_owner: Client, upload: Upload) -> None:
    upload.metadata = {"volumes": [
        {"name": "autos-vol1.pdf", "first": 1, "pages": 1}, {"name": "autos-vol2.pdf", "first": 2, "pages": 2},
    ]}  # fmt: skip
    upload.save(update_fields=["metadata"])
    assert "autos-vol1.pdf, p. 1" in html_of(as_owner, f"/arquivos/{upload.pk}/paginas/1/")
    assert "autos-vol2.pdf, p. 2" in html_of(as_owner, f"/arquivos/{upload.pk}/paginas/3/")


def test_pages_are_seen_by_who_may_see_the_file(owner: User, stranger: User, upload: Upload) -> None:
    paths = [f"/arquivos/{upload.pk}/", f"/arquivos/{upload.pk}/paginas/1/"]
    colleague = signed_in(stranger)
    assert [colleague.get(path).status_code for path in paths] == [404, 404]
    project = Project.objects.create(user=owner, name="Caso")
    Upload.objects.update(project=project)
    assert [colleague.get(path).status_code for path in paths] == [404, 404]
    member = ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    assert [colleague.get(path).status_code for path in paths] == [200, 200]
    member.delete()
    assert [colleague.get(path).status_code for path in paths] == [404, 404]
    Upload.objects.update(deleted_at=timezone.now())
    assert [signed_in(owner).get(path).status_code for path in paths] == [404, 404]
