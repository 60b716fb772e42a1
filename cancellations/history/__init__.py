"""Reading what happened, and knowing that it is what was written."""
