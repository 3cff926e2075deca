"""What makes the server fast and nothing else: each piece in a file of its own, with its reason and its gain.

None of them changes what the server does. A server without them is the one to read first, and the one to copy; take
a piece when a profile of your own server shows its cost (docs/a-fast-server.md).

| file | without it |
|---|---|
| requests.py | the SDK builds a pydantic adapter for every request: 18 % of a plain server's turn |
| agents.py | the SDK asks and signs every tool in every run: 4 % of this server's turn, 10 % with 200 runs at once |
| loading.py | the SDKs' 1,500 models are all built at the start: half as much CPU again until the first answer |
| collector.py | the garbage collector looks at every running turn: 8 % of a busy server's time |

Some speed stands where the work is done, since it is another way to do it: answers go straight from the model to the
message (`answering.py`, `gemini_compat/model.py`), SQLite works on the event loop (`on_sqlite.py`), frames that are
ready go out in one write (`event_stream.py`).
"""
