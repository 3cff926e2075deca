"""What can happen in a conversation, as data from which conversations are made."""
