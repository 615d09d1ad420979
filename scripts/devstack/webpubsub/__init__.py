"""A stand-in for Azure Web PubSub: REST data plane 2024-12-01, JSON subprotocols and event handlers over Redis."""
