"""A team of agents: the Agents SDK as people use it, on the reference server's Gemini model, store and tools.

One file for each thing that people use it for:

    team.py       the agents, and who hands over to whom
    guards.py     what they do not talk about: an input guardrail and an output guardrail
    history.py    the Agents SDK's session, which reads ChatKit's own history
    approval.py   a tool that waits for a button: the run stops, and goes on when it is pressed
    thoughts.py   the model's reasoning, shown as a workflow
    chat.py       the chat: one run of the team for each turn

Start it as you start the reference server, with the same settings: `python -m team_server`.
"""
