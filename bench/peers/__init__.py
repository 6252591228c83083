"""What people would use instead of helpwatch, each on the same pages."""
