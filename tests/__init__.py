"""Bytecode is kept, even where the environment forbids it, as many images do: each of the hundreds of processes would
compile the application anew, and pytest every test."""

import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
