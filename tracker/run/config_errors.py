"""What is wrong with a helpwatch.toml, in one sentence: the line, the key, what would be right.

The standard reader gives values and no lines. So the file is read once more, statement by
statement, where something is wrong with it.
"""

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import msgspec

Place = tuple[str | int, ...]
"""Where a setting stands: ("sites", "okx", "locales"), ("watch", 0, "label")."""


class Impossible(ValueError):
    """A value that no type can rule out, and where it stands."""

    def __init__(self, message: str, *place: str | int):
        super().__init__(message)
        self.place: Place = place


def sentence(error: Exception, data: Mapping[str, Any], root: type[msgspec.Struct]) -> str:
    """What is wrong, from an Impossible or from msgspec's refusal of `data` as a `root`."""
    if isinstance(error, Impossible):
        return str(error)
    found = _refusal(error, data, root)
    return found.advice(root) if found.unknown else found.expectation(root)


def place_of(error: Exception, data: Mapping[str, Any], root: type[msgspec.Struct]) -> Place:
    """Where in the file the trouble is."""
    return error.place if isinstance(error, Impossible) else _refusal(error, data, root).place


# -- lines ---------------------------------------------------------------------------------------


def line_of(place: Place, text: str) -> int | None:
    """The line, from 1, where a setting begins in a sound TOML text; that of the table around it
    for what has none of its own, None for what is nowhere in it.
    """
    found = list(_statements(text))
    for length in range(len(place), 0, -1):
        for named, line in found:
            if named[:length] == place[:length]:
                return line
    return None


def _statements(text: str) -> Iterator[tuple[Place, int]]:
    """Every place that the text names, with its line. A place named twice comes twice."""
    rows, at = text.split("\n"), 0
    table: Place = ()
    arrays: Counter[Place] = Counter()
    while at < len(rows):
        line, row = at + 1, rows[at].strip()
        values, at = _statement(rows, at)
        if not row.startswith("["):
            yield from ((table + place, line) for place in _places(values))
        elif values:
            is_one_of_several = row.startswith("[[")
            table = _numbered(_header(values), arrays, is_one_of_several)
            yield table, line


def _statement(rows: Sequence[str], start: int) -> tuple[dict[str, Any], int]:
    """The values of the statement that begins in row `start`, and the row behind it: as many rows
    as it takes to make sense, since lists and texts may run over several.
    """
    for end in range(start + 1, len(rows) + 1):
        try:
            return tomllib.loads("\n".join(rows[start:end])), end
        except tomllib.TOMLDecodeError:
            continue
    return {}, len(rows)


def _places(values: Any) -> Iterator[Place]:
    """Every place within the values of one statement, outer ones first."""
    inner = values.items() if isinstance(values, dict) else enumerate(values)
    for name, value in inner:
        yield (name,)
        if isinstance(value, dict | list):
            yield from ((name, *place) for place in _places(value))


