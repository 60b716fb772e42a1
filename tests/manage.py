"""manage.py with the settings of the tests: for commands that need settings, but no database of anybody's."""

import os

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    execute_from_command_line()
