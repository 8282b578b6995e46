"""CloudWatch as boto3 sees it. Takes the endpoint's URL; fails with the first thing that is not as on AWS."""

import datetime
import json
import struct
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

place = dict(
    endpoint_url=sys.argv[1],
    region_name="eu-central-1",
    aws_access_key_id="111122223333",
    aws_secret_access_key="local",
    config=Config(retries={"max_attempts": 0}, read_timeout=30),
)
cloudwatch = boto3.client("cloudwatch", **place)

# botocore speaks CBOR to CloudWatch, where it is new enough: see that it does, and that it is answered in kind.
protocol = cloudwatch.meta.service_model.resolved_protocol if hasattr(
    cloudwatch.meta.service_model, "resolved_protocol"
) else cloudwatch.meta.service_model.metadata["protocol"]
kinds = {
    "smithy-rpc-v2-cbor": ("application/cbor", "application/cbor"),
    "json": ("application/x-amz-json-1.0", "application/x-amz-json-1.0"),
    "query": ("application/x-www-form-urlencoded; charset=utf-8", "text/xml"),
}
asked, answered = kinds[protocol]
encodings = []


def see_request(request, **_):
    kind = request.headers["Content-Type"]
    assert (kind.decode() if isinstance(kind, bytes) else kind) == asked, request.headers
    encodings.append(request.headers.get("Content-Encoding"))


cloudwatch.meta.events.register("before-send.cloudwatch", see_request)

bodies = []
cloudwatch.meta.events.register("before-parse.cloudwatch", lambda response_dict, **_: bodies.append(response_dict["body"]))


def written(name, value):
    """A member of a structure as the protocol writes it: a float has a point in text, and is one in CBOR."""
    if protocol == "smithy-rpc-v2-cbor":
        number = b"\xfb" + struct.pack(">d", value) if isinstance(value, float) else b"\x18" + bytes([value])
        return bytes([0x60 + len(name)]) + name.encode() + number
    if protocol == "json":
        return f'"{name}":{value}'.encode()
    return f"<{name}>{value}</{name}>".encode()


def answer(**given):
    headers = given["ResponseMetadata"]["HTTPHeaders"]
    assert headers.get("content-type", answered) == answered, headers
    return given


