"""What happens after the approval.

`stopping` is set when the process is asked to end: the call in flight is the last one.
"""

import threading

stopping = threading.Event()
