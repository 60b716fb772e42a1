"""Django groups Chinese numbers by nothing; in purchasing everybody writes 12,345."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
