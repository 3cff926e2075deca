"""Small ChatKit servers that are odd and right, of several makes: no MUST check may fail on any.

    python -m odd_servers                     the names, and what is odd about each
    python -m odd_servers sockets-cookie      start one; PORT, GEMINI_BASE_URL and GEMINI_API_KEY say where

Three makes share no code of ours: one on the SDK, one by hand in Python (over Starlette or over bare sockets), one in
Node. Those in `alone` share none with each other either. `table.py` says which server has which habits, and the target
file beside it what its owner would declare.
"""
