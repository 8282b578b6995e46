"""Lists the floating-point members of operations' outputs, by AWS's models, as `Structure.member`.

Reads JSON from standard input: the operations by the name that botocore has for their service."""

import json
import sys

import botocore.session

session = botocore.session.get_session()
FLOATING = ("double", "float")


def add_doubles(shape, doubles, seen):
    if shape is None or shape.name in seen:
        return
    if shape.type_name == "structure":
        seen.add(shape.name)
        for name, member in shape.members.items():
            inner = member
            while inner.type_name in ("list", "map"):
                inner = inner.member if inner.type_name == "list" else inner.value
            if inner.type_name in FLOATING:
                doubles.add(f"{shape.name}.{name}")
            add_doubles(inner, doubles, seen)


def doubles_of(service, operations):
    model, doubles, seen = session.get_service_model(service), set(), set()
    for operation in operations:
        add_doubles(model.operation_model(operation).output_shape, doubles, seen)
    return sorted(doubles)


print(json.dumps({service: doubles_of(service, operations) for service, operations in json.load(sys.stdin).items()}))
