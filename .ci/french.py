"""Holds the French documents against the English ones: the same shape, and the same commands.

    python french.py [--write]

Headings, items of lists and pictures must be as many at the same places, headings of the same levels, and ```sh and ```text blocks must be the same, byte for byte; with --write they
are copied into the French text. In tables, what is code in the first cell must be the same, row by row. What stands between
<!-- evidence --> and <!-- /evidence --> is in English alone. What French sets a blank before must not begin a line: the blank must be one that
does not break (--write makes it one), but for headings, of which links are made.
"""

import difflib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAIRS = [("README.md", "README.fr.md"), ("docs/operator-guide.md", "docs/fr/exploitation.md"), ("docs/page.md", "docs/fr/page.md")]
EVIDENCE = re.compile(r"<!-- evidence -->.*?<!-- /evidence -->", re.DOTALL)
BLOCK = re.compile(r"^```(?:sh|text)\n.*?^```$", re.MULTILINE | re.DOTALL)
BLANK = re.compile(r"^```.*?^```$|`[^`\n]*`|^#+ [^\n]*$| (?=[:;?»%]|!(?!\[))|(?<=«) ", re.MULTILINE | re.DOTALL)  # or what is left as it is


def shape(text):
    """The levels of the headings, the beginnings of items and pictures, and the code of the first cells of tables; without blocks of code."""
    for line in BLOCK.sub("", text).splitlines():
        if heading := re.match(r"(#+) ", line):
            yield heading[1]
        elif mark := re.match(r"- |!\[", line):
            yield mark[0]
        elif line.startswith("|"):
            yield "| " + " ".join(re.findall(r"`[^`]*`", line.split("|")[1]))


def copied(english, french):
    """The French text with the blocks of the English one, in their order."""
    blocks = iter(BLOCK.findall(english))
    return BLOCK.sub(lambda _: next(blocks), french)


def bound(french):
    """The French text with its marks bound to the words before them, and quotation marks to what they quote."""
    return BLANK.sub(lambda found: "\u00a0" if found[0] == " " else found[0], french)


def main():
    """Compares all pairs."""
    for original, translation in PAIRS:
        english = EVIDENCE.sub("", (ROOT / original).read_text(encoding="utf-8"))
        path = ROOT / translation
        french = path.read_text(encoding="utf-8")
        if len(BLOCK.findall(english)) != len(BLOCK.findall(french)):
            sys.exit(f"{translation} has {len(BLOCK.findall(french))} blocks of commands, {original} has {len(BLOCK.findall(english))}")
        if "--write" in sys.argv:
            french = bound(copied(english, french))
            path.write_text(french, encoding="utf-8")
        difference = list(difflib.unified_diff(
            [*shape(english), *BLOCK.findall(english)], [*shape(french), *BLOCK.findall(french)], original, translation, lineterm="", n=1))
        if difference:
            sys.exit("\n".join(difference) + f"\n{translation} is not as {original}: translate what changed; --write copies the commands")
        if french != bound(french):
            breaks = [n for n, (line, whole) in enumerate(zip(french.splitlines(), bound(french).splitlines()), 1) if line != whole]
            sys.exit(f"{translation} has blanks that break before a mark, in lines {breaks}: --write binds them")
        print(f"ok  \t{translation}")


main()
