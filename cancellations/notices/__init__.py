"""Delivers what people and groups are to be told: by mail and by group robots, apart from sending.

Who is told of what stands in `workflow.telling`, the words in `words.notices`.
"""
