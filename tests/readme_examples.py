"""README's console blocks: commands behind `$ ` and the output shown below them."""

import re
from dataclasses import dataclass

BLOCK = re.compile(r"```console\n(.*?)```", re.S)


@dataclass(frozen=True)
class Example:
    command: str
    output: str


def examples(readme: str) -> list[Example]:
    """All commands of the console blocks, in their order, with the output shown."""
    found = []
    for block in BLOCK.findall(readme):
        parts = re.split(r"^\$ (.*)\n", block, flags=re.M)[1:]
        found += [Example(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
    return found


def renewed(readme: str, outputs: list[str]) -> str:
    """The README with other outputs, in the order of `examples`."""
    remaining = iter(outputs)

    def block(match: re.Match) -> str:
        commands = re.findall(r"^\$ (.*)\n", match[1], flags=re.M)
        return "```console\n" + "".join(f"$ {c}\n{next(remaining)}" for c in commands) + "```"

    return BLOCK.sub(block, readme)
