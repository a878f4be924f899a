"""What requests may say: one frozen model per body, and the rules of their fields."""
