"""A queue's life as boto3 sees it. Takes the endpoint's URL; fails with the first thing that is not as on AWS."""

import json
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
sqs = boto3.client("sqs", **place)


def refused(call, code, status, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error.response
        return error
    raise AssertionError(f"{code} was expected")


dead = sqs.create_queue(QueueName="Dead")["QueueUrl"]
dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
assert dead_arn == "arn:aws:sqs:eu-central-1:111122223333:Dead", dead_arn
redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
url = sqs.create_queue(QueueName="Jobs", Attributes={"RedrivePolicy": redrive}, tags={"stage": "test"})["QueueUrl"]
assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"stage": "test"}
assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]

# boto3 checks the digests.
attributes = {
    "Codec": {"DataType": "String", "StringValue": "av1 ☃"},
    "Thumbnail": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    "Frames": {"DataType": "Number", "StringValue": "250"},
}
sent = sqs.send_message(QueueUrl=url, MessageBody='<&>"☃\r\n', MessageAttributes=attributes)
assert "SequenceNumber" not in sent
received = sqs.receive_message(
    QueueUrl=url, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"], VisibilityTimeout=0
)["Messages"]
assert received[0]["Body"] == '<&>"☃\r\n'
assert received[0]["MessageAttributes"] == attributes, received
assert received[0]["Attributes"]["ApproximateReceiveCount"] == "1"

# The second receive is one too many.
assert "Messages" not in sqs.receive_message(QueueUrl=url)
lost = sqs.receive_message(QueueUrl=dead, AttributeNames=["All"])["Messages"][0]
assert lost["MessageId"] == sent["MessageId"]
assert lost["Attributes"]["DeadLetterQueueSourceArn"].endswith(":Jobs")
sqs.delete_message(QueueUrl=dead, ReceiptHandle=lost["ReceiptHandle"])

batch = sqs.send_message_batch(
    QueueUrl=url,
    Entries=[{"Id": "good", "MessageBody": "x"}, {"Id": "bad", "MessageBody": "\x01"}],
)
assert [entry["Id"] for entry in batch["Successful"]] == ["good"]
assert batch["Failed"][0]["Code"] == "InvalidMessageContents", batch

queue = boto3.resource("sqs", **place).get_queue_by_name(QueueName="Jobs")
for message in queue.receive_messages(MaxNumberOfMessages=10, WaitTimeSeconds=1):
    message.delete()
assert queue.attributes["ApproximateNumberOfMessages"] == "0"

pages = sqs.get_paginator("list_queues").paginate(PaginationConfig={"PageSize": 1})
assert [len(page["QueueUrls"]) for page in pages] == [1, 1]

missing = refused(sqs.get_queue_url, "AWS.SimpleQueueService.NonExistentQueue", 400, QueueName="none")
assert isinstance(missing, sqs.exceptions.QueueDoesNotExist)
assert missing.response["Error"]["QueryErrorCode"] == "QueueDoesNotExist", missing.response
refused(sqs.receive_message, "InvalidParameterValue", 400, QueueUrl=url, MaxNumberOfMessages=11)
refused(sqs.delete_message, "ReceiptHandleIsInvalid", 404, QueueUrl=url, ReceiptHandle="x")
sqs.purge_queue(QueueUrl=url)
refused(sqs.purge_queue, "AWS.SimpleQueueService.PurgeQueueInProgress", 403, QueueUrl=url)

identity = boto3.client("sts", **place).get_caller_identity()
assert identity["Account"] == "111122223333", identity

sqs.delete_queue(QueueUrl=url)
refused(sqs.create_queue, "AWS.SimpleQueueService.QueueDeletedRecently", 400, QueueName="Jobs")
print("done")
