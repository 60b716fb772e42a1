"""What people send, checked as far as a form can; the verbs have the last word."""
