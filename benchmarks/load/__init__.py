"""Many people at once: ``python -m benchmarks.load``.

Sessions that speak Streamlit's own protocol, and a few real browsers, turn pages while
two programs import and undo. Every headline number seen must be that of a state the
database was really in; the server's log and its memory are watched. Loopback only.
"""
