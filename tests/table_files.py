"""Tables in files, as they are read or refused."""

import pytest

from charnn.errors import CharnnError
from charnn.table_options import TableOptions
from charnn.text.tables import open_table


def read(folder, file, content, wanted=("name",), **options):
    """What it was read as, and the cells of the rows."""
    path = folder / file
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with open_table(path, TableOptions(**options), wanted) as table:
        rows = [row.cells for row in table.rows()]
        return table.described([table.column(name) for name in wanted]), rows


def refused(folder, file, content, wanted=("name",), **options):
    """The error for it."""
    with pytest.raises(CharnnError) as error:
        read(folder, file, content, wanted, **options)
    return str(error.value)
