"""What people send along, by mail, page, shell or API: files, kept with the request, and tables of lines."""

from mailbot.desk.enclosed.files import File, beside, kept, said_with
from mailbot.desk.enclosed.filling import Cells, Filling, fillable, filled_in, filling
from mailbot.desk.enclosed.lines import FaultyLines, Opening
from mailbot.desk.enclosed.tables import Table, table_of

__all__ = [
    "Cells",
    "FaultyLines",
    "File",
    "Filling",
    "Opening",
    "Table",
    "beside",
    "fillable",
    "filled_in",
    "filling",
    "kept",
    "said_with",
    "table_of",
]
