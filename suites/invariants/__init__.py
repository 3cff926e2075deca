"""Promises that hold in every situation: judged on every conversation, written or generated, faulty ones too."""
