"""What people and programs get to see: one renderer a file, none of which writes anything."""
