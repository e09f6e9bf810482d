"""Sign-in, password, second factor and sessions; allauth's names, on paths of ours."""

from allauth.account import views as account
from django.urls import path, re_path

from accounts import views

urlpatterns = [
    path("entrar/", account.login, name="account_login"),
    path("entrar/codigo/", views.Authenticate.as_view(), name="mfa_authenticate"),
    path("entrar/chave/", views.LoginByPasskey.as_view(), name="mfa_login_webauthn"),
    path("sair/", account.logout, name="account_logout"),
    path("conta-desativada/", account.account_inactive, name="account_inactive"),
    path("cadastro/", account.signup, name="account_signup"),
    path("senha/alterar/", views.ChangePassword.as_view(), name="account_change_password"),
    path("senha/definir/", views.SetPassword.as_view(), name="account_set_password"),
    path("senha/esqueci/", views.ForgottenPassword.as_view(), name="account_reset_password"),
    path("senha/esqueci/enviado/", account.password_reset_done, name="account_reset_password_done"),
    # The id ends at the first hyphen: the key has hyphens of its own.
    re_path(
        r"^senha/nova/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.PasswordFromLink.as_view(),
        name="account_reset_password_from_key",
    ),
    path("senha/nova/pronto/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("conta/seguranca/", views.security, name="mfa_index"),
    path("conta/seguranca/obrigatorio/", views.second_factor_required, name="second_factor_required"),
    path("conta/seguranca/confirmar/", views.Reauthenticate.as_view(), name="account_reauthenticate"),
    path("conta/seguranca/confirmar/codigo/", views.ReauthenticateByCode.as_view(), name="mfa_reauthenticate"),
    path(
        "conta/seguranca/confirmar/chave/", views.ReauthenticateByPasskey.as_view(), name="mfa_reauthenticate_webauthn"
    ),
    path("conta/seguranca/aplicativo/", views.ActivateTOTP.as_view(), name="mfa_activate_totp"),
    path("conta/seguranca/aplicativo/remover/", views.DeactivateTOTP.as_view(), name="mfa_deactivate_totp"),
    path("conta/seguranca/codigos/", views.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("conta/seguranca/codigos/novos/", views.GenerateRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("conta/seguranca/codigos/baixar/", views.DownloadRecoveryCodes.as_view(), name="mfa_download_recovery_codes"),
    path("conta/seguranca/chaves/nova/", views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("conta/seguranca/chaves/<int:pk>/", views.RenamePasskey.as_view(), name="mfa_edit_webauthn"),
    path("conta/seguranca/chaves/<int:pk>/remover/", views.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("conta/seguranca/sessoes/", views.sessions, name="usersessions_list"),
    path("conta/seguranca/sessoes/encerrar-outras/", views.end_other_sessions, name="end_other_sessions"),
    path("conta/seguranca/sessoes/<int:pk>/encerrar/", views.end_session, name="end_session"),
]
