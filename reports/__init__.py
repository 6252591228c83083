"""How it is told: findings in, documents out."""
