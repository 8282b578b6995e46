"""A schedule's life as boto3 sees it. Takes the endpoint's URL; fails with the first thing that is not as on AWS."""

import json
import sys
from datetime import datetime, timedelta, timezone

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
sqs, iam, scheduler = (boto3.client(name, **place) for name in ("sqs", "iam", "scheduler"))


def refused(call, code, status, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error.response
        return error.response["Error"]["Message"]
    raise AssertionError(f"{code} was expected")


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


url = sqs.create_queue(QueueName="Jobs")["QueueUrl"]
queue_arn = "arn:aws:sqs:eu-central-1:111122223333:Jobs"
trust = document(Action="sts:AssumeRole", Principal={"Service": "scheduler.amazonaws.com"})
role_arn = iam.create_role(RoleName="Nightly", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
may_send = document(Action="sqs:SendMessage", Resource=queue_arn)
iam.put_role_policy(RoleName="Nightly", PolicyName="Send", PolicyDocument=may_send)

group = scheduler.create_schedule_group(Name="batch", Tags=[{"Key": "stage", "Value": "test"}])
tags = scheduler.list_tags_for_resource(ResourceArn=group["ScheduleGroupArn"])["Tags"]
assert tags == [{"Key": "stage", "Value": "test"}], tags

end = (datetime.now(timezone.utc) + timedelta(days=1)).replace(microsecond=0)
schedule = dict(
    Name="Often",
    GroupName="batch",
    ScheduleExpression="rate(1 minute)",
    EndDate=end,
    FlexibleTimeWindow={"Mode": "OFF"},
    Target={"Arn": queue_arn, "RoleArn": role_arn, "Input": "<aws.scheduler.schedule-arn>"},
)
arn = scheduler.create_schedule(**schedule)["ScheduleArn"]
assert arn == "arn:aws:scheduler:eu-central-1:111122223333:schedule/batch/Often", arn

# A rate begins at once.
received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
assert received[0]["Body"] == arn, received

described = scheduler.get_schedule(Name="Often", GroupName="batch")
assert described["EndDate"] == end and described["State"] == "ENABLED", described
assert described["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
pages = scheduler.get_paginator("list_schedules").paginate(GroupName="batch")
assert [[each["Name"] for each in page["Schedules"]] for page in pages] == [["Often"]]

message = refused(scheduler.create_schedule, "ValidationException", 400, **{**schedule, "ScheduleExpression": "never"})
assert message == "Invalid Schedule Expression never.", message
refused(scheduler.create_schedule, "ConflictException", 409, **schedule)
refused(scheduler.get_schedule, "ResourceNotFoundException", 404, Name="Often")

scheduler.delete_schedule(Name="Often", GroupName="batch")
refused(scheduler.delete_schedule, "ResourceNotFoundException", 404, Name="Often", GroupName="batch")
scheduler.delete_schedule_group(Name="batch")
print("done")
