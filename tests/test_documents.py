"""What is generated from the code is what the code says."""

import pytest
from django.core.management import CommandError, call_command

from cancellations.management.commands import documents


@pytest.mark.parametrize("file", documents.DOCUMENTS, ids=lambda file: file.name)
def test_generated_document_is_what_the_code_says(file):
    assert file.read_text() == documents.DOCUMENTS[file]()


def test_documents_writes_what_differs_and_else_complains(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(documents, "BASE_DIR", tmp_path)
    monkeypatch.setattr(documents, "DOCUMENTS", {tmp_path / "made.md": lambda: "as the code says"})
    (tmp_path / "made.md").write_text("as somebody wrote")
    with pytest.raises(CommandError, match="make fix"):
        call_command("documents")
    assert (tmp_path / "made.md").read_text() == "as somebody wrote"
    call_command("documents", write=True)
    assert (tmp_path / "made.md").read_text() == "as the code says"
    call_command("documents")
    assert capsys.readouterr().out == "made.md\n" * 2
