"""The provider runs in an image that has next to nothing: it must not need more."""

from scenarios.roadmaps.bench.imports import third_party

ALLOWED = {
    "_distutils_hack",
    "sitecustomize",  # of the Python of a distribution
    "click",
    "h11",
    "httptools",
    "msgspec",
    "uvicorn",
    "uvloop",
    "typing_extensions",
    "websockets",
}


def test_the_provider_needs_a_server_and_a_codec():
    found = {name.partition(".")[0] for name in third_party(["harness.providers.openai.__main__"], {})}
    found = {name for name in found if "cython" not in name}  # httptools' and uvloop's own
    assert found - {"harness", "__mp_main__"} <= ALLOWED
    assert "msgspec" in found
