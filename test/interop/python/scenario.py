"""The scenario of ../scenario.ts as a Python client: connect, call, read the
answers and the error details with what grpcio and grpcio-status bring.

    PYTHONPATH=gen python scenario.py localhost:7070 some-prefix/
"""

import sys
import time
from datetime import UTC, datetime, timedelta

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from krusty.cache.v1 import admin_service_pb2 as admin_pb
from krusty.cache.v1 import admin_service_pb2_grpc as admin_grpc
from krusty.cache.v1 import cache_service_pb2 as pb
from krusty.cache.v1 import cache_service_pb2_grpc as pb_grpc
from krusty.cache.v1 import entry_pb2, watch_pb2

CALL_SECONDS_MAX = 10


class Scenario:
    """Each method is a step; `steps` has them in order."""

    def __init__(self, channel, prefix):
        self.cache = pb_grpc.CacheServiceStub(channel)
        self.admin = admin_grpc.AdminServiceStub(channel)
        self.health = health_pb2_grpc.HealthStub(channel)
        self.prefix = prefix
        self.steps = {
            "health": self.check_health,
            "put then get": self.put_then_get,
            "a miss is an answer": self.miss_is_answer,
            "odd keys": self.odd_keys,
            "conditions": self.conditions,
            "not modified": self.not_modified,
            "ttl": self.ttl,
            "touch": self.touch,
            "increment": self.increment,
            "batches": self.batches,
            "list": self.list,
            "purge": self.purge,
            "stats": self.stats,
            "error details": self.error_details,
            "errors": self.errors,
            "watch": self.watch,
            "watch errors": self.watch_errors,
            "explain": self.explain,
        }

    def check_health(self):
        for service in ["", "krusty.cache.v1.CacheService"]:
            answer = self.health.Check(health_pb2.HealthCheckRequest(service=service), timeout=CALL_SECONDS_MAX)
            equal(f"status of {service}", answer.status, health_pb2.HealthCheckResponse.SERVING)

    def put_then_get(self):
        value = bytes(range(256))
        put = self.put("bytes", value, content_type="application/octet-stream")
        equal("outcome", put.outcome, pb.PutResponse.OUTCOME_STORED)

        answer = self.get("bytes")
        equal("outcome", answer.outcome, pb.GetResponse.OUTCOME_HIT)
        equal("value", answer.entry.value, value)
        equal("content type", answer.entry.content_type, "application/octet-stream")
        equal("revision", answer.entry.revision, put.revision)
        equal("no expire_time", answer.entry.HasField("expire_time"), False)

        full = self.get("bytes", view=entry_pb2.ENTRY_VIEW_FULL, metadata_only=True).entry
        equal("key", full.key, self.key("bytes"))
        equal("namespace", full.namespace, "default")
        equal("value omitted", (full.value_omitted, full.value), (True, b""))
        equal("size counts key and value", full.size_bytes > 256, True)
        age = datetime.now(UTC) - full.update_time.ToDatetime(tzinfo=UTC)
        equal("update_time is now", abs(age) < timedelta(minutes=1), True)

    def miss_is_answer(self):
        equal("get", self.get("absent").outcome, pb.GetResponse.OUTCOME_MISS)
        equal("delete", self.delete("absent").outcome, pb.DeleteResponse.OUTCOME_NOT_FOUND)

    def odd_keys(self):
        odd = [
            "a/b", "a%2Fb", "a//b", "a b", "a+b", "a%20b", " a b", "a b ", "a:b", "a?b", "a#b", "a\nb", "a\r\nb",
            "a\0b", "\ufeffa", "a", "A", "🦀", "🦀\ufe0f", "é", "e\u0301", "..", ".", "-", "{}", '"', "\\",
        ]  # fmt: skip
        for name in odd:
            self.put("odd" + name, f"value of {name}".encode())
        for name in odd:
            equal(f"value of {name!r}", self.get("odd" + name).entry.value.decode(), f"value of {name}")

    def conditions(self):
        first = self.put("condition", b"1", if_absent=True)
        equal("if_absent of an absent key", first.outcome, pb.PutResponse.OUTCOME_STORED)
        lost = self.put("condition", b"2", if_absent=True, return_previous=True)
        equal("if_absent of a present key", lost.outcome, pb.PutResponse.OUTCOME_NOT_STORED)
        equal("the revision that stands", lost.revision, first.revision)
        equal("the value that stands", lost.previous.value, b"1")
        absent = self.put("nothing", b"x", if_present=True)
        equal("if_present of an absent key", absent.outcome, pb.PutResponse.OUTCOME_NOT_STORED)

        second = self.put("condition", b"2", if_revision=first.revision)
        equal("if_revision that holds", second.outcome, pb.PutResponse.OUTCOME_STORED)
        equal("revisions grow", second.revision > first.revision, True)
        stale = self.put("condition", b"3", if_revision=first.revision)
        equal("if_revision that is stale", stale.outcome, pb.PutResponse.OUTCOME_NOT_STORED)

        kept = self.delete("condition", if_revision=first.revision)
        equal("delete of a stale revision", kept.outcome, pb.DeleteResponse.OUTCOME_NOT_DELETED)
        gone = self.delete("condition", if_revision=second.revision, return_previous=True)
        equal("delete of this revision", gone.outcome, pb.DeleteResponse.OUTCOME_DELETED)
        equal("the value removed", gone.previous.value, b"2")

    def not_modified(self):
        put = self.put("modified", b"1")
        same = self.get("modified", if_revision_not=put.revision)
        equal("unchanged", same.outcome, pb.GetResponse.OUTCOME_NOT_MODIFIED)
        equal("no value", same.entry.value, b"")
        self.put("modified", b"2")
        changed = self.get("modified", if_revision_not=put.revision)
        equal("changed", changed.outcome, pb.GetResponse.OUTCOME_HIT)
        equal("the new value", changed.entry.value, b"2")

    def ttl(self):
        long = self.put("minute", b"x", ttl=Duration(seconds=60))
        left = long.expire_time.ToDatetime(tzinfo=UTC) - datetime.now(UTC)
        equal("expires in about a minute", timedelta(seconds=50) < left < timedelta(seconds=70), True)

        at = Timestamp()
        at.FromDatetime(datetime.now(UTC) + timedelta(hours=1))
        dated = self.put("hour", b"x", expire_time=at)
        equal("expires when told", abs(dated.expire_time.ToDatetime() - at.ToDatetime()) < timedelta(seconds=1), True)

        self.put("short", b"x", ttl=Duration(nanos=50_000_000))
        for _ in range(500):
            if self.get("short").outcome == pb.GetResponse.OUTCOME_MISS:
                return
            time.sleep(0.01)
        raise AssertionError("not expired within 5 s")

    def touch(self):
        put = self.put("touch", b"x")
        set_ = self.touch_key("touch", ttl=Duration(seconds=60))
        equal("touched", set_.outcome, pb.TouchResponse.OUTCOME_TOUCHED)
        equal("has an expire_time", set_.HasField("expire_time"), True)
        shorter = self.touch_key("touch", ttl=Duration(seconds=1), only_extend=True)
        equal("only_extend with less", shorter.outcome, pb.TouchResponse.OUTCOME_NOT_TOUCHED)
        longer = self.touch_key("touch", ttl=Duration(seconds=3600), only_shorten=True)
        equal("only_shorten with more", longer.outcome, pb.TouchResponse.OUTCOME_NOT_TOUCHED)
        equal("no_expiry", self.touch_key("touch", no_expiry=True).HasField("expire_time"), False)
        equal("absent", self.touch_key("absent").outcome, pb.TouchResponse.OUTCOME_NOT_FOUND)
        equal("same revision", self.get("touch").entry.revision, put.revision)

    def increment(self):
        equal("from initial", self.add("counter", initial=10, delta=5), 15)
        equal("down", self.add("counter", delta=-20), -5)
        equal("by one", self.add("counter"), -4)
        equal("stored as text", self.get("counter").entry.value, b"-4")

    def batches(self):
        one, two, none = self.key("batch/1"), self.key("batch/2"), self.key("batch/none")
        put = self.cache.BatchPut(
            pb.BatchPutRequest(
                requests=[
                    pb.PutRequest(key=one, value=b"one"),
                    pb.PutRequest(key="", value=b"bad"),
                    pb.PutRequest(key=two, value=b"two"),
                ]
            ),
            timeout=CALL_SECONDS_MAX,
        )
        equal("failed", put.failed_count, 1)
        equal("results", len(put.results), 3)
        equal("first", put.results[0].response.outcome, pb.PutResponse.OUTCOME_STORED)
        equal("code of the bad one", put.results[1].status.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])
        equal("reason of the bad one", reason(put.results[1].status), "KEY_EMPTY")
        equal("third", put.results[2].response.outcome, pb.PutResponse.OUTCOME_STORED)

        gets = [pb.GetRequest(key=key) for key in [two, none, one, two]]
        found = self.cache.BatchGet(pb.BatchGetRequest(requests=gets), timeout=CALL_SECONDS_MAX)
        equal("in order", [result.response.entry.value for result in found.results], [b"two", b"", b"one", b"two"])
        equal("the miss", found.results[1].response.outcome, pb.GetResponse.OUTCOME_MISS)

        touches = [pb.TouchRequest(key=one, ttl=Duration(seconds=60)), pb.TouchRequest(key=none)]
        touched = self.cache.BatchTouch(pb.BatchTouchRequest(requests=touches), timeout=CALL_SECONDS_MAX)
        equal("touched", touched.results[0].response.outcome, pb.TouchResponse.OUTCOME_TOUCHED)
        equal("not there", touched.results[1].response.outcome, pb.TouchResponse.OUTCOME_NOT_FOUND)

        deletes = [pb.DeleteRequest(key=one), pb.DeleteRequest(key=one)]
        deleted = self.cache.BatchDelete(pb.BatchDeleteRequest(requests=deletes), timeout=CALL_SECONDS_MAX)
        equal("deleted", deleted.results[0].response.outcome, pb.DeleteResponse.OUTCOME_DELETED)
        equal("deleted already", deleted.results[1].response.outcome, pb.DeleteResponse.OUTCOME_NOT_FOUND)

    def list(self):
        want = [f"list/{number}" for number in range(5)]
        for name in want:
            self.put(name, b"x")
        have = set()
        request = admin_pb.ListRequest(prefix=self.key("list/"), page_size=2)
        for _ in range(1000):
            page = self.admin.List(request, timeout=CALL_SECONDS_MAX)
            equal("at most two a page", len(page.entries) <= 2, True)
            equal("values", {entry.value for entry in page.entries} <= {b"x"}, True)
            have.update(entry.key for entry in page.entries)
            request.page_token = page.next_page_token
            if not page.next_page_token:
                break
        equal("keys", sorted(have), [self.key(name) for name in want])

    def purge(self):
        for name in ["purge/a", "purge/b", "purged"]:
            self.put(name, b"x")
        purged = self.admin.Purge(admin_pb.PurgeRequest(prefix=self.key("purge/")), timeout=CALL_SECONDS_MAX)
        equal("revision", purged.revision > 0, True)
        equal("a", self.get("purge/a").outcome, pb.GetResponse.OUTCOME_MISS)
        equal("b", self.get("purge/b").outcome, pb.GetResponse.OUTCOME_MISS)
        equal("the other", self.get("purged").outcome, pb.GetResponse.OUTCOME_HIT)

    def stats(self):
        before = self.admin.GetStats(admin_pb.GetStatsRequest(), timeout=CALL_SECONDS_MAX)
        self.put("stats", b"x")
        self.get("stats")
        self.get("stats/none")
        after = self.admin.GetStats(admin_pb.GetStatsRequest(), timeout=CALL_SECONDS_MAX)
        equal("puts", after.total.puts - before.total.puts, 1)
        equal("hits", after.total.hits - before.total.hits, 1)
        equal("misses", after.total.misses - before.total.misses, 1)
        equal("first namespace", after.namespaces[0].name, "default")
        equal("has a version", after.version != "", True)
        equal("has limits", min(after.total.max_entries, after.total.max_memory_bytes, after.max_key_bytes) > 0, True)

    def error_details(self):
        """Reads an error as a client of yours would: rpc_status.from_call, then the details."""
        try:
            self.cache.Get(pb.GetRequest(key=""), timeout=CALL_SECONDS_MAX)
            raise AssertionError("an empty key was accepted")
        except grpc.RpcError as error:
            status = rpc_status.from_call(error)
        equal("code", status.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])
        equal("has a message", status.message != "", True)

        info = error_details_pb2.ErrorInfo()
        bad_request = error_details_pb2.BadRequest()
        for detail in status.details:
            # Unpack does nothing where the detail is of another type.
            detail.Unpack(info)
            detail.Unpack(bad_request)
        equal("reason", info.reason, "KEY_EMPTY")
        equal("domain", info.domain, "krusty.cache.v1")
        equal("fields", [violation.field for violation in bad_request.field_violations], ["key"])
        equal("has a description", bad_request.field_violations[0].description != "", True)

    def errors(self):
        self.put("errors", b"hello")
        self.put("errors/most", str(2**63 - 1).encode())
        key = self.key("errors")
        in_an_hour, past = Timestamp(), Timestamp(seconds=1)
        in_an_hour.FromDatetime(datetime.now(UTC) + timedelta(hours=1))
        too_many = [pb.GetRequest(key=key)] * 1001
        bad = grpc.StatusCode.INVALID_ARGUMENT

        fails("key too long", bad, "KEY_TOO_LONG", self.cache.Get, pb.GetRequest(key="k" * 70_000))
        for what, why, fields in [
            ("value too large", "VALUE_TOO_LARGE", {"value": bytes(2**20 + 1)}),
            ("negative ttl", "INVALID_TTL", {"ttl": Duration(seconds=-1)}),
            ("overflowing ttl", "INVALID_TTL", {"ttl": Duration(seconds=2**63 - 1)}),
            ("expire_time in the past", "INVALID_TTL", {"expire_time": past}),
            ("ttl and expire_time", "INVALID_TTL", {"ttl": Duration(seconds=60), "expire_time": in_an_hour}),
            ("two conditions", "INVALID_CONDITION", {"if_absent": True, "if_revision": 1}),
            ("content type with a newline", "INVALID_CONTENT_TYPE", {"content_type": "a\nb"}),
        ]:
            fails(what, bad, why, self.cache.Put, pb.PutRequest(key=key, **fields))
        fails("batch of none", bad, "BATCH_SIZE", self.cache.BatchGet, pb.BatchGetRequest())
        fails("batch of 1,001", bad, "BATCH_SIZE", self.cache.BatchGet, pb.BatchGetRequest(requests=too_many))
        nonsense = admin_pb.ListRequest(page_token="nonsense")
        fails("page token", bad, "INVALID_PAGE_TOKEN", self.admin.List, nonsense)
        fails("purge of nothing", bad, "INVALID_OPTION", self.admin.Purge, admin_pb.PurgeRequest())
        nowhere = pb.GetRequest(key=key, namespace="nowhere")
        fails("unknown namespace", grpc.StatusCode.NOT_FOUND, "UNKNOWN_NAMESPACE", self.cache.Get, nowhere)
        text = pb.IncrementRequest(key=key)
        fails("increment of text", grpc.StatusCode.FAILED_PRECONDITION, "NOT_A_NUMBER", self.cache.Increment, text)
        most = pb.IncrementRequest(key=key + "/most")
        fails("past 64 bits", grpc.StatusCode.OUT_OF_RANGE, "NUMBER_OVERFLOW", self.cache.Increment, most)

        equal("nothing changed", self.get("errors").entry.value, b"hello")

    def watch(self):
        self.put("watched/1", b"one")
        target = watch_pb2.WatchTarget(prefix=self.key("watched/"))
        request = watch_pb2.WatchRequest(targets=[target], initial_state=True)
        stream = self.cache.Watch(request, timeout=CALL_SECONDS_MAX)
        equal("first", next(stream).WhichOneof("message"), "created")
        [listed] = next(stream).events.events
        equal("listed", (listed.listed, listed.entry.value), (True, b"one"))
        end = next(stream)
        equal("then", end.WhichOneof("message"), "snapshot_end")

        self.put("watched/1", b"two")
        [changed] = next(stream).events.events
        equal("type", changed.type, entry_pb2.EVENT_TYPE_PUT)
        equal("changed", (changed.listed, changed.entry.value), (False, b"two"))
        equal("revisions grow", changed.revision > listed.revision, True)
        stream.cancel()

        self.cache.Delete(pb.DeleteRequest(key=self.key("watched/1")), timeout=CALL_SECONDS_MAX)
        request.resume_token = end.resume_token
        stream = self.cache.Watch(request, timeout=CALL_SECONDS_MAX)
        equal("first, resumed", next(stream).WhichOneof("message"), "created")
        [again, deleted] = next(stream).events.events
        equal("the same again", again.revision, changed.revision)
        equal("then", deleted.type, entry_pb2.EVENT_TYPE_DELETE)
        stream.cancel()

    def watch_errors(self):
        targets = [watch_pb2.WatchTarget(key=self.key("watched/1"))]
        for why, fields in [
            ("NO_TARGET", {}),
            ("KEY_EMPTY", {"targets": [watch_pb2.WatchTarget()]}),
            ("MALFORMED_RESUME_TOKEN", {"targets": targets, "resume_token": "?"}),
            ("INVALID_OPTION", {"targets": targets, "bookmark_interval": timedelta(milliseconds=1)}),
        ]:
            fails(
                why,
                grpc.StatusCode.INVALID_ARGUMENT,
                why,
                lambda request, timeout: next(self.cache.Watch(request, timeout=timeout)),
                watch_pb2.WatchRequest(**fields),
            )

    def explain(self):
        self.put("explained", b"")
        answer = self.admin.Explain(admin_pb.ExplainRequest(key=self.key("explained")), timeout=CALL_SECONDS_MAX)
        equal("what happened", (answer.type, answer.present), (entry_pb2.EVENT_TYPE_PUT, True))
        answer = self.admin.Explain(admin_pb.ExplainRequest(key=self.key("never")), timeout=CALL_SECONDS_MAX)
        equal("nothing happened", (answer.type, answer.present), (entry_pb2.EVENT_TYPE_UNSPECIFIED, False))
        equal("since", answer.history_start_time.ToDatetime(UTC) < datetime.now(UTC), True)

    def key(self, name):
        return self.prefix + name

    def get(self, name, **fields):
        return self.cache.Get(pb.GetRequest(key=self.key(name), **fields), timeout=CALL_SECONDS_MAX)

    def put(self, name, value, **fields):
        return self.cache.Put(pb.PutRequest(key=self.key(name), value=value, **fields), timeout=CALL_SECONDS_MAX)

    def delete(self, name, **fields):
        return self.cache.Delete(pb.DeleteRequest(key=self.key(name), **fields), timeout=CALL_SECONDS_MAX)

    def touch_key(self, name, **fields):
        return self.cache.Touch(pb.TouchRequest(key=self.key(name), **fields), timeout=CALL_SECONDS_MAX)

    def add(self, name, **fields):
        return self.cache.Increment(pb.IncrementRequest(key=self.key(name), **fields), timeout=CALL_SECONDS_MAX).value


