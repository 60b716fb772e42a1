"""Amounts and quantities in templates."""

from django import template

from cancellations.words.numbers import money, quantity

register = template.Library()
register.filter("money", money)
register.filter("quantity", quantity)
