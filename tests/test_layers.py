"""The import rule: spiders <- db <- tracker <- reports <- tracker/run, only ever leftwards."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RECORDS = ("db.records", "db.kinds", "db.moments")
"""What the database hands to others: records, and the words that they are made of."""
ALLOWED = {
    "spiders": (),
    "db": ("spiders.items",),
    "tracker": RECORDS,
    "reports": ("tracker", *RECORDS),
    "tracker.run": ("spiders", "db", "tracker", "reports"),
}
OWN = ("spiders", "db", "tracker", "reports")


def layer_of(module: str) -> str:
    return "tracker.run" if module.startswith("tracker.run") else module.split(".")[0]


def modules() -> list[Path]:
    return sorted(path for folder in OWN for path in (ROOT / folder).rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    """The full names of our own modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from tracker import text` may name a module or a thing in it.
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] in OWN}


def is_allowed(layer: str, name: str) -> bool:
    if layer_of(name) == layer:
        return True
    if layer_of(name) == "tracker.run":
        return False
    return any(name == allowed or name.startswith(allowed + ".") for allowed in ALLOWED[layer])


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_folders_to_its_left(path):
    layer = layer_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
    wrong = sorted(name for name in imports_of(path) if not is_allowed(layer, name))
    # Scrapy finds the pipeline by its dotted name in the settings, which is no import.
    assert wrong == []


def test_site_files_know_no_scrapy():
    for path in (ROOT / "spiders" / "sites").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "import scrapy" not in source and "from scrapy" not in source, path.name


def test_the_rule_notices_an_import_to_the_right():
    assert not is_allowed("spiders", "db.records")
    assert not is_allowed("db", "spiders.okx")
    assert not is_allowed("tracker", "tracker.run.cli")
    assert is_allowed("tracker.run", "db.store.Store")
