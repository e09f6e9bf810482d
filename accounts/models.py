"""People and their sessions, in the tables `users` and `sessions`."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models, transaction
from django.db.models.functions import Lower, Upper
from django.utils import timezone

from romagent.base.ids import new_id


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who can sign in with `email` (kept in lower case); without a password only after setting one."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"role": User.Role.ADMIN, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person of the office. The e-mail is the name she signs in with."""

    class Role(models.TextChoices):
        USER = "user", "advogada ou advogado"
        STAFF = "staff", "equipe"
        ADMIN = "admin", "administração"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField("e-mail", max_length=255, unique=True)
    password = models.CharField("senha", max_length=255, db_column="password_hash")
    name = models.CharField("nome", max_length=255, blank=True)
    role = models.CharField("papel", max_length=50, choices=Role, default=Role.USER)
    oab = models.CharField("OAB", max_length=20, blank=True)
    is_active = models.BooleanField("ativa", default=True)
    created_at = models.DateTimeField("criada em", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("alterada em", auto_now=True)
    last_login = models.DateTimeField("último acesso", null=True, blank=True, db_column="last_login_at")
    metadata = models.JSONField(default=dict, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "users"
        verbose_name = "pessoa"
        verbose_name_plural = "pessoas"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="users_email_whatever_case"),
            models.CheckConstraint(condition=models.Q(role__in=["user", "staff", "admin"]), name="users_role"),
        ]
        indexes = [
            models.Index(fields=["role"], name="users_role_idx"),
            models.Index(fields=["email"], condition=models.Q(is_active=False), name="users_inactive_idx"),
            GinIndex(
                *(OpClass(Upper(column), name="gin_trgm_ops") for column in ("email", "name", "oab")),
                name="users_search_idx",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()

    def note_invitation(self, state: str) -> None:
        """Notes in the metadata what became of the last mail with a link: queued, sent, retrying or failed."""
        with transaction.atomic():
            fresh = type(self).objects.select_for_update().only("metadata").get(pk=self.pk)
            fresh.metadata["invitation"] = {"state": state, "at": timezone.now().isoformat()}
            fresh.save(update_fields=["metadata"])
        self.metadata = fresh.metadata

    @property
    def is_staff(self) -> bool:
        """May enter the Django admin; what she may do there is a matter of permissions."""
        return self.role in {self.Role.STAFF, self.Role.ADMIN}


class Session(AbstractBaseSession):
    """A signed-in browser: the truth behind the copy in Redis."""

    session_key = models.CharField(max_length=40, primary_key=True, db_column="sid")
    session_data = models.TextField(db_column="sess")
    expire_date = models.DateTimeField(db_index=True, db_column="expire")

    class Meta:
        db_table = "sessions"
        verbose_name = "sessão"
        verbose_name_plural = "sessões"

    @classmethod
    def get_session_store_class(cls) -> Any:
        from accounts.sessions import SessionStore

        return SessionStore
