from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from accounts.models import User
from audit.staff import AuditedAdmin


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name", "role", "oab")


@admin.register(User)
class UserAdmin(AuditedAdmin, DjangoUserAdmin):
    """People of the office: made here, since nobody can sign up by herself."""

    form = UserChangeForm
    add_form = UserCreationForm
    unlogged = ("password", "password1", "password2")
    list_display = ("email", "name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("email", "name", "oab")
    ordering = ("email",)
    readonly_fields = ("last_login", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "oab", "role", "is_active")}),
        ("Permissões", {"fields": ("is_superuser", "groups", "user_permissions")}),
        ("Datas", {"fields": ("last_login", "created_at", "updated_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "role", "oab", "usable_password", "password1", "password2")}),)
