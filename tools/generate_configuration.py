"""
Writes the table of options into README.md, from the models.

With `--check` it writes nothing and fails when the table is out of date.
"""

import sys
from pathlib import Path

from bymax_auth.config.documentation import options_table

README = Path(__file__).parents[1] / "README.md"
BEGIN = "<!-- options, written by tools/generate_configuration.py -->\n"
END = "<!-- end of options -->\n"


def main(arguments: list[str]) -> int:
    """Write or check the table; the exit code says whether it was right."""
    text = README.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        print(f"README.md has no place for the table, between {BEGIN.strip()} and {END.strip()}")
        return 1
    current = f"{before}{BEGIN}\n{options_table()}\n{END}{after}"
    if "--check" in arguments:
        if current != text:
            print("README.md is out of date: run python tools/generate_configuration.py")
        return int(current != text)
    README.write_text(current, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
