"""Load: what is asked for, how it is launched, what was measured, and what to make of it.

The generator itself is Locust, in the room `load`, in processes of its own; nothing here imports it.
"""
