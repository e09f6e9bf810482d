"""Reading files that nobody vouches for: their text by page, and their pages as pictures.

Everything that parses a file runs in a child process (`child.py`) with little memory, little time and an empty
environment; `parent.py` is the side that the product calls:

    async with aclosing(read(path)) as found: ...

Nothing in here knows the database or Django, so that the child starts in a few hundredths of a second.
"""
