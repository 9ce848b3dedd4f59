"""The one HTML file that explains a scenario. Begin with `page.py`."""
