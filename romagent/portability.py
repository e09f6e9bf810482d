"""Everything that is one person's own, joined from all apps into one ZIP."""

from __future__ import annotations

import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from django.utils import timezone

from accounts import portability as accounts
from accounts.models import User
from audit import portability as audit
from conversations import portability as conversations
from documents import portability as documents
from jurisprudence import portability as jurisprudence
from projects import portability as projects
from romagent.base.chores import let_go
from romagent.base.portability import Names, Number, Part, Unreadable
from uploads import portability as uploads

COUNTED: dict[str, Any] = {"conversations": conversations, "documents": documents, "files": uploads}
APPS = (accounts, conversations, projects, documents, uploads, jurisprudence, audit)
SPOOL = 8 * 1024 * 1024  # bytes of a stored file that stay in memory
CHUNK = 1024 * 1024
REST_SHARE = 0.2  # of the time a part has taken, left to the answers that are being written in the same process

README = """\
SEUS DADOS NO ROM AGENT
Cópia de {name} ({email}), preparada em {when} (horário de Brasília).

O QUE ESTÁ AQUI
{contents}

  perfil.json             quem você é para o sistema, navegadores conectados, segundo fator
  conversas/*.md          cada conversa como texto: o fio como está hoje
  conversas/*.json        a mesma conversa com todas as versões e os metadados
  projetos/*.json         os projetos pelos quais você responde
  projetos-de-outros.json os projetos de colegas em que você participa
  documentos/*.txt        os documentos que você criou, como texto
  documentos/*.json       os mesmos com a formatação e todas as versões
  documentos/originais/   os arquivos do Word de que vieram
  arquivos/               os arquivos que você enviou, como os enviou
  resumos/*.md            os resumos que você pediu
  arquivos.json           a lista deles: tamanho, SHA-256, projeto, conversa
  prazos.json             os prazos que você contou e guardou
  processos.json          os processos que você consultou
  auditoria.csv           os seus atos, como o sistema os registrou
  uso.csv                 o seu uso dos modelos, por dia
{missing}
COMO LER
Os textos estão em UTF-8. As datas têm o fuso: 2026-11-22T14:30:00-03:00. Os CSV têm ponto e vírgula; nas células que
uma planilha tomaria por fórmula há um apóstrofo na frente.

Em conversas/*.json ("formato": "romagent.conversa/1"):
  titulo, modo, modelo, projeto, criada_em, alterada_em, fixada_em, arquivada_em, metadados
  mensagens: na ordem em que foram ditas, cada uma com
    id, papel (user: você; assistant: a resposta), conteudo (Markdown), modelo
    situacao (complete, stopped, interrupted, failed, queued, streaming), motivo_do_fim
    responde_a: o id da mensagem anterior; duas com o mesmo são versões uma da outra
    fora_do_fio_desde: quando esta versão deu lugar a outra; vazio, está no fio de hoje
    tokens_de_entrada, tokens_de_saida, milissegundos, criada_em, metadados

O QUE NÃO ESTÁ
O que você excluiu e ainda pode desfazer (até {undo} dias); os arquivos e as conversas de colegas, mesmo em projetos
seus; a sua senha e os segredos do segundo fator, que ninguém pode ler.
"""


@dataclass
class Result:
    """What went into the archive, by what is counted; and what could not."""

    written: Counter[str] = field(default_factory=Counter)
    missing: list[tuple[str, str]] = field(default_factory=list)  # path, reason


def numbers(user: User) -> list[Number]:
    """What is kept about a person, counted no further than a page needs."""
    return [number for app in APPS for number in app.numbers(user)]


def totals(user: User) -> dict[str, int]:
    return {name: app.total(user) for name, app in COUNTED.items()}


def write_archive(user: User, file: IO[bytes], note: Callable[[Mapping[str, int]], None], undo_days: int) -> Result:
    """Writes everything of hers to `file`; `note` is told often how far it is, and may raise to end it."""
    result, names = Result(Counter(dict.fromkeys(COUNTED, 0))), Names()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in (part for app in APPS for part in app.parts(user)):
            began = time.perf_counter()
            path = names.unique(part.path)
            try:
                _write(archive, path, part, lambda: note(result.written))
            except Unreadable as error:
                result.missing.append((path, str(error)))
            if part.counts:
                result.written[part.counts] += 1
            note(result.written)
            time.sleep(min(0.5, (time.perf_counter() - began) * REST_SHARE))
        for path, text in _about(user, result, undo_days):
            _write(archive, path, Part(path, [text.encode()]), lambda: None)
    return result


def _write(archive: zipfile.ZipFile, path: str, part: Part, note: Callable[[], None]) -> None:
    if not part.slow:
        _put(archive, _info(path, part), part.chunks, note)
        return
    with tempfile.SpooledTemporaryFile(SPOOL) as whole:  # what breaks off half-way must not be in the archive
        let_go()
        for chunk in part.chunks:
            whole.write(chunk)
            note()
            let_go()
        info = _info(path, part)
        info.file_size = whole.tell()  # so that more than 2 GB are announced as such
        whole.seek(0)
        _put(archive, info, iter(lambda: whole.read(CHUNK), b""), note)


def _put(archive: zipfile.ZipFile, info: zipfile.ZipInfo, chunks: Any, note: Callable[[], None]) -> None:
    with archive.open(info, "w") as member:
        for chunk in chunks:
            member.write(chunk)
            note()


def _info(path: str, part: Part) -> zipfile.ZipInfo:
    at = timezone.localtime(part.at or timezone.now())
    info = zipfile.ZipInfo(path, _dos_time(at))
    info.compress_type = zipfile.ZIP_STORED if part.packed else zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _dos_time(at: datetime) -> tuple[int, int, int, int, int, int]:
    return (min(max(at.year, 1980), 2107), at.month, at.day, at.hour, at.minute, at.second)


def _about(user: User, result: Result, undo_days: int) -> Iterator[tuple[str, str]]:
    contents = (
        f"{result.written['conversations']} conversas, {result.written['documents']} documentos "
        f"e {result.written['files'] - len(result.missing)} arquivos."
    )
    missing = ""
    if result.missing:
        missing = f"  faltou.txt              {len(result.missing)} arquivos que não puderam ser lidos, e por quê\n"
        yield "faltou.txt", "".join(f"{path}: {reason}\n" for path, reason in result.missing)
    when = timezone.localtime().strftime("%d/%m/%Y às %H:%M")
    about = {"name": user.name or user.email, "email": user.email, "when": when, "undo": undo_days}
    yield "LEIA-ME.txt", README.format(contents=contents, missing=missing, **about)
