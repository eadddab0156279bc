"""Who among the staff may change whom, and which rights they may give."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from apps.users.models import User


def grantable_permissions(staff: User) -> QuerySet[Permission]:
    """Return the rights that this member of staff has, and so may give."""
    if staff.is_superuser:
        return Permission.objects.all()
    own = Q(user=staff) | Q(group__user=staff)
    return Permission.objects.filter(pk__in=Permission.objects.filter(own).values("pk"))


def grantable_groups(staff: User) -> QuerySet[Group]:
    """Return the groups that give no right which this member of staff lacks."""
    if staff.is_superuser:
        return Group.objects.all()
    return Group.objects.exclude(permissions__in=_lacking(staff))


def manageable_users(staff: User) -> QuerySet[User]:
    """Return the people who have no right that this member of staff lacks.

    Whoever may set a password, or an e-mail address to which a new one is sent, may log in there.
    """
    if staff.is_superuser:
        return User.objects.all()
    more = Q(user_permissions__in=_lacking(staff)) | Q(groups__permissions__in=_lacking(staff))
    with_more = User.objects.filter(Q(is_superuser=True) | more)
    return User.objects.exclude(pk__in=with_more.values("pk"))


def _lacking(staff: User) -> QuerySet[Permission]:
    return Permission.objects.exclude(pk__in=grantable_permissions(staff).values("pk"))
