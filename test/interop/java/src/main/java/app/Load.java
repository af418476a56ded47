package app;

import static app.Client.equal;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import krusty.cache.v1.AdminServiceGrpc;
import krusty.cache.v1.AdminServiceOuterClass.GetStatsRequest;
import krusty.cache.v1.CacheServiceGrpc;
import krusty.cache.v1.CacheServiceOuterClass.GetRequest;
import krusty.cache.v1.CacheServiceOuterClass.GetResponse;
import krusty.cache.v1.CacheServiceOuterClass.PutRequest;

/** Many calls at once on a few connections, none of which may fail. */
final class Load {
  private static final int calls = 10_000;
  private static final int connections = 4;
  private static final int atOnce = 400;

  private final Channel[] channels = new Channel[connections];
  private final String key;
  private final Map<String, Integer> outcomes = new ConcurrentHashMap<>();

  Load(Client client, String address) {
    key = client.key("load");
    for (int at = 0; at < connections; at++) channels[at] = client.connect(address);
  }

  void run() throws InterruptedException {
    ByteString value = ByteString.copyFrom(new byte[100]);
    CacheServiceGrpc.newBlockingStub(channels[0]).put(PutRequest.newBuilder().setKey(key).setValue(value).build());
    long hitsBefore = hits();
    Semaphore slots = new Semaphore(atOnce);
    CountDownLatch answers = new CountDownLatch(calls);
    GetRequest request = GetRequest.newBuilder().setKey(key).build();
    for (int call = 0; call < calls; call++) {
      slots.acquire();
      var stub = CacheServiceGrpc.newStub(channels[call % connections]).withDeadlineAfter(20, TimeUnit.SECONDS);
      stub.get(request, new StreamObserver<>() {
        @Override
        public void onNext(GetResponse response) {
          count(response.getEntry().getValue().equals(value) ? "value" : "wrong value");
        }

        @Override
        public void onError(Throwable error) {
          count(Status.fromThrowable(error).toString());
          onCompleted();
        }

        @Override
        public void onCompleted() {
          slots.release();
          answers.countDown();
        }
      });
    }
    equal("all are answered", answers.await(60, TimeUnit.SECONDS), true);
    equal("answers", outcomes, Map.of("value", calls));
    equal("hits that the server counted", hits() - hitsBefore, (long) calls);
  }

  private void count(String outcome) {
    outcomes.merge(outcome, 1, Integer::sum);
  }

  private long hits() {
    var stub = AdminServiceGrpc.newBlockingStub(channels[0]).withDeadlineAfter(20, TimeUnit.SECONDS);
    return stub.getStats(GetStatsRequest.getDefaultInstance()).getTotal().getHits();
  }
}
