"""Calls a server with grpcio, as the arguments say, and prints what came back.

The only argument is JSON: {target, tls?, ca?, calls: [{method, request, metadata, stream}]}.
With tls and without ca, it trusts the default certificates of grpcio.
Messages travel as base64, so that no generated code is needed here.
"""

import base64
import json
import sys

import grpc

TIMEOUT_S = 10


def main(asked):
    if "ca" in asked:
        with open(asked["ca"], "rb") as file:
            credentials = grpc.ssl_channel_credentials(file.read())
        channel = grpc.secure_channel(asked["target"], credentials)
    elif asked.get("tls"):
        credentials = grpc.ssl_channel_credentials()
        channel = grpc.secure_channel(asked["target"], credentials)
    else:
        channel = grpc.insecure_channel(asked["target"])
    with channel:
        print(json.dumps([call(channel, each) for each in asked["calls"]]))


def call(channel, asked):
    start = channel.unary_stream if asked.get("stream") else channel.unary_unary
    method = start(asked["method"], request_serializer=None, response_deserializer=None)
    request = base64.b64decode(asked["request"])
    metadata = list(asked.get("metadata", {}).items())
    try:
        reply = method(request, metadata=metadata, timeout=TIMEOUT_S)
        if asked.get("stream"):
            first = next(reply)
            reply.cancel()
            reply = first
        return {"code": "OK", "reply": base64.b64encode(reply).decode()}
    except grpc.RpcError as error:
        return {"code": error.code().name, "details": error.details()}


main(json.loads(sys.argv[1]))
