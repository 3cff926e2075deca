"""What breaks between ChatKit, the Agents SDK and Gemini, each mended in one place.

| file | what breaks without it |
|---|---|
| failure.py | errors come in a list, the wait in the body: the SDK says "Error code: 429" and retries blindly |
| wire.py | an error inside a stream, a page that is no stream, a bare JSON object: ignored, or an AttributeError |
| tool_calls.py | calls without index are glued into one, an empty id ends the run, a repeated id confuses two calls |
| thoughts.py | `<thought>` text reaches the user as the answer |
| answer.py | a cut, empty, filtered or malformed answer passes as a silent success |
| client.py | organization headers, unknown fields: Gemini answers 400 |
| model.py | puts the above between AsyncOpenAI and the Agents SDK; deltas go straight to the listener; bounds retries |
| history.py | the second turn dies on assistant messages in the shape that ChatKit's own converter makes |
| tracing.py | the Agents SDK posts traces to OpenAI, and spends a fifth of its time on them |

Item ids (`__fake_id__` for every message) are mended where items are made: `reference_server/answering.py`.
"""
