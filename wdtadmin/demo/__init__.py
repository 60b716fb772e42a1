"""The demo: people with known passwords, two months of made history, and all processes in one terminal.

It stands outside of the application, works on data of its own only, and nothing of it is for real use.
"""
