"""The reference server with the capabilities that it leaves out: client tools, structured input, annotations, images,
thread status, streaming widgets. It proves that their checks pass on a server that has them.

`python -m mutants showcase` starts it; each capability comes about by a tool that the model calls.
"""
