"""The check that lists requirement ids which no test cites."""

from tests.checks import requirements


def test_the_page_names_ids_one_by_one_and_in_ranges():
    page = "| BAD-01 … 03 | about | source |\n| CK-03a | about | source |\nBAD-04 in a text is no row"
    assert requirements.listed(page) == {"BAD-01", "BAD-02", "BAD-03", "CK-03a"}


def test_a_test_cites_by_a_text_or_by_its_name():
    source = '''
    """Ranges such as BAD-01 to BAD-04 cite their ends alone."""
    def test_bad_07_is_in_a_name(): ...
    def test_two_in_a_name_reg_05_07(): ...
    def test_a_range_in_a_name_reg_20_to_22(): ...
    def test_something_bad_happens_at_10_o_clock(): ...
    '''
    cited = {"BAD-01", "BAD-04", "BAD-07", "REG-05", "REG-07", "REG-20", "REG-21", "REG-22"}
    assert requirements.cited(iter([source])) == cited


def test_every_id_is_cited_or_spared_with_a_reason():
    assert list(requirements.findings()) == []
