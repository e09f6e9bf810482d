"""Static files: compressed, and named by their content, so that they can be kept for ever."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Rewrites `import` in ES modules too: an old page never gets half of a new release's scripts."""

    support_js_module_import_aggregation = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._addresses: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        """Worked out once a file: the manifest is read at the start, and each page names some twenty files."""
        if (known := self._addresses.get(name)) is None or force:
            known = self._addresses[name] = super().url(name, force)
        return known
