"""One definition of columns for page, file and API."""

from itpm_byte.insight.tables import Column, Table

TABLE = Table("people", (Column("name", "Name", lambda row: row[0]), Column("points", "Points", lambda row: row[1])))


def test_cells_stand_in_the_order_of_the_columns_and_records_carry_their_keys():
    assert TABLE.cells(("Lin", None)) == ["Lin", None]
    assert list(TABLE.records([("Lin", 0)])) == [{"name": "Lin", "points": 0}]
