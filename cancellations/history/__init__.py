"""What auditors read: search, the story of an order, export. Reads only; everything with the reader's own rights."""
