"""What a document cites: found block by block, judged by the tables, marked in its text, kept by fingerprint."""

from datetime import date
from html.parser import HTMLParser

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from documents import actions, citing
from documents.checking.tasks import check_now
from documents.models import CitationCheck, Document
from jurisprudence.citations.judging import Verdict
from jurisprudence.citations.kept import Checked
from jurisprudence.precedents.tests.making import make_precedent
from romagent.base.ids import new_id

pytestmark = pytest.mark.django_db
SUMULA = "A pretensão de simples reexame de prova não enseja recurso especial."


@pytest.fixture(autouse=True)
def _known() -> None:
    make_precedent(court="STJ", kind="sumula", number=7, text=SUMULA, source="STJ", as_of=date(2025, 8, 1))


def make(owner: User, content: str) -> Document:
    return actions.create("Apelação", content, user=owner)


def found(document: Document) -> list[tuple[int, str, str]]:
    return [(one.block, one.checked.text, one.checked.verdict) for one in citing.check(document).items]


def test_each_citation_stands_in_its_block(owner: User) -> None:
    document = make(
        owner, "<h1>Do mérito</h1><p>Incide a <strong>Súmula 7</strong> do STJ.</p><p>E a Súmula 9.999 do STJ.</p>"
    )
    assert found(document) == [
        (1, "Súmula 7 do STJ", Verdict.CONFIRMED), (2, "Súmula 9.999 do STJ", Verdict.NOT_FOUND),
    ]  # fmt: skip
    for one in citing.check(document).items:
        block = document.text.split("\n")[one.block]
        assert block[one.checked.start : one.checked.end] == one.checked.text


def test_a_citation_in_a_table_is_found(owner: User) -> None:
    document = make(owner, "<table><tr><td>Tese</td><td>Súmula 9.999 do STJ</td></tr></table>")
    assert found(document) == [(0, "Súmula 9.999 do STJ", Verdict.NOT_FOUND)]


def test_a_long_quotation_that_is_not_what_the_sumula_says_is_told_with_both_texts(owner: User) -> None:
    wrong = "A pretensão de reexame de prova sempre enseja recurso especial, em qualquer caso."
    document = make(owner, f"<p>Diz a Súmula 7 do STJ: “{wrong}”</p>")
    (one,) = citing.check(document).items
    assert one.checked.verdict == Verdict.DIVERGENT
    assert wrong.rstrip(".") in one.checked.quoted
    assert one.checked.stored == SUMULA


def test_what_is_counted_before_an_export(owner: User) -> None:
    cited = citing.check(make(owner, "<p>Súmula 7 do STJ. Súmula 9.999 do STJ. Art. 5º da CF.</p>"))
    assert (cited.faults, cited.unverified) == (1, 2)
    assert cited.summary == "1 não localizada, 1 confirmada, 1 não verificada"


def test_what_was_found_is_kept_for_exactly_this_text(owner: User) -> None:
    document = make(owner, "<p>Súmula 7 do STJ.</p>")
    check_now(document.pk)
    assert citing.kept_of(document) == citing.check(document)
    document = actions.save(document, document.revision, user=owner, content="<p>Súmula 9.999 do STJ.</p>")
    before = citing.kept_of(document)
    assert before
    assert before.sha256 != document.sha256
    check_now(document.pk)
    after = citing.kept_of(document)
    assert after
    assert after.sha256 == document.sha256
    assert CitationCheck.objects.count() == 1


