"""A stand-in for Azure Web PubSub: REST data plane 2024-12-01, JSON subprotocols and event handlers over Redis.

Not served: clients without a JSON subprotocol, protobuf, MQTT, Socket.IO, streams and invocations, throttling by unit,
Entra tokens. A connection can be recovered only in the process that holds it, and not after that process has ended.
"""
