"""A receiver that does nothing: what is left is what the host and Microsoft's worker library take."""

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("webhooks/alertmanager", methods=["POST"])
async def receive(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the worker compares parameters with bindings
    return func.HttpResponse('{"accepted":1}', status_code=202, mimetype="application/json")