def _header(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The names in a table's header, which reads as nested tables with nothing in the innermost."""
    (name, inner), *_ = values.items()
    inner = inner[0] if isinstance(inner, list) else inner
    return (name, *_header(inner)) if inner else (name,)


def _numbered(names: tuple[str, ...], arrays: Counter[Place], is_one_of_several: bool) -> Place:
    """The place that a header names; of tables that stand in a row, the last one so far."""
    place: Place = ()
    for depth, name in enumerate(names, 1):
        place += (name,)
        if depth == len(names) and is_one_of_several:
            arrays[place] += 1
        if arrays[place]:
            place += (arrays[place] - 1,)
    return place


# -- what msgspec refuses ------------------------------------------------------------------------

_KINDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "a text in quotes",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}
_REFUSAL = re.compile(r"(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>.*)`)?", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)`")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|(\[\.\.\.\])")


class _Refused(msgspec.Struct, frozen=True):
    """msgspec's sentence, taken apart. `unknown`: the key that no table has."""

    what: str
    place: Place
    unknown: str | None = None

    def expectation(self, root: type[msgspec.Struct]) -> str:
        """What is expected and what is there, without its value, which may be a secret."""
        wanted, _, found = self.what.removeprefix("Expected ").partition(", got ")
        if wanted.startswith("Invalid enum value"):
            wanted = "one of " + ", ".join(_choices(root, self.place))
        for sign, word in ((">=", "of at least"), ("<=", "of at most"), (">", "above")):
            wanted = wanted.replace(f" {sign} ", f" {word} ").removesuffix(".0")
        words = re.sub(r"`(\w+)`", lambda name: _KINDS.get(name[1], name[1]), wanted)
        there = _KINDS.get(found.strip("`"), found)
        return f"{dotted(self.place)} is to be {words}{f', not {there}' if there else ''}."

    def advice(self, root: type[msgspec.Struct]) -> str:
        """The nearest valid key, or the table in which the key belongs."""
        table = self.place[:-1]
        known = _keys(root, table)
        nearest = difflib.get_close_matches(self.unknown, known, n=1)
        home = _home(root, self.unknown)
        if home is not None and home != table:
            hint = f"it belongs in [{dotted(home)}]." if home else "it belongs above all tables."
        elif nearest:
            hint = f"did you mean {nearest[0]!r}?"
        else:
            hint = f"known: {', '.join(known)}."
        inside = f" in [{dotted(table)}]" if table else ""
        return f"unknown key {self.unknown!r}{inside}; {hint}"


def _refusal(error: Exception, data: Mapping[str, Any], root: type[msgspec.Struct]) -> _Refused:
    parts = _REFUSAL.fullmatch(str(error))
    place: Place = ()
    for name, number, any_key in _STEP.findall(parts["path"] or ""):
        if any_key:
            place += (_culprit(data, place, str(error), root),)
        else:
            place += (int(number) if number else name,)
    unknown = _UNKNOWN.fullmatch(parts["what"])
    if unknown:
        return _Refused(parts["what"], (*place, unknown["key"]), unknown["key"])
    return _Refused(parts["what"], place)


def _culprit(data: Mapping[str, Any], place: Place, error: str, root: type[msgspec.Struct]) -> str:
    """Which key `[...]` stands for: the first whose value alone is refused in the same words."""
    table: Any = data
    for step in place:
        table = table[step]
    for name, value in table.items():
        alone: Any = {name: value}
        for step in reversed(place):
            alone = [{}] * step + [alone] if isinstance(step, int) else {step: alone}
        try:
            msgspec.convert(alone, root)
        except msgspec.ValidationError as refused:
            if str(refused) == error:
                return name
    return next(iter(table))


def _keys(root: type[msgspec.Struct], table: Place) -> tuple[str, ...]:
    """The keys that may stand in a table."""
    section: Any = root
    for step in table[:1]:
        section = _tables(root).get(str(step), root)
    return section.__struct_fields__


def _choices(root: type[msgspec.Struct], place: Place) -> tuple[str, ...]:
    """The values that a setting may have, where they are few."""
    for step in place[:-1]:
        root = _tables(root)[str(step)]
    types = {field.name: field.type for field in msgspec.structs.fields(root)}
    return get_args(types[place[-1]])


def _home(root: type[msgspec.Struct], key: str) -> tuple[str, ...] | None:
    """The only table that has such a key; () for the top, None where none or several have it."""
    homes = [(name,) for name, table in _tables(root).items() if key in table.__struct_fields__]
    homes = [home for home in homes if home != ("sites",)]
    homes += [()] if key in root.__struct_fields__ else []
    return homes[0] if len(homes) == 1 else None


def _tables(root: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct]]:
    """Name -> the struct of each table of `root`, and of each value of a table of tables."""
    found = {}
    for field in msgspec.structs.fields(root):
        kinds = (field.type, *getattr(field.type, "__args__", ()))
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                found[field.name] = kind
    return found


def dotted(place: Place) -> str:
    """('watch', 0, 'label') -> watch[0].label"""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{step}"
    return text
