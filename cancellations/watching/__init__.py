"""What monitoring is told: whether all is well (health), and how much there is of what (metrics).

Nothing is counted in a process: what is said is read from the database when it is asked for.
"""
