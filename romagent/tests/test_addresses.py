"""`{% url %}`, icons and static addresses: the same words as their makers', only made once."""

from uuid import UUID, uuid4

import pytest
from django.template import Context, Engine, RequestContext
from django.test import RequestFactory
from django.urls import NoReverseMatch, ResolverMatch, get_resolver, reverse
from lucide.templatetags.lucide import lucide as drawn

from conversations.listing import Item
from romagent.base.static import ModuleStorage
from romagent.templatetags import addresses

BUILTINS = ["romagent.templatetags.icons", "romagent.templatetags.addresses"]


def made(template: str, **context: object) -> str:
    return Engine(builtins=BUILTINS).from_string(template).render(Context(context))


def every_name() -> list[tuple[str, int]]:
    """Of the product's pages: each name, and with how many ids."""
    found = []

    def walk(resolver: object, prefix: str) -> None:
        for name in resolver.reverse_dict:  # type: ignore[attr-defined]
            if isinstance(name, str):
                for possibility in resolver.reverse_dict.getlist(name):  # type: ignore[attr-defined]
                    parameters, converters = possibility[0][0][1], possibility[3]
                    if all(type(converters.get(one)).__name__ == "UUIDConverter" for one in parameters):
                        found.append((prefix + name, len(parameters)))
        for namespace, (_, inner) in resolver.namespace_dict.items():  # type: ignore[attr-defined]
            walk(inner, f"{prefix}{namespace}:")

    walk(get_resolver(), "")
    return found


def test_every_address_is_what_django_says_it_is() -> None:
    names = [(name, ids) for name, ids in every_name() if ids <= len(addresses.STAND_INS)]
    assert len(names) > 150
    for name, ids in names:
        args = [uuid4() for _ in range(ids)]
        words = "".join(f" a{number}" for number in range(ids))
        context = {f"a{number}": pk for number, pk in enumerate(args)}
        assert made(f"{{% url '{name}'{words} %}}", **context) == reverse(name, args=args), name


def test_two_ids_do_not_change_places() -> None:
    args = [UUID(int=2), UUID(int=1)]
    html = made("{% url 'projects:remove-member' a b %}", a=args[0], b=args[1])
    assert html == f"/projetos/{args[0]}/participantes/{args[1]}/remover/"


def test_what_is_no_id_goes_djangos_way() -> None:
    pk = uuid4()
    assert made("{% url 'conversations:detail' pk=a %}", a=pk) == f"/conversas/{pk}/"
    assert made("{% url 'conversations:detail' a %}", a=str(pk)) == f"/conversas/{pk}/"
    assert made("{% url 'conversations:detail' a as b %}[{{ b }}]", a=pk) == f"[/conversas/{pk}/]"
    assert made("{% url 'nowhere' as b %}[{{ b }}]") == "[]"
    for wrong in ("{% url 'nowhere' %}", "{% url 'conversations:detail' '\"><script>' %}"):
        with pytest.raises(NoReverseMatch):
            made(wrong)


def test_a_page_of_the_administration_finds_its_own() -> None:
    request = RequestFactory().get("/admin/")
    request.resolver_match = ResolverMatch(lambda: None, (), {}, namespaces=["admin"])
    template = Engine(builtins=BUILTINS).from_string("{% url 'admin:index' %}")
    assert template.render(RequestContext(request)) == reverse("admin:index", current_app="admin")


def test_a_line_of_the_rail_leads_where_its_name_says() -> None:
    item = Item(uuid4(), "Ação", None)  # type: ignore[arg-type]
    assert item.href == reverse("conversations:detail", args=[item.id])


def test_an_icon_is_drawn_as_lucide_draws_it() -> None:
    for size in (16, 20, 16):
        found = made(f'{{% lucide "plus" size={size} aria_hidden="true" %}}')
        assert found == drawn("plus", size=size, aria_hidden="true")
    assert made('{% lucide "plus" %}') == drawn("plus")


def test_a_files_address_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = ModuleStorage()
    asked = []

    def stored(name: str) -> str:
        asked.append(name)
        return name.replace(".js", ".0123456789ab.js")

    monkeypatch.setattr(storage, "stored_name", stored)
    found = [storage.url(name) for name in ("js/a.js", "js/b.js", "js/a.js")]
    assert found == ["/static/js/a.0123456789ab.js", "/static/js/b.0123456789ab.js", "/static/js/a.0123456789ab.js"]
    assert asked == ["js/a.js", "js/b.js"]
