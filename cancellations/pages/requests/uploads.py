"""How a file comes in: no more of it is kept than anybody may bring."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

TOO_MUCH = 10  # times the limit: not even read to its end


class LimitedUpload(FileUploadHandler):
    """Keeps a file in memory up to the limit and counts what comes after it: the form says that it is too large."""

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: bytes, encoding: str | None = None
    ) -> None:
        if content_length > TOO_MUCH * _limit():
            raise RequestDataTooBig("The upload is many times larger than any file may be.")

    def new_file(self, *arguments: Any, **options: Any) -> None:
        super().new_file(*arguments, **options)
        self.kept, self.counted = BytesIO(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.counted += len(raw_data)
        if self.counted <= _limit():
            self.kept.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept, self.field_name, self.file_name, self.content_type, self.counted, self.charset
        )


def _limit():
    return settings.UPLOAD_MAX_MB * 1024 * 1024
