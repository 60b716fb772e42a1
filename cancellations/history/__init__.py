"""Reading what happened, and knowing that it is what was written. Keeps only what can be made anew."""
