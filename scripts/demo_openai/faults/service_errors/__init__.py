"""Errors of services in use, as data: what they have been seen to answer, shortened."""

from scripts.demo_openai.faults.acts import Fault, refuse
from scripts.demo_openai.faults.service_errors.chinese_vendors import CHINESE_VENDORS
from scripts.demo_openai.faults.service_errors.error_fault import ErrorFault
from scripts.demo_openai.faults.service_errors.in_between import IN_BETWEEN
from scripts.demo_openai.faults.service_errors.large_vendors import LARGE_VENDORS
from scripts.demo_openai.faults.service_errors.local_servers import LOCAL_SERVERS
from scripts.demo_openai.faults.service_errors.openai import OPENAI
from scripts.demo_openai.faults.service_errors.other_vendors import OTHER_VENDORS
from scripts.demo_openai.faults.service_errors.routers import ROUTERS

ERROR_FAULTS: dict[str, ErrorFault] = {
    **OPENAI,
    **ROUTERS,
    **LARGE_VENDORS,
    **CHINESE_VENDORS,
    **LOCAL_SERVERS,
    **OTHER_VENDORS,
    **IN_BETWEEN,
}
SERVICE_ERRORS = {
    name: Fault(error.about, refuse(error.status, error.body, error.kind, **error.headers))
    for name, error in ERROR_FAULTS.items()
}
