"""An office full of one of each thing, in the running product's database, for the tour of every page.

Run by `tests/test_browser_every_page.py` in a process of its own with the product's environment
(`manage.py shell`), since the browser's thread may not touch Django's database. Prints as JSON who is signed in with
which cookie, and the path of every URL.
"""

from __future__ import annotations

import json
import re
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from accounts.tests.factors import SoftKey, confirm, give_app, options_in
from audit.models import AIOperation
from conftest import PASSWORD
from conversations.tests.making import make_conversation, make_exchange
from documents.actions import create, save
from documents.units import OfficeUnit
from jurisprudence.precedents.models import PrecedentImport
from projects.models import Project
from romagent import settings as product
from romagent.models import SubjectFinding, SubjectRequest
from tests.walking import Things, Url, urls
from uploads.actions import receive
from uploads.tests.papers import pdf

ANSWER = """## Prazo para contestar

O prazo é de **quinze dias** úteis (CPC, art. 335), contados da *audiência* ou do protocolo.

1. Conte da juntada do mandado.
2. Exclua o dia do começo.

> A contestação é a peça de defesa por excelência.

| Ato | Prazo | Norma |
|---|---:|---|
| Contestação | 15 dias | CPC, art. 335 |
| Réplica | 15 dias | CPC, art. 351 |

```
Termo inicial: 03/08/2026
```

- Súmula 9001 do STJ, no que couber.
"""
TEXT = (
    "<h2>Dos fatos</h2>\n<p>Em [● data], o réu pagou R$ 10,00 (vinte reais), conforme a Súmula 9001 do STJ.</p>\n"
    "<ul><li>O contrato.</li></ul>\n<table><tr><td>Parcela</td><td>Valor</td></tr></table>"
)
SECURE = {"wsgi.url_scheme": "https", "SERVER_PORT": "443"}


