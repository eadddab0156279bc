"""The AI service: all that is sent to it and read from it.

The door is `client`; whatever goes wrong comes as GatewayError.
"""
