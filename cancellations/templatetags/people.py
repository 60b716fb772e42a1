"""People as pages call them."""

from django import template

from cancellations.models import people

register = template.Library()
register.filter("name_of", people.name_of)
