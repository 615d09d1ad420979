"""What a start costs is measured in processes of their own."""

from scripts.startup_bench import APP, measure


def test_the_app_takes_more_than_its_libraries_and_they_more_than_nothing() -> None:
    alone, libraries, app = measure(times=1)
    assert app.what == APP
    assert 0 < alone.lowest < libraries.lowest < app.lowest
    assert alone.modules < libraries.modules < app.modules
    assert 0 < alone.memory_mib < app.memory_mib
