import pytest

from scripts.devstack.functions_host.routes import Route, decode_path, hidden


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("api/items", "/api/items", {}),
        ("api/items", "/API/Items", {}),
        ("api/items", "/api/items/", {}),
        ("api/items", "/api/items//", None),
        ("api/items", "/api/items/1", None),
        ("/api/items/", "/api/items", {}),
        ("api/items/{id}", "/api/items/a b", {"id": "a b"}),
        ("api/items/{id}", "/api/items/", None),
        ("api/items/{id:int}", "/api/items/7", {"id": "7"}),
        ("api/items/{id:int}", "/api/items/x", None),
        ("api/items/{id:int:min(5)}", "/api/items/4", None),
        ("api/items/{id?}", "/api/items", {}),
        ("api/items/{id:int?}", "/api/items/7", {"id": "7"}),
        ("api/items/{id=5}", "/api/items", {"id": "5"}),
        ("api/items/{id:int=5}", "/api/items/6", {"id": "6"}),
        ("api/{a=1}/{b?}", "/api", {"a": "1"}),
        ("api/{a=1}/{b?}", "/api/2/3", {"a": "2", "b": "3"}),
        ("files/{*rest}", "/files", {}),
        ("files/{*rest}", "/files/", {}),
        ("files/{*rest}", "/files/a/b.txt", {"rest": "a/b.txt"}),
        ("files/{**rest}", "/files/a/", {"rest": "a/"}),
        ("{*rest}", "/", {}),
        ("files/{name}.{ext}", "/files/a.b.txt", {"name": "a.b", "ext": "txt"}),
        ("v{version:int}/items", "/v2/items", {"version": "2"}),
        (r"codes/{code:regex(^\d{{3}}[a-z/]$)}", "/codes/123x", {"code": "123x"}),
        (r"codes/{code:regex(^\d{{3}}$)}", "/codes/12", None),
    ],
)
def test_a_template_matches_as_in_asp_net_core(template: str, path: str, values: dict[str, str] | None) -> None:
    assert Route(template).match("GET", path) == values


@pytest.mark.parametrize(
    ("methods", "method", "matches"),
    [((), "PATCH", True), (("GET", "POST"), "POST", True), (("get",), "GET", True), (("GET",), "HEAD", False)],
)
def test_methods_are_part_of_the_route(methods: tuple[str, ...], method: str, *, matches: bool) -> None:
    assert (Route("api/items", methods).match(method, "/api/items") is not None) is matches


@pytest.mark.parametrize(
    "template", ["a/{id", "a/{id}/{ID}", "a/{id?}/b", "a/{*rest}/b", "a/{name}.{ext?}", "a/{id:nope}", "a/{i-d}"]
)
def test_a_template_that_asp_net_core_would_misread_is_an_error(template: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Route(template)


def test_an_encoded_slash_does_not_separate_segments() -> None:
    assert decode_path("/files/a%2Fb%20c") == "/files/a%2Fb c"


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        (Route("products/{id}"), Route("products/list"), True),
        (Route("products/{id:int}"), Route("products/list"), False),
        (Route("products/{id}", ["GET"]), Route("products/list", ["POST"]), False),
        (Route("products/{id}", ["GET"]), Route("products/list"), True),
        (Route("products/{id}"), Route("products/{id}/parts"), False),
        (Route("products/{id}"), Route("products/{id}/{part?}"), True),
        (Route("{*rest}"), Route("products/list"), True),
        (Route("Products"), Route("products"), True),
    ],
)
def test_routes_that_can_take_each_others_requests_are_found(first: Route, second: Route, *, overlap: bool) -> None:
    assert list(hidden([("details", first), ("list", second)])) == ([("details", "list")] if overlap else [])
