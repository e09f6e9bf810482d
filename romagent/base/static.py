"""Static files: compressed, and named by their content, so that they can be kept for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Rewrites `import` in ES modules too: an old page never gets half of a new release's scripts."""

    support_js_module_import_aggregation = True
