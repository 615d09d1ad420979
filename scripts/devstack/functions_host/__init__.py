"""A local Azure Functions host: HTTP front, queue triggers and timers over Microsoft's own worker library.

It serves a Python v2 function app as the Functions host 4.x does, for development and tests. It is not Azure: there is
no platform authentication, no scale-out, no 230 s load balancer limit and no extension bundle; triggers are HTTP, queue
and timer; function-level retry policies and `{name}` binding expressions are not applied.
"""
