"""What is generated from tables in the code is what they say now; `make fix` generates it."""

from cancellations.management.commands import problems_document, workflow_document


def test_workflow_md_says_what_the_transitions_say():
    assert workflow_document.FILE.read_text() == workflow_document.document()


def test_operating_md_says_what_the_table_of_problems_says():
    written = problems_document.FILE.read_text()
    assert problems_document.BEGIN + problems_document.table() + problems_document.END in written
