"""How strict the scripted OpenAI is: types and limits from the provider's public description, rules between fields from tables.

Begin with `checks.py`. `python -m harness.providers.openai.strict` writes what is checked into docs/openai.md.
"""
