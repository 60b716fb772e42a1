from tests.browsing import english  # noqa: F401 - the fixture
