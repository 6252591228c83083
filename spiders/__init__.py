"""What a page says: bytes in, plain records out. No SQL, no conclusions."""
