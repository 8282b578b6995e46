"""A Lambda execution environment for Python: loads a function's handler and calls it, one event at a time.

It speaks Lambda's Runtime API, as the runtime of AWS does, and lives in the machine's time.
"""

import http.client
import importlib
import json
import logging
import os
import resource
import signal
import sys
import time
import traceback

API = "/2018-06-01/runtime/"
MARK = "\0end of "
# The folders of layers with packages, in the order in which they are searched.
LAYERS = json.loads(os.environ.pop("SPILLWAY_LAYERS", "[]"))
# Where emulated time runs at another speed than the machine's: what it was at which instant of the monotonic clock.
EMULATED = json.loads(os.environ.pop("SPILLWAY_TIME", "null"))


def now():
    """Emulated milliseconds since the epoch."""
    if EMULATED is None:
        return time.time() * 1000
    return EMULATED["now"] + (time.monotonic_ns() - int(EMULATED["at"])) / 1e6 * EMULATED["speed"]


class ClientContext:
    """What a mobile client tells of itself."""

    def __init__(self, given):
        self.client = given.get("client")
        self.custom = given.get("custom")
        self.env = given.get("env")


class LambdaContext:
    """What a handler is told of its invocation."""

    def __init__(self, headers):
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.identity = None
        context = headers["Lambda-Runtime-Client-Context"]
        self.client_context = None if context is None else ClientContext(json.loads(context))
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, int(self._deadline - now()))


class RequestIdFilter(logging.Filter):
    """Gives each line of the log the id of the invocation that it belongs to."""

    request_id = None

    def filter(self, record):
        record.aws_request_id = RequestIdFilter.request_id or ""
        return True


def set_up_logging():
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
        )
    )
    handler.formatter.converter = time.gmtime
    handler.addFilter(RequestIdFilter())
    logging.root.addHandler(handler)


def failure(error_type, message, frames=()):
    return {"errorMessage": message, "errorType": error_type, "stackTrace": list(frames)}


def failure_of(error):
    """An exception as Lambda serializes it: without our own frame, which is the first."""
    frames = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
    return failure(type(error).__name__, str(error), frames)


class InitError(Exception):
    def __init__(self, error_type, message):
        super().__init__(message)
        self.failure = failure(error_type, message)


def load_handler(name):
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise InitError("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (name, error))
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = "Unable to import module '%s': %s" % (module_name, error)
        if error.name in ("boto3", "botocore"):
            message += " (Lambda's runtime includes it, and %s does not: -m pip install boto3)" % sys.executable
        raise InitError("Runtime.ImportModuleError", message)
    except SyntaxError as error:
        raise InitError("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error))
    handler = getattr(module, function_name, None)
    if handler is None:
        message = "Handler '%s' missing on module '%s'" % (function_name, module_name)
        raise InitError("Runtime.HandlerNotFound", message)
    return handler


class ApiGone(Exception):
    """The emulator has closed its Runtime API: the environment is over."""


class RuntimeApi:
    """The Runtime API of this environment."""

    def __init__(self):
        self.connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

    def next(self):
        return self.exchange("GET", "invocation/next")

    def post(self, path, body, error_type=None):
        headers = {
            "Content-Type": "application/json",
            "Spillway-Memory-Used": str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss),
        }
        if error_type is not None:
            headers["Lambda-Runtime-Function-Error-Type"] = error_type
        self.exchange("POST", path, body, headers)

    def exchange(self, method, path, body=None, headers={}):
        try:
            self.connection.request(method, API + path, body, headers)
            response = self.connection.getresponse()
            return response.headers, response.read()
        except (OSError, http.client.HTTPException):
            raise ApiGone() from None


def run(handler, headers, body):
    """Gives the path and the body of the answer, and the type of the error if it is one."""
    path = "invocation/%s/" % headers["Lambda-Runtime-Aws-Request-Id"]
    try:
        result = handler(json.loads(body), LambdaContext(headers))
    except Exception as error:  # whatever a handler raises is its answer
        failed = failure_of(error)
        text = "[ERROR] %s: %s\n%s" % (failed["errorType"], error, "".join(failed["stackTrace"]))
        print(text.rstrip())
        return path + "error", json.dumps(failed), failed["errorType"]
    try:
        return path + "response", json.dumps(result).encode(), None
    except (TypeError, ValueError) as error:
        failed = failure("Runtime.MarshalError", "Unable to marshal response: %s" % error)
        print("[ERROR] %s: %s" % (failed["errorType"], failed["errorMessage"]))
        return path + "error", json.dumps(failed), failed["errorType"]


def serve(api, handler):
    while True:
        headers, body = api.next()
        RequestIdFilter.request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        answer = run(handler, headers, body)
        for stream in (sys.stdout, sys.stderr):
            stream.write(MARK + RequestIdFilter.request_id + "\n")
            stream.flush()
        api.post(*answer)


def main():
    # A signal ends the environment. Python's own way, an exception wherever the code is, would be logged as a failure.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # The function's folder takes the place of ours.
    sys.path[:1] = [os.environ["LAMBDA_TASK_ROOT"], *LAYERS]
    set_up_logging()
    api = RuntimeApi()
    try:
        try:
            handler = load_handler(os.environ["_HANDLER"])
        except InitError as error:
            api.post("init/error", json.dumps(error.failure), error.failure["errorType"])
            sys.exit(1)
        except Exception as error:  # the module's own code
            failed = failure_of(error)
            api.post("init/error", json.dumps(failed), failed["errorType"])
            sys.exit(1)
        serve(api, handler)
    except ApiGone:
        os.killpg(0, signal.SIGKILL)  # with whatever the function has started: nobody is left to work for


main()
