"""Pages of the administration: counted up to a limit, so that a table of millions is never counted whole."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

LIMIT = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts and shows at most 10,000 rows; who looks for an older one filters or searches."""

    @cached_property
    def count(self) -> int:
        found: int = self.object_list.order_by()[:LIMIT].count()  # type: ignore[attr-defined]
        return found