def test_a_check_that_ends_after_that_of_a_later_text_does_not_take_its_place(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two jobs at once: the text is saved, and the second one's check ends, while the first one still reads."""
    document = make(owner, "<p>Súmula 7 do STJ.</p>")
    check = citing.check

    def check_slowly(seen: Document) -> citing.Cited:
        monkeypatch.setattr(citing, "check", check)
        later = actions.save(document, document.revision, user=owner, content="<p>Súmula 9.999 do STJ.</p>")
        check_now(later.pk)
        return check(seen)

    monkeypatch.setattr(citing, "check", check_slowly)
    check_now(document.pk)
    document.refresh_from_db()
    kept = citing.kept_of(document)
    assert kept
    assert kept.sha256 == document.sha256


def test_a_document_that_is_gone_meanwhile_needs_no_check(owner: User) -> None:
    check_now(new_id())
    assert not CitationCheck.objects.exists()


def test_a_very_long_text_is_checked_at_its_beginning_and_that_is_said(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(citing, "READ", 60)
    cited = citing.check(make(owner, "<p>Súmula 7 do STJ, que se aplica.</p><p>Súmula 9.999 do STJ, também.</p>"))
    assert not cited.is_whole
    assert len(cited.items) == 1


# In the stored form ----------------------------------------------------------------------------


class Words(HTMLParser):
    """The words of a piece of HTML without those of its verdicts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.inside = "", False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.inside = self.inside or tag == "a"

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "a"

    def handle_data(self, data: str) -> None:
        self.words += "" if self.inside else data


def one_at(text: str, words: str) -> Checked:
    start = text.index(words)
    return Checked(start, start + len(words), words, "sumula", "confirmado")


def test_what_is_no_longer_in_force_is_never_simply_green_beside_the_text_nor_in_it(
    owner: User, as_owner: Client
) -> None:
    make_precedent(number=9062, status="cancelada", text="O prazo é em dobro.")
    document = make(owner, "<p>Aplica-se a Súmula 9.062 do STJ.</p>")
    check_now(document.pk)
    side = as_owner.get(f"/documentos/{document.pk}/citacoes/").content.decode()
    assert '<strong class="verdict confirmado atencao">confirmado (atenção)</strong>' in side
    page = as_owner.get(f"/documentos/{document.pk}/conferir/").content.decode()
    assert page.count(">confirmado (atenção)<") == 2
    assert 'class="verdict confirmado"' not in side + page


def test_beside_the_text_it_is_said_that_not_all_of_it_was_checked(
    owner: User, as_owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(citing, "MOST", 1)
    document = make(owner, "<p>Súmula 7 do STJ. Súmula 9.999 do STJ.</p>")
    check_now(document.pk)
    for path in ("citacoes", "conferir"):
        assert (
            "nem todas as citações foram conferidas"
            in as_owner.get(f"/documentos/{document.pk}/{path}/").content.decode()
        )


def test_the_verdict_stands_behind_its_citation_whatever_tags_are_in_it() -> None:
    html, text = (
        "<p>Vide <strong>Súmula&nbsp;7</strong> do <em>STJ</em>, &amp; só.</p>",
        "Vide Súmula\xa07 do STJ, & só.",
    )
    marked = citing.with_verdicts(html, text, [(3, one_at(text, "Súmula\xa07 do STJ"))])
    assert 'STJ<a class="verdict confirmado" href="#citacao-3"' in marked
    assert Words(marked).words == Words(html).words


def test_in_a_table_too() -> None:
    html, text = "<table><tr><td><p>Um</p></td><td><p>Súmula 7</p></td></tr></table>", "Um\tSúmula 7"
    assert ">Súmula 7<a class=" in citing.with_verdicts(html, text, [(1, one_at(text, "Súmula 7"))])


def test_what_a_citation_says_is_no_html() -> None:
    html, text = "<p>Súmula 7 &lt;b&gt;</p>", "Súmula 7 <b>"
    marked = citing.with_verdicts(html, text, [(1, one_at(text, "Súmula 7 <b>"))])
    assert 'aria-label="Súmula 7 &lt;b&gt;: confirmado"' in marked


@given(st.text(alphabet='aé<>&" \n7', min_size=1, max_size=60), st.data())
def test_marks_never_change_a_word(text: str, data: st.DataObject) -> None:
    from html import escape

    end = data.draw(st.integers(0, len(text)))
    html = f"<p>{escape(text)}</p>"
    marked = citing.with_verdicts(html, text, [(1, Checked(0, end, text[:end], "sumula", "plausivel"))])
    assert Words(marked).words == text
    assert marked.count("<a ") == 1