def equal(what, have, want):
    if have != want:
        raise AssertionError(f"{what}: {have!r} instead of {want!r}")


def fails(what, code, why, call, request):
    try:
        call(request, timeout=CALL_SECONDS_MAX)
    except grpc.RpcError as error:
        equal(f"{what}, code", error.code(), code)
        equal(f"{what}, reason", reason(rpc_status.from_call(error)), why)
        return
    raise AssertionError(f"{what}: no error")


def reason(status):
    """The ErrorInfo reason of a google.rpc.Status, empty if it has none."""
    info = error_details_pb2.ErrorInfo()
    for detail in status.details if status else []:
        detail.Unpack(info)
    return info.reason


def connect(address, authority_files):
    """In clear text, or with the file of a certificate authority by TLS."""
    for name in authority_files:
        with open(name, "rb") as file:
            return grpc.secure_channel(address, grpc.ssl_channel_credentials(file.read()))
    return grpc.insecure_channel(address)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: scenario.py ADDRESS KEY-PREFIX [AUTHORITY-FILE]")
    failed = False
    with connect(sys.argv[1], sys.argv[3:]) as channel:
        for name, run in Scenario(channel, sys.argv[2]).steps.items():
            try:
                run()
                print(f"ok {name}", flush=True)
            except (AssertionError, grpc.RpcError) as error:
                failed = True
                print(f"not ok {name}: {str(error) or type(error).__name__}".replace("\n", " "), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
