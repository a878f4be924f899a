"""Markdown is changed where the site needs it, and nowhere else."""

from tools.documentation.markdown import fenced, with_captions, with_links

TEXT = """\
See [a page](page.md), [`code`](code.py), [a place](page.md#here), [here](#there), [far](https://example.com/page.md).
Not `[a link](page.md)`.

```md
[not a link](page.md)
```
"""


def test_the_links_of_prose_are_replaced() -> None:
    """A page of the site leads to where its neighbour was in the repository."""
    changed = with_links(TEXT, lambda target: f"moved/{target}")
    assert changed.count("moved/") == 3
    assert "[a page](moved/page.md)" in changed
    assert "[`code`](moved/code.py)" in changed
    assert "[a place](moved/page.md#here)" in changed


def test_the_title_of_a_block_becomes_its_caption() -> None:
    """A reader does not see which file a block is."""
    shown = with_captions('```tsx title="app.tsx"\nconst a = 1;\n```\n')
    assert shown == "```{code-block} tsx\n:caption: app.tsx\n\nconst a = 1;\n```\n"
    assert with_captions("```console\n$ ls\n```\n") == "```console\n$ ls\n```\n"


def test_code_with_fences_is_fenced_by_longer_ones() -> None:
    """Half of a file is shown as prose."""
    assert fenced("```\n````\n", "md") == "`````md\n```\n````\n`````\n"