def refused(call, code, status, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error.response
        return error
    raise AssertionError(f"{code} was expected")


now = datetime.datetime.now(datetime.timezone.utc)
minute = now.replace(second=0, microsecond=0)
dimensions = [{"Name": "Queue", "Value": "jobs <&> ☃"}]
cloudwatch.put_metric_data(
    Namespace="My",
    MetricData=[
        {"MetricName": "Depth", "Dimensions": dimensions, "Timestamp": minute, "Value": 2.5, "Unit": "Count"},
        {"MetricName": "Depth", "Dimensions": dimensions, "Timestamp": minute, "Value": 1, "Unit": "Count"},
    ],
)
assert encodings[-1] is None
# More than 10 KB is sent as gzip.
cloudwatch.put_metric_data(
    Namespace="My", MetricData=[{"MetricName": "Many", "Timestamp": minute, "Value": n} for n in range(1000)]
)
assert encodings[-1] in ("gzip", b"gzip"), encodings

depth = {"Namespace": "My", "MetricName": "Depth", "Dimensions": dimensions}
many = {"Namespace": "My", "MetricName": "Many"}
data = answer(
    **cloudwatch.get_metric_data(
        StartTime=minute,
        EndTime=minute + datetime.timedelta(minutes=2),
        ScanBy="TimestampAscending",
        MetricDataQueries=[
            {"Id": "depth", "MetricStat": {"Metric": depth, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
            {"Id": "filled", "Expression": "FILL(depth, 0)", "Label": "with zeros"},
            {"Id": "many", "MetricStat": {"Metric": many, "Period": 60, "Stat": "p90"}},
        ],
    )
)["MetricDataResults"]
assert data[0]["Values"] == [3.5, 0.0] and data[0]["Timestamps"][0] == minute, data
assert data[1]["Values"] == [899.0], data
assert all(isinstance(value, float) for result in data for value in result["Values"]), data

statistics = answer(
    **cloudwatch.get_metric_statistics(
        StartTime=minute, EndTime=minute + datetime.timedelta(minutes=1), Period=60, Statistics=["Average"], **depth
    )
)
assert statistics["Datapoints"] == [{"Timestamp": minute, "Average": 1.75, "Unit": "Count"}], statistics

# Whole minutes go by: neither missing data nor what there is takes the alarm out of the state that it is put in.
cloudwatch.put_metric_alarm(
    AlarmName="deep",
    TreatMissingData="ignore",
    EvaluationPeriods=1,
    Threshold=2.25,
    ComparisonOperator="GreaterThanThreshold",
    Statistic="Maximum",
    Period=60,
    Tags=[{"Key": "team", "Value": "video"}],
    **depth,
)
cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule="AT_LEAST(1, ALARM, (deep))")
cloudwatch.set_alarm_state(AlarmName="deep", StateValue="ALARM", StateReason="drill")
described = answer(**cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"]))
assert [alarm["StateValue"] for alarm in described["MetricAlarms"]] == ["ALARM"], described
assert described["CompositeAlarms"][0]["StateReason"].startswith(described["MetricAlarms"][0]["AlarmArn"]), described
assert described["MetricAlarms"][0]["Threshold"] == 2.25
cloudwatch.put_metric_alarm(
    AlarmName="whole",
    EvaluationPeriods=1,
    Threshold=30,
    ComparisonOperator="GreaterThanThreshold",
    Statistic="Sum",
    Period=60,
    **depth,
)
whole = answer(**cloudwatch.describe_alarms(AlarmNames=["whole"]))["MetricAlarms"][0]
assert whole["Threshold"] == 30.0 and isinstance(whole["Threshold"], float), whole
assert whole["Period"] == 60 and isinstance(whole["Period"], int), whole
assert isinstance(whole["StateUpdatedTimestamp"], datetime.datetime), whole
assert written("Threshold", 30.0) in bodies[-1] and written("Period", 60) in bodies[-1], bodies[-1]
arn = described["MetricAlarms"][0]["AlarmArn"]
assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "video"}]
pages = cloudwatch.get_paginator("describe_alarm_history").paginate(
    AlarmName="deep", PaginationConfig={"PageSize": 1}
)
summaries = [item["HistorySummary"] for page in pages for item in page["AlarmHistoryItems"]]
assert summaries[-1] == 'Alarm "deep" created' and len(summaries) >= 2, summaries
assert cloudwatch.describe_alarms_for_metric(**depth)["MetricAlarms"][0]["AlarmName"] == "deep"

body = json.dumps({"widgets": [{"type": "text", "x": 0, "y": 0, "properties": {"markdown": "☃"}}]})
assert cloudwatch.put_dashboard(DashboardName="Jobs", DashboardBody=body)["DashboardValidationMessages"] == []
assert cloudwatch.get_dashboard(DashboardName="Jobs")["DashboardBody"] == body
assert cloudwatch.list_dashboards()["DashboardEntries"][0]["Size"] == len(body.encode())
bad = refused(cloudwatch.put_dashboard, "InvalidParameterInput", 400, DashboardName="Jobs", DashboardBody='{"widgets":[1]}')
assert bad.response["dashboardValidationMessages"] == [{"DataPath": "/widgets/0", "Message": "Should be object"}]

missing = refused(cloudwatch.set_alarm_state, "ResourceNotFound", 404, AlarmName="none", StateValue="OK", StateReason="")
assert isinstance(missing, cloudwatch.exceptions.ResourceNotFound)
refused(cloudwatch.get_dashboard, "ResourceNotFound", 404, DashboardName="none")
refused(cloudwatch.describe_alarms, "InvalidNextToken", 400, NextToken="x")
refused(cloudwatch.set_alarm_state, "ValidationError", 400, AlarmName="deep", StateValue="INVALID", StateReason="")
refused(cloudwatch.put_metric_data, "InvalidParameterValue", 400, Namespace="AWS/SQS", MetricData=[{"MetricName": "M", "Value": 1}])

cloudwatch.delete_alarms(AlarmNames=["deep", "any", "whole"])
cloudwatch.delete_dashboards(DashboardNames=["Jobs"])
assert boto3.resource("cloudwatch", **place).Alarm("deep").alarm_name == "deep"
print("done")
