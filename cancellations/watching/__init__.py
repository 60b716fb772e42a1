"""What monitoring is told: whether all is well (health), and how much there is of what (metrics).

What is said is read from the database when it is asked for, so every process says the same.
"""
