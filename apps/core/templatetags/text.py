from django import template

from apps.core.text import shortened

register = template.Library()
register.filter("shortened", shortened)
