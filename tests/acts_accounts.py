"""What a person can do to accounts: the part of `tests/acts.py` that is about them."""

from __future__ import annotations

from accounts import actions as people
from accounts.tests.factors import code_of
from conftest import PASSWORD
from tests.scene import (
    NEW,
    Act,
    app_form,
    call,
    confirmed,
    from_link,
    has_passkey,
    inactive,
    made_passkey,
    new_codes,
    passkey_form,
    password_given,
    signed_in_elsewhere,
    signing_form,
    url,
    with_app,
)  # fmt: skip

PASSWORDS = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
BOTH = {"segundo_fator.ativar": "owner", "codigos.gerar": "owner"}

URLS: dict[str, Act] = {
    "account_login": url("entrar", "owner", browser="", login="helena@exemplo.adv.br", password=PASSWORD),
    "account_login refused": url("entrar.recusado", by="", login="helena@exemplo.adv.br", password="errada"),
    "account_logout": url("sair", "owner"),
    "account_change_password": url("senha.alterar", "owner", form=PASSWORDS),
    "account_reset_password": url("senha.esquecer", "owner", by="", email="helena@exemplo.adv.br"),
    "account_reset_password_from_key": Act({"senha.alterar": "owner"}, "owner", from_link, ""),
    "account_reauthenticate refused": url("entrar.recusado", password="errada"),
    "mfa_authenticate": url(
        "entrar", "owner", browser="", before=(with_app,), ready=(password_given,), form=lambda s, c: {"code": code_of()}
    ),
    "mfa_authenticate refused": url(
        "entrar.recusado", by="", before=(with_app,), ready=(password_given,), code="000000"
    ),
    "mfa_login_webauthn": url("entrar", "owner", browser="", before=(has_passkey,), form=signing_form),
    "mfa_activate_totp": url(BOTH, ready=(confirmed,), form=app_form),
    "mfa_deactivate_totp": url("segundo_fator.desativar", "owner", before=(with_app,), ready=(confirmed,)),
    "mfa_generate_recovery_codes": url("codigos.gerar", "owner", before=(with_app,), ready=(confirmed,)),
    "mfa_view_recovery_codes": url(
        "codigos.ver", "owner", method="get", before=(with_app,), ready=(confirmed, new_codes)
    ),
    "mfa_download_recovery_codes": url(
        "codigos.baixar", "owner", method="get", before=(with_app,), ready=(confirmed, new_codes)
    ),
    "mfa_add_webauthn": url(
        {"chave.adicionar": "owner", "codigos.gerar": "owner"}, ready=(confirmed,), form=passkey_form
    ),
    "mfa_edit_webauthn": url(
        "chave.renomear", "owner", ready=(confirmed, made_passkey), at=lambda s: {"pk": s.passkey.pk}, name="Outro"
    ),
    "mfa_remove_webauthn": url(
        "chave.remover", "owner", ready=(confirmed, made_passkey), at=lambda s: {"pk": s.passkey.pk}
    ),
    "end_session": url("sessao.encerrar", "elsewhere", before=(signed_in_elsewhere,), at=lambda s: {"pk": s.elsewhere.pk}),
    "end_other_sessions": url("sessoes.encerrar", "owner", before=(signed_in_elsewhere,)),
}  # fmt: skip

NOTHING: dict[str, str] = {
    "account_inactive": "says why one is not let in",
    "account_signup": "is closed",
    "account_set_password": "for who has none: only by a link, which is account_reset_password_from_key",
    "account_reset_password_done": "says that a mail is on its way",
    "account_reset_password_from_key_done": "says that it is done",
    "account_reauthenticate": "says again who one is: opens nothing that was not open",
    "mfa_reauthenticate": "the same, by a code",
    "mfa_reauthenticate_webauthn": "the same, by a passkey",
}

FUNCTIONS: dict[str, Act] = {
    "accounts.invite": call("senha.link", "owner", lambda s: people.invite(s.owner, by=s.staff), by="staff"),
    "accounts.send_link": call(
        "senha.esquecer", "owner", lambda s: people.send_link(s.owner, request=s.request), by="staff"
    ),
    "accounts.set_password": call(
        "senha.alterar", "owner", lambda s: people.set_password(s.owner, NEW, request=None)
    ),
    "accounts.deactivate": call(
        "user.desativar", "owner", lambda s: people.deactivate(s.owner, by=s.staff, request=s.request), by="staff"
    ),
    "accounts.reactivate": call(
        "user.reativar", "stranger", lambda s: people.reactivate(s.stranger, by=s.staff, request=s.request),
        by="staff", before=(inactive,),
    ),
    "accounts.remove_second_factor": call(
        "segundo_fator.remover", "owner", lambda s: people.remove_second_factor(s.owner, by=s.staff), by="staff",
        before=(with_app,),
    ),
    "accounts.end_session": call(
        "sessao.encerrar", "elsewhere",
        lambda s: people.end_session(s.elsewhere, by=s.owner, request=s.request), before=(signed_in_elsewhere,),
    ),
    "accounts.end_sessions": call(
        "sessoes.encerrar", "owner", lambda s: people.end_sessions(s.owner, by=s.owner, request=s.request),
        before=(signed_in_elsewhere,),
    ),
}  # fmt: skip

NO_ACTS: dict[str, str] = {
    "accounts.send_notice": "a mail that goes with an act, which has its own row",
}
