def name_of(person):
    """What a person is called on pages and in the history: their name, else what they sign in with."""
    return person.get_full_name() or person.get_username()
