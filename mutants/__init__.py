"""The liars: the reference server with one promise broken each, and near misses, which are odd but right.

`python -m mutants NAME` starts one and prints its URL, so a mutant is a target like any other:
`chatkit-conformance run -- python -m mutants NAME`. The table is catalogue.py.
"""
