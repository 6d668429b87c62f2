"""`make mail-report`: how well public mails are read, as a table in docs/mail.md."""

import sys
from pathlib import Path

from corpora.measure import FOLDER, bounces, replies, times

PAGE = Path(__file__).parents[2] / "docs" / "mail.md"
BEGIN, END = "<!-- make mail-report -->", "<!-- end -->"


def main() -> int:
    if not FOLDER.is_dir():
        print("the public mails are not here: nothing was measured", file=sys.stderr)
        return 1
    average, longest = times()
    rows = [
        f"| {s.what} | {s.count} of {s.of} | {s.percent:.1f} % |" for s in (*replies().values(), *bounces().values())
    ]
    rows.append(f"| time to read one mail | average, longest | {average:.1f} ms, {longest:.0f} ms |")
    table = "\n".join([BEGIN, "", "| what | mails | share |", "|---|---|---|", *rows, "", END])
    print(table)
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{before}{table}{rest.partition(END)[2]}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
