"""docs/configuration.md: `python -m app.core.settings > docs/configuration.md`."""

from app.core.settings.table import configuration_table

if __name__ == "__main__":
    print(configuration_table())  # noqa: T201
