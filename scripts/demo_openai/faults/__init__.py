"""The faults: every way to misbehave, by its name.

Most are data: steps to play, errors and replies of services in use. Each answers every request of
a server that is set to it, and those for a model of its name, as `fault-stall`.
"""

from scripts.demo_openai.faults.acts import Fault
from scripts.demo_openai.faults.connections import CONNECTIONS
from scripts.demo_openai.faults.endings import ENDINGS
from scripts.demo_openai.faults.errors import ERRORS
from scripts.demo_openai.faults.event_forms import EVENTS
from scripts.demo_openai.faults.images import IMAGES
from scripts.demo_openai.faults.model_lists import MODEL_LISTS
from scripts.demo_openai.faults.reasoning import REASONING
from scripts.demo_openai.faults.refused_requests import REFUSED_REQUESTS
from scripts.demo_openai.faults.service_errors import SERVICE_ERRORS
from scripts.demo_openai.faults.service_replies import SERVICE_REPLIES
from scripts.demo_openai.faults.sizes import SIZES
from scripts.demo_openai.faults.streams import STREAMS
from scripts.demo_openai.faults.texts import TEXTS

FAULTS: dict[str, Fault] = {
    **ERRORS,
    **REFUSED_REQUESTS,
    **CONNECTIONS,
    **STREAMS,
    **ENDINGS,
    **REASONING,
    **EVENTS,
    **TEXTS,
    **SERVICE_REPLIES,
    **SIZES,
    **MODEL_LISTS,
    **IMAGES,
    **SERVICE_ERRORS,
}