class Tour(Things):
    """The lawyer has all second factors and has just said who she is; `fresh` has nothing, not even a password."""

    def __init__(self) -> None:
        self.owner = User.objects.create_user("percurso@exemplo.adv.br", PASSWORD, name="Advogada do percurso")
        self.staff = User.objects.create_superuser(
            "percurso-equipe@exemplo.adv.br", PASSWORD, name="Equipe do percurso"
        )
        self.fresh = User.objects.create_user("percurso-nova@exemplo.adv.br", name="Pessoa recém-chegada")
        conversation = make_conversation(self.owner, "Ação de cobrança do percurso")
        make_exchange(conversation, answer=ANSWER, stop_reason="max_tokens")
        super().__init__(conversation)
        self.archived = make_conversation(self.owner, "Conversa arquivada", archived_at=timezone.now())
        self.upload = receive(ContentFile(pdf(["Folha um dos autos", ""]), "Autos.pdf"), user=self.owner)
        self.locked = receive(ContentFile(pdf(["Folha"], password="segredo"), "Protegido.pdf"), user=self.owner)
        self.refused = receive(ContentFile(b"\x7fELF" + bytes(100), "Programa.pdf"), user=self.owner)
        self.document = create("Contestação do percurso", TEXT, user=self.owner, project=self.project)
        changed = TEXT.replace("o réu pagou", "o réu não pagou")
        save(self.document, self.document.revision, title=self.document.title, content=changed, user=self.owner)
        self.closed = Project.objects.create(user=self.owner, name="Caso encerrado", status="closed")
        self._staffs()

    def _staffs(self) -> None:
        """What only the administration shows."""
        today = timezone.localdate()
        self.subject = SubjectRequest.objects.create(
            requester="A própria", name="Titular do percurso", received_on=today, due_on=today
        )
        for place, pk, owner in (("person", self.viewer.pk, None), ("message", self.question.pk, self.owner.pk)):
            SubjectFinding.objects.create(
                subject_request=self.subject, place=place, object_id=str(pk), owner_id=owner, terms=["name"]
            )
        apps.get_model("auth", "Group").objects.create(name="Grupo do percurso")
        OfficeUnit.objects.create(name="Unidade do percurso", header_lines="Rua do percurso", city="Goiânia")
        PrecedentImport.objects.create(
            file_name="sumulas.csv",
            file_format="csv",
            as_of=today,
            sha256="0" * 64,
            state="done",
            finished_at=timezone.now(),
        )
        AIOperation.objects.create(
            user=self.owner, conversation_id=self.conversation.pk, operation_type="answer", status="complete",
            model=self.conversation.model,
        )  # fmt: skip

    # People -------------------------------------------------------------------------------------

    def cookies(self) -> dict[str, str]:
        """Of each person's session."""
        return {"lawyer": self._lawyers(), "staff": self._session(self.staff), "fresh": self._session(self.fresh, "")}

    def _session(self, user: User, password: str = PASSWORD) -> str:
        client = self._client(user)
        if password:
            confirm(client, password)
        return str(client.cookies[settings.SESSION_COOKIE_NAME].value)

    def _lawyers(self) -> str:
        client = self._client(self.owner)
        confirm(client)
        options = options_in(client.get("/conta/seguranca/chaves/nova/").content.decode())["creation_options"]
        form = {"name": "Notebook", "credential": SoftKey().create(options), "passwordless": "True"}
        client.post("/conta/seguranca/chaves/nova/", form)
        give_app(self.owner)
        return str(client.cookies[settings.SESSION_COOKIE_NAME].value)

    @staticmethod
    def _client(user: User) -> Client:
        client = Client(headers={"host": "testserver"}, **SECURE)  # passkeys want a secure address with a name
        client.force_login(user)
        return client

    # Places -------------------------------------------------------------------------------------

    def paths(self) -> dict[str, str]:
        """Of every URL that has a name."""
        found = {url.name: self._place(url) for url in urls() if not url.name.endswith(":")}
        key = Authenticator.objects.get(user=self.owner, type=Authenticator.Type.WEBAUTHN).pk
        for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
            found[name] = found[name].replace("/1/", f"/{key}/")
        token = f"{user_pk_to_url_str(self.fresh)}-{default_token_generator.make_token(self.fresh)}"
        return found | {"account_reset_password_from_key": f"/senha/nova/{token}/"}

    def _place(self, url: Url) -> str:
        route = url.route.replace("<slug:slug>", "contestacao").replace("<uuid:person>", str(self.viewer.pk))
        if url.name.startswith("admin:subject"):
            return "/" + re.sub(r"<uuid:\w+>", str(self.subject.pk), route)
        if model := re.fullmatch(r"admin:([a-z]+)_([a-z]+)_(change|delete|history)", url.name):
            first = apps.get_model(model[1], model[2])._default_manager.order_by("-pk").first()
            mine = {"conversation": self.conversation, "user": self.owner, "project": self.project}.get(model[2], first)
            return "/" + route.replace("<path:object_id>", str(mine.pk) if mine else "x")
        return self.path(url).replace("/x/", "/contestacao/")

    def others(self) -> dict[str, str]:
        """What states of pages are about, by its name in their paths."""
        named: dict[str, Any] = {"cut": self.conversation, "archived": self.archived, "locked": self.locked}
        named |= {"refused": self.refused, "upload": self.upload, "document": self.document, "project": self.project}
        named |= {"closed": self.closed, "subject": self.subject, "owner": self.owner, "precedent": self.precedent}
        return {name: str(thing.pk) for name, thing in named.items()}


def tell() -> None:
    """Makes it all, and says where it is."""
    assert not User.objects.filter(email="percurso@exemplo.adv.br").exists()
    # What `conftest` has made short for the tests, the running product could not check.
    with override_settings(PASSWORD_HASHERS=product.PASSWORD_HASHERS):
        tour = Tour()
        cookies = tour.cookies()
    print(json.dumps({"cookies": cookies, "paths": tour.paths(), "named": tour.others()}))
