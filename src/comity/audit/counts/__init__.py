"""What an audit counts while the cases go by, and the figures made of it; ``summary`` is the door."""
