"""
Builds every part from the settings, and runs it: the wiring diagram.

`folder.opened` holds the data folder and its rows; `serving.running` is a whole gateway with
its HTTP server on top. Leaving either undoes it in the reverse order. What is put together
how stands in `parts.py`, `batching.py` and `app.py`. Nothing is imported here: a command
that asks a server needs no gateway.
"""
