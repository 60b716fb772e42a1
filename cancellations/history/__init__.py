"""What was done, for those who look back. Reads only, except that it keeps figures which can be counted anew."""
