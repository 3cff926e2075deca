"""What a stream means: its grammar, what it shows, what a reload shows, and when."""
