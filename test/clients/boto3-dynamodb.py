"""A story told to DynamoDB by boto3's resource API: prints "done" if all went as on AWS."""

import sys
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

endpoint = sys.argv[1]
dynamodb = boto3.resource("dynamodb", endpoint_url=endpoint)

table = dynamodb.create_table(
    TableName="Orders",
    KeySchema=[{"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "number", "KeyType": "RANGE"}],
    AttributeDefinitions=[
        {"AttributeName": "customer", "AttributeType": "S"},
        {"AttributeName": "number", "AttributeType": "N"},
        {"AttributeName": "state", "AttributeType": "S"},
    ],
    GlobalSecondaryIndexes=[
        {
            "IndexName": "byState",
            "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    BillingMode="PAY_PER_REQUEST",
    StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
)
table.wait_until_exists()
table.reload()
assert table.table_status == "ACTIVE", table.table_status

item = {"customer": "ann", "number": 1, "total": Decimal("12.50"), "tags": {"a", "b"}, "raw": b"\x00\xff", "none": None}
table.put_item(Item=item)
found = table.get_item(Key={"customer": "ann", "number": 1}, ConsistentRead=True)["Item"]
assert found == {**item, "total": Decimal("12.5")}, found

answer = table.update_item(
    Key={"customer": "ann", "number": 1},
    UpdateExpression="SET #s = :s, basket = list_append(if_not_exists(basket, :none), :line)",
    ConditionExpression=Attr("total").gt(10) & Attr("tags").contains("a"),
    ExpressionAttributeNames={"#s": "state"},
    ExpressionAttributeValues={":s": "open", ":none": [], ":line": [{"sku": "x", "n": 2}]},
    ReturnValues="UPDATED_NEW",
)
assert answer["Attributes"] == {"state": "open", "basket": [{"sku": "x", "n": 2}]}, answer

with table.batch_writer(overwrite_by_pkeys=["customer", "number"]) as batch:
    for number in range(2, 60):
        batch.put_item(Item={"customer": "ann", "number": number, "state": "open" if number % 2 else "done"})
    batch.delete_item(Key={"customer": "ann", "number": 59})

numbers, start = [], {}
while True:
    page = table.query(KeyConditionExpression=Key("customer").eq("ann") & Key("number").between(10, 30), Limit=8, **start)
    numbers += [int(each["number"]) for each in page["Items"]]
    if "LastEvaluatedKey" not in page:
        break
    start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
assert numbers == list(range(10, 31)), numbers
assert table.query(IndexName="byState", KeyConditionExpression=Key("state").eq("open"))["Count"] == 29
assert table.scan(FilterExpression=Attr("state").eq("done") & ~Attr("number").lt(50))["Count"] == 5

try:
    table.put_item(Item=item, ConditionExpression=Attr("customer").not_exists())
except ClientError as error:
    assert error.response["Error"] == {
        "Code": "ConditionalCheckFailedException",
        "Message": "The conditional request failed",
    }, error.response
else:
    raise AssertionError("the condition held")

client = table.meta.client
try:
    client.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": "Orders", "Item": {"customer": "bob", "number": 1}}},
            {
                "Delete": {
                    "TableName": "Orders",
                    "Key": {"customer": "nobody", "number": 1},
                    "ConditionExpression": "attribute_exists(customer)",
                }
            },
        ]
    )
except client.exceptions.TransactionCanceledException as error:
    assert [reason["Code"] for reason in error.response["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert "[None, ConditionalCheckFailed]" in str(error), error
else:
    raise AssertionError("the transaction was made")
assert "Item" not in table.get_item(Key={"customer": "bob", "number": 1})

streams = boto3.client("dynamodbstreams", endpoint_url=endpoint)
arn = table.latest_stream_arn
shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
records = streams.get_records(ShardIterator=iterator, Limit=2)["Records"]
assert [record["eventName"] for record in records] == ["INSERT", "MODIFY"], records
assert records[1]["dynamodb"]["NewImage"]["raw"] == {"B": b"\x00\xff"}, records[1]

table.delete()
table.wait_until_not_exists()
print("done")
