from cancellations.management.commands.workflow_document import FILE, document


def test_the_document_is_what_the_table_says():
    assert FILE.read_text() == document()
