"""The settings of the commands that need no keys: `manage.py init`, and `collectstatic` while an image is built.

Keys that are not set are made up for this one process. It stores nothing that they protect.
"""

import os

from wdtadmin.variables import VARIABLES, value

os.environ.update({name: variable.make() for name, variable in VARIABLES.items() if variable.make and not value(name)})

from wdtadmin.settings import *  # noqa: F403
