"""Where pytest begins: the harness's fixtures for every test, and pytester for the harness's own."""

pytest_plugins = ["pytester", "harness.plugin"]
