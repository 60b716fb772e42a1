"""The API for other systems: they ask, people decide. One table of endpoints (`endpoints.py`) makes the addresses and
the document; each call is authenticated, read strictly, handed to the verb of the pages, and answered in JSON."""
