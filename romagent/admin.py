"""What other people's apps would show in the administration and nobody is to edit by hand."""

import procrastinate.contrib.django.admin  # noqa: F401 - registered first, to be taken back below
from django.contrib import admin
from procrastinate.contrib.django.models import ProcrastinateJob

admin.site.unregister(ProcrastinateJob)
