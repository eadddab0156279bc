"""The site of Django's admin. Other apps take their ModelAdmins' base classes from `site`."""
